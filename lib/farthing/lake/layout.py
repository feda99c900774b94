"""Where everything in the lake lies: every object key is made here."""

from datetime import date

CATALOGUE = "catalogue/farthing.duckdb"


def raw_key(*, provider: str, endpoint: str, day: date, account_id: str, extract_id: str) -> str:
    """Key of one extract's answer."""
    return f"{raw_prefix(provider)}{endpoint}/date={day.isoformat()}/account={account_id}/{extract_id}.json.gz"


def raw_prefix(provider: str) -> str:
    """Begin of every raw key of a provider."""
    return f"raw/{provider}/"


def landing_key(*, provider: str, entity: str, day: date, run_id: str) -> str:
    """Key of what one run landed of one entity."""
    return f"landing/{provider}/{entity}/date={day.isoformat()}/{run_id}.parquet"


def landing_schema_key(*, provider: str, entity: str) -> str:
    """Key of an entity's empty file, which names all columns and lets an empty lake be read."""
    return f"landing/{provider}/{entity}/schema.parquet"


def mart_key(*, model: str, build_id: str) -> str:
    """Key of one mart's file of one build; dbt's ``external_location`` macro makes the same."""
    return f"marts/{model}/{build_id}.parquet"


def catalogue_key(build_id: str) -> str:
    """Key under which a build's catalogue is kept, so that going back is one copy."""
    return f"catalogue/builds/{build_id}.duckdb"
