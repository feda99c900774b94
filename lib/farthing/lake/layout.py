"""Where everything in the lake lies: every object key is made here."""

from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

CATALOGUE_FOLDER = "catalogue/"
CATALOGUE = "catalogue/farthing.duckdb"
CATALOGUES = "catalogue/builds/"
DICTIONARIES = "dictionary/"
MARTS = "marts/"
RAW = "raw/"
REFERENCE = "reference/"
ACCOUNT_NAMES = f"{REFERENCE}account_names/"
EXCHANGE_RATES = f"{REFERENCE}exchange_rates/"
LEFTOVER = "."  # how the name of a file begins that is still being written in a local folder

_ACCOUNT = "account="
_DAY = "date="
_FOLDED = "month-"


def raw_key(*, provider: str, endpoint: str, day: date, account_id: str, extract_id: str) -> str:
    """Key of one extract's answer."""
    return f"{raw_prefix(provider)}{endpoint}/date={day.isoformat()}/{_folder(account_id)}/{extract_id}.json.gz"


def raw_prefix(provider: str) -> str:
    """Begin of every raw key of a provider."""
    return f"{RAW}{provider}/"


def landing_key(*, provider: str, entity: str, day: date, run_id: str) -> str:
    """Key of what one run landed of one entity."""
    return f"{landing_prefix(provider, entity)}date={day.isoformat()}/{run_id}.parquet"


def folded_key(*, provider: str, entity: str, month_end: date) -> str:
    """Key of what all runs of a month landed of one entity; it lies at the last day of the month."""
    return landing_key(provider=provider, entity=entity, day=month_end, run_id=f"{_FOLDED}{month_end:%Y-%m}")


def is_folded(key: str) -> bool:
    """Whether a landing file is of a whole month rather than of one run."""
    return PurePosixPath(key).name.startswith(_FOLDED)


def day_of(key: str) -> date | None:
    """Day whose folder an object lies in; null for one that lies in none."""
    days = [part for part in key.split("/") if part.startswith(_DAY)]
    return date.fromisoformat(days[0].removeprefix(_DAY)) if days else None


def landing_schema_key(*, provider: str, entity: str) -> str:
    """Key of an entity's empty file, which names all columns and lets an empty lake be read."""
    return f"{landing_prefix(provider, entity)}schema.parquet"


def landing_prefix(provider: str, entity: str | None = None) -> str:
    """Begin of every landing key of a provider, or of one of its entities."""
    return f"landing/{provider}/" if entity is None else f"landing/{provider}/{entity}/"


def mart_key(*, model: str, build_id: str) -> str:
    """Key of one mart's file of one build; dbt's ``external_location`` macro makes the same."""
    return f"{MARTS}{model}/{build_id}.parquet"


def catalogue_key(build_id: str) -> str:
    """Key under which a build's catalogue is kept, so that going back is one copy."""
    return f"{CATALOGUES}{build_id}.duckdb"


def dictionary_key(models: str) -> str:
    """Key of the page that describes the marts of a build.

    :param models: digest of the models that the page describes.
    """
    return f"{DICTIONARIES}{models}.html.gz"


def build_of(key: str) -> str:
    """Build that a mart's file or a kept catalogue is of."""
    return PurePosixPath(key).stem


def account_name_key(*, provider: str, account_id: str, named_at: datetime) -> str:
    """Key of one naming of an account by its owner; a later one has a key of its own."""
    at = named_at.astimezone(UTC)
    return f"{account_names_prefix(provider)}{_folder(account_id)}/{at:%Y%m%dT%H%M%S.%fZ}.parquet"


def account_names_prefix(provider: str) -> str:
    """Begin of every key of the names that the owner gave to a provider's accounts."""
    return f"{ACCOUNT_NAMES}{provider}/"


def decisions_prefix(table: str) -> str:
    """Begin of every key of one table of the owner's decisions."""
    return f"{REFERENCE}{table}/"


def decisions_key(*, table: str, decided_at: datetime, digest: str) -> str:
    """Key of what the owner decided at one moment: later decisions sort behind.

    :param digest: tells two apart that were decided at the same moment.
    """
    return f"{decisions_prefix(table)}{decided_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{digest}.parquet"


def exchange_rates_key(fetched_at: datetime) -> str:
    """Key of the exchange rates that one fetch brought."""
    return f"{EXCHANGE_RATES}{fetched_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.parquet"


def account_of(key: str) -> str | None:
    """Account id that a key of one account's object names; null for an object of several accounts or none."""
    folders = [part for part in key.split("/") if part.startswith(_ACCOUNT)]
    return unquote(folders[0].removeprefix(_ACCOUNT)) if folders else None


def is_leftover(key: str) -> bool:
    """Whether a key in a local folder is what a put left that was cut short."""
    return PurePosixPath(key).name.startswith(LEFTOVER)


def claims_prefix(name: str) -> str:
    """Begin of every claim on a lease."""
    return f"lease/{name}/"


def claim_key(name: str, *, began: datetime, token: str, attempt: int) -> str:
    """Key of a claim on a lease: those that began earlier sort first.

    :param token: names the process that claims; without a dash.
    """
    return f"{claims_prefix(name)}{began.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{token}-{attempt}.json"


def token_of(key: str) -> str:
    """Token of the process whose claim a key is; empty for what is no claim's."""
    match PurePosixPath(key).stem.split("-"):
        case [_, token, _]:
            return token
    return ""


def _folder(account_id: str) -> str:
    return f"{_ACCOUNT}{quote(account_id, safe='')}"
