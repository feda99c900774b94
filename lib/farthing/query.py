"""People's own SQL on the published marts: read-only, and nothing but the lake in reach."""

import json

import duckdb
import polars as pl

from farthing.errors import FarthingError
from farthing.lake.catalogue import open_catalogue
from farthing.settings import Settings


class QueryRefusedError(FarthingError):
    """The statement is no single SELECT, or DuckDB cannot run it; the message says which."""


def run_select(settings: Settings, query: str) -> pl.DataFrame:
    """Run one SELECT on the catalogue and return its rows.

    :raises QueryRefusedError: if it is anything else, or does not run.
    :raises NothingPublishedError: if there is no build to ask.
    """
    connection = open_catalogue(settings)
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryRefusedError("Only one SELECT statement is answered here, such as: from marts.dim_account")
        root = settings.lake_url.removeprefix("file://").replace("'", "''")
        connection.execute(f"set allowed_directories=['{root}/marts/', '{root}/catalogue/']")
        connection.execute("set enable_external_access=false")
        connection.execute("set lock_configuration=true")
        return connection.execute(query).pl()
    except duckdb.Error as exc:
        raise QueryRefusedError(str(exc).split("\n\n")[0]) from None
    finally:
        connection.close()


def to_csv(answer: pl.DataFrame) -> str:
    """Write rows as CSV; lists and structures, for which it has no form, as JSON."""
    nested = [name for name, kind in answer.schema.items() if kind.is_nested()]
    texts = [pl.Series(name, [json.dumps(value, default=str) for value in answer[name].to_list()]) for name in nested]
    return answer.with_columns(texts).write_csv()
