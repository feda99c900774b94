"""What the owner decided, as tables of a DuckDB: only what can be read and holds now, and what was passed over."""

import duckdb
import polars as pl

from farthing.lake.reference.decisions import make_table, read_kinds
from farthing.lake.reference.faults import Fault
from farthing.lake.reference.kinds import KINDS
from farthing.lake.reference.names import read_namings
from farthing.lake.store import ObjectStore
from farthing.rates.stored import known_rates

SCHEMA = "reference"
FAULTS = "faults"


def load_reference(connection: duckdb.DuckDBPyConnection, store: ObjectStore) -> None:
    """Fill the schema ``reference``: a table of texts for each kind, and ``faults``, one row a mistake.

    A bad object or row is passed over, so that the last good decision on its subject goes on to hold.
    """
    tables, faults = read_reference(store)
    tables[FAULTS] = pl.DataFrame(
        [(each.table, each.object_key, each.row_number, each.mistake) for each in faults],
        schema={"reference_table": pl.String, "object_key": pl.String, "row_number": pl.Int32, "mistake": pl.String},
        orient="row",
    )
    connection.execute(f"create schema if not exists {SCHEMA}")
    for name, table in tables.items():
        connection.register("farthing_loading", table)
        connection.execute(f"create or replace table {SCHEMA}.{name} as from farthing_loading")
        connection.unregister("farthing_loading")


def read_reference(store: ObjectStore) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
    """Read what the owner decided, as it holds now, by table; and what is wrong with objects and rows."""
    names, faults = read_namings(store)
    rates, found = known_rates(store)
    faults += found
    tables = {"account_names": names, "exchange_rates": rates}
    for kind, (decided, found) in read_kinds(store, KINDS).items():
        newest = {each.subject: each for each in decided}
        # What is taken back on a transaction matters: another decision may have come along from a key it had before.
        is_on_transactions = any(name.endswith("transaction_key") for name in kind.identity)
        held = [each.row for each in newest.values() if each.decision or is_on_transactions]
        tables[kind.table] = make_table(kind, held)
        faults += found
    return tables, faults
