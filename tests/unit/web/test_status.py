import duckdb
import pytest

from farthing.web.status import freshness_sentence, reconciliation_sentence


@pytest.fixture
def catalogue() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create table marts.dim_account (account_key text, account_name text)")
    connection.execute(
        "create table marts.fct_reconciliation (account_key text, account_name text, is_reconciled boolean)"
    )
    connection.execute("create table marts.fct_transactions (booking_date date)")
    return connection


@pytest.mark.parametrize(
    ("accounts", "pairs", "expected"),
    [
        pytest.param([], [], "No account has two balances", id="no-account"),
        pytest.param(["Joint"], [], "No account has two balances", id="nothing-to-compare"),
        pytest.param(["Joint"], [(0, True), (0, True)], "Every account reconciles to the last farthing.", id="all"),
        pytest.param(
            ["Joint", "Card"], [(0, True), (1, False)], "1 of 2 accounts does not reconcile: Card.", id="one-not"
        ),
        pytest.param(
            ["A", "B"], [(0, False), (1, None)], "2 of 2 accounts do not reconcile: A, B.", id="unknown-is-not"
        ),
        pytest.param(
            ["A", "B", "C", "D", "E"],
            [(0, True), (1, True), (2, True)],
            "3 of 5 accounts reconcile to the last farthing; 2 have no two balances to compare yet.",
            id="some-were-never-compared",
        ),
        pytest.param(
            ["A", "B", "C"],
            [(0, True), (1, False)],
            "1 of 3 accounts does not reconcile: B; 1 has no two balances to compare yet.",
            id="one-not-and-one-was-never-compared",
        ),
        pytest.param(
            ["Main", "Main"], [(0, True), (1, False)], "1 of 2 accounts does not reconcile: Main.", id="namesakes"
        ),
    ],
)
def test_says_which_accounts_reconcile(
    catalogue: duckdb.DuckDBPyConnection, accounts: list[str], pairs: list[tuple[int, bool | None]], expected: str
) -> None:
    for number, name in enumerate(accounts):
        catalogue.execute("insert into marts.dim_account values ($1, $2)", [str(number), name])
    for number, is_reconciled in pairs:
        key, name = str(number), accounts[number]
        catalogue.execute("insert into marts.fct_reconciliation values ($1, $2, $3)", [key, name, is_reconciled])

    assert reconciliation_sentence(catalogue).startswith(expected)


def test_says_that_there_are_no_transactions(catalogue: duckdb.DuckDBPyConnection) -> None:
    assert freshness_sentence(catalogue) == "There are no transactions yet."
