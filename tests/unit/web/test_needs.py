from datetime import UTC, datetime
from pathlib import Path

import pytest

from farthing.explore.books import Books, open_books
from farthing.settings import Settings
from farthing.web.needs import needs
from tests.made_up_lake import make_lake

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    make_lake(settings, today=NOW.date(), purchases=20, months=3)
    return open_books(settings)


def replaced(books: Books, mart: str, sql: str) -> Books:
    """Put other rows in the place of a mart's, for this session."""
    books.connection.execute("attach if not exists ':memory:' as other")
    books.connection.execute("create schema if not exists other.marts")
    for name in books.marts:
        source = f"({sql})" if name == mart else f"farthing.marts.{name}"
        books.connection.execute(f"create or replace view other.marts.{name} as from {source}")
    books.connection.execute("use other.marts")
    return books


def told(books: Books) -> dict[str, str]:
    return {each.sentence: each.url for each in needs(books, Settings(database_url=None), now=NOW)}


def test_tells_of_odd_payments_and_leads_to_them(books: Books) -> None:
    assert told(books)["1 payment looks odd in the last 30 days."] == "/notebooks/home/#odd"


def test_tells_of_mistakes_in_the_owners_files(books: Books) -> None:
    one = "select 'rules' as reference_table, 'a.parquet' as object_key, 2 as row_number, 'no word' as mistake"
    assert told(replaced(books, "fct_reference_faults", one))["1 mistake is in your own files and passed over."] == (
        "/notebooks/home/#mistakes"
    )


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (1, "1 entry of a bank is in no sum: without an amount or a currency."),
        (1200, "1,200 entries of banks are in no sum: without an amount or a currency."),
    ],
)
def test_tells_of_entries_that_cannot_be_read(books: Books, entries: int, said: str) -> None:
    assert not any("in no sum" in sentence for sentence in told(books))
    one = f"select 0 as failures_since, {entries} as unreadable_entries union all select 0, 0"
    assert told(replaced(books, "fct_coverage", one))[said] == "/notebooks/trust/"


def test_asks_for_no_category_of_a_payment_in_parts(tmp_path: Path) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    make_lake(settings, today=NOW.date(), purchases=200, months=2)
    books = open_books(settings)
    [(count, key)] = books.connection.execute(
        "select count(*), min(transaction_key) from marts.fct_transactions where category_source = 'none'"
    ).fetchall()
    assert f"{count} payments have no category in the last 90 days." in told(books)

    split = f"select * replace (transaction_key = '{key}' as is_split) from farthing.marts.fct_transaction_parts"
    found = told(replaced(books, "fct_transaction_parts", split))
    assert f"{count - 1} payments have no category in the last 90 days." in found


def test_tells_of_payments_without_a_rate(books: Books) -> None:
    gold = (
        "select 'XAU' as currency, 'EUR' as base_currency, 3 as transactions, 2 as unconverted union all"
        " select 'NOK', 'EUR', 9, 0"
    )
    found = told(replaced(books, "fct_rate_coverage", gold))
    assert found["2 payments in XAU have no rate to EUR, so that sums in EUR leave them out."] == (
        "/notebooks/cash_flow/?period=everything&currency=XAU"
    )
    assert not any("NOK" in sentence for sentence in found)
