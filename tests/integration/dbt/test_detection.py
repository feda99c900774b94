"""Transfers, refunds, recurring payments and forecasts of sandbox households, held against the banks' own ledger."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from bench.detection import Figures, households, measure
from bench.sandbox_lake import SandboxLake

pytestmark = pytest.mark.integration

type Query = Callable[[str], list[tuple[Any, ...]]]

TODAY = date(2026, 9, 4)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Two years of the demo's household, with five accounts at two banks, and one of a savings bank; built once."""
    with pytest.MonkeyPatch.context() as patch:
        lake = SandboxLake(tmp_path_factory.mktemp("detection"), TODAY)
        for wanted in households(2, 31):
            lake.add(wanted)
        with lake.build(patch.setenv) as connection:
            yield connection


@pytest.fixture(scope="module")
def query(built: duckdb.DuckDBPyConnection) -> Query:
    """Return a function that runs SQL on the marts and the truth."""
    return lambda sql: built.execute(sql).fetchall()


@pytest.fixture(scope="module")
def figures(built: duckdb.DuckDBPyConnection) -> Figures:
    """Compare the marts with the truth."""
    return measure(built)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("transfer_precision", 0.99),
        ("transfer_recall", 0.99),
        ("recurring_precision", 0.95),
        ("recurring_recall", 0.9),
        ("refund_precision", 0.95),
        ("exact_accounts", 1),
    ],
)
def test_agrees_with_the_banks(figures: Figures, name: str, least: float) -> None:
    share = getattr(figures, name)
    assert share.whole > 0
    assert share.value >= least


def test_forecasts_better_than_repeating_last_month(figures: Figures) -> None:
    assert figures.backtest_days > 0
    assert figures.better_than_naive >= 0.3
    assert figures.greatest_difference == 0


def test_links_transactions_to_what_they_belong_to(query: Query) -> None:
    # Both sides of a transfer point at each other, and so do a purchase and its refund.
    assert query(
        "select count(*) > 0, bool_and(other.counter_transaction_key = one.transaction_key),"
        " bool_and(one.is_own_transfer and one.category = 'Own transfer')"
        " from marts.fct_transactions as one"
        " left join marts.fct_transactions as other on one.counter_transaction_key = other.transaction_key"
        " where one.transfer_key is not null"
    ) == [(True, True, True)]
    assert query(
        "select count(*) > 0, bool_and(purchase.refunded_by_transaction_key = refund.transaction_key)"
        " from marts.fct_transactions as refund"
        " left join marts.fct_transactions as purchase"
        " on refund.refund_of_transaction_key = purchase.transaction_key"
        " where refund.refund_of_transaction_key is not null"
    ) == [(True, True)]


def test_knows_price_steps_ends_and_what_is_due(query: Query) -> None:
    # The demo's video service costs 13.99 instead of 12.99 since October 2025; its newspaper ended in June 2026.
    assert query(
        "select status, cadence, amount_before_step, expected_amount, yearly_amount, last_step_date, next_date"
        " from marts.fct_recurring where merchant ilike 'flimmerkiste%'"
    ) == [
        (
            "active", "monthly", Decimal("-12.99"), Decimal("-13.99"), Decimal("-167.88"),
            date(2025, 10, 5), date(2026, 9, 5),
        )
    ]  # fmt: skip
    assert query(
        "select status, last_date, next_date from marts.fct_recurring where merchant ilike 'morgenblatt%'"
    ) == [("ended", date(2026, 6, 9), None)]


def test_forecasts_ninety_days_within_growing_intervals(query: Query) -> None:
    yesterday = TODAY - timedelta(days=1)
    assert query(
        "select count(distinct days_ahead), min(balance_date), max(balance_date),"
        " bool_and(low_90 <= low_50 and low_50 <= balance and balance <= high_50 and high_50 <= high_90)"
        " from marts.fct_forecast"
    ) == [(90, yesterday + timedelta(days=2), yesterday + timedelta(days=91), True)]


def test_an_interval_widens_on_the_day_on_which_what_is_due_is_unsure(query: Query) -> None:
    # How much a card's bill will be shows on its day, not little by little from today on.
    [(wider,)] = query(
        "select cast((day.high_90 - day.low_90) / (before.high_90 - before.low_90) as double)"
        " from marts.fct_forecast as day"
        " inner join marts.fct_forecast as before"
        " on day.account_key = before.account_key and day.days_ahead = before.days_ahead + 2"
        " inner join marts.dim_account as accounts on day.account_key = accounts.account_key"
        " inner join marts.fct_recurring as bill"
        " on day.account_key = bill.account_key and day.balance_date = bill.next_date and bill.kind = 'transfer'"
        " where accounts.cash_account_type = 'CARD'"
    )
    assert wider > 1.7


def test_is_not_swayed_by_what_came_later(query: Query) -> None:
    # What was known 90 days ago has nothing of the days since.
    assert query("select count(*) from intermediate.int_recurring_occurrences where booking_date > origin_date") == [
        (0,)
    ]
