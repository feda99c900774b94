import duckdb
import pytest

from farthing.web.status import freshness_sentence, reconciliation_sentence


@pytest.fixture
def catalogue() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create table marts.fct_reconciliation (account_name text, is_reconciled boolean)")
    connection.execute("create table marts.fct_transactions (booking_date date)")
    return connection


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], "No account has two balances", id="nothing-to-compare"),
        pytest.param([("Joint", True), ("Joint", True)], "Every account reconciles", id="all"),
        pytest.param([("Joint", True), ("Card", False)], "1 of 2 accounts does not reconcile: Card.", id="one-not"),
        pytest.param([("A", False), ("B", None)], "2 of 2 accounts do not reconcile: A, B.", id="unknown-is-not"),
    ],
)
def test_says_which_accounts_reconcile(
    catalogue: duckdb.DuckDBPyConnection, rows: list[tuple[str, bool | None]], expected: str
) -> None:
    for row in rows:
        catalogue.execute("insert into marts.fct_reconciliation values ($1, $2)", row)

    assert expected in reconciliation_sentence(catalogue)


def test_says_that_there_are_no_transactions(catalogue: duckdb.DuckDBPyConnection) -> None:
    assert freshness_sentence(catalogue) == "There are no transactions yet."
