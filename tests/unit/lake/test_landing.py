import io
from datetime import date

import polars as pl
import pytest

from farthing.lake.landing import EXTRACT_COLUMNS, make_table, read_extracts, write_landing, write_schemas
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def write(store: ObjectStore, *, day: date, run_id: str) -> None:
    tables = {
        "extracts": make_table(EXTRACT_COLUMNS, [{"extract_id": f"x{run_id}", "run_id": run_id}]),
        "balances": make_table(["extract_id", "balance_amount"], [{"extract_id": f"x{run_id}"}]),
        "details": make_table(["extract_id"], []),
    }
    write_landing(store, "bank", day=day, run_id=run_id, tables=tables)


def test_makes_columns_of_text_whatever_the_rows_have() -> None:
    table = make_table(["a", "b"], [{"a": "1"}, {"b": "2", "c": "3"}])

    assert table.rows() == [("1", None), (None, "2")]
    assert set(table.schema.dtypes()) == {pl.String()}


def test_writes_one_file_an_entity_that_has_rows(store: ObjectStore) -> None:
    write(store, day=date(2026, 3, 9), run_id="r")

    assert store.keys("landing/") == [
        "landing/bank/balances/date=2026-03-09/r.parquet",
        "landing/bank/extracts/date=2026-03-09/r.parquet",
    ]


def test_reads_the_extracts_of_a_day_and_later(store: ObjectStore) -> None:
    for day in (8, 9, 10):
        write(store, day=date(2026, 3, day), run_id=str(day))

    assert read_extracts(store, "bank", since=date(2026, 3, 9))["run_id"].to_list() == ["9", "10"]


def test_reads_no_extracts_where_nothing_was_landed(store: ObjectStore) -> None:
    extracts = read_extracts(store, "bank", since=date.min)

    assert extracts.rows() == []
    assert tuple(extracts.columns) == EXTRACT_COLUMNS


def test_writes_an_empty_file_with_all_columns_for_each_entity(store: ObjectStore) -> None:
    write_schemas(store, "bank", {"balances": ("amount",)})

    table = pl.read_parquet(io.BytesIO(store.get("landing/bank/balances/schema.parquet")))
    assert (table.columns, len(table)) == (["extract_id", "account_id", "amount"], 0)
    assert store.exists("landing/bank/extracts/schema.parquet")
