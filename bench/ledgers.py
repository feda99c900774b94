"""A lake of made-up ledgers, landed at once: so many entries that a build's cost is that of its SQL.

Everything is made by DuckDB in sets, from numbers that hashes give: as many entries are always the same lake. An
account has five years of a thousand entries each: sixty shops where it mostly buys, in its own town and in its bank's
own way of writing; a tenth of its purchases anywhere else; ten payments that come every month; money to and from the
account beside it; things given back. Its first answer has everything, a second one the last ninety days again.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from farthing.gocardless.landing import COLUMNS
from farthing.lake import layout
from farthing.lake.landing import with_lineage

SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
_PROVIDER = "gocardless"
_SQL = Path(__file__).with_name("ledgers.sql")
_ENTRIES_EACH, _DAYS = 5_000, 1_826
_LANDED_ON = date(2026, 9, 4)


def land_ledgers(lake: Path, transactions: int) -> int:
    """Write landing files of about so many transactions below a folder; returns how many they are exactly."""
    connection = duckdb.connect()
    variables: dict[str, int | str] = {
        "accounts": max(2, transactions // _ENTRIES_EACH),
        "entries_each": _ENTRIES_EACH + 60,  # some of those that come every month have not come yet
        "days": _DAYS,
        "merchants": str(SEEDS / "merchants.csv"),
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $1", [value])
    connection.execute(_SQL.read_text())
    for entity, columns in with_lineage(COLUMNS).items():
        key = layout.landing_key(provider=_PROVIDER, entity=entity, day=_LANDED_ON, run_id="bench")
        _write(connection, entity, columns, lake / key)
    row = connection.execute("select count(*) from main.entries").fetchone()
    assert row is not None
    return int(row[0])


def _write(connection: duckdb.DuckDBPyConnection, entity: str, columns: Iterable[str], file: Path) -> None:
    """Write a view of the schema ``landing`` with all columns of its entity, null where the view has none."""
    known = connection.execute(f"select * from landing.{entity} limit 0").description or []
    given = {column[0] for column in known}
    wanted = (f'"{name}"' if name in given else f'cast(null as varchar) as "{name}"' for name in columns)
    file.parent.mkdir(parents=True, exist_ok=True)
    sql = f"select {', '.join(wanted)} from landing.{entity}"
    connection.execute(f"copy ({sql}) to '{file}' (format parquet, compression zstd)")
