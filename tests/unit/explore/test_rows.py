from datetime import date
from decimal import Decimal

import duckdb
import pytest

from farthing.explore.periods import Period
from farthing.explore.queries import condition
from farthing.explore.rows import SHOWN_ROWS, find_rows
from farthing.explore.views import View

YEAR = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))


@pytest.fixture
def books() -> duckdb.DuckDBPyConnection:
    """Hold seven payments of one farthing a day, in an order that is not theirs."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("""
        create table marts.fct_transaction_parts as
        select date '2026-01-01' + (number // 7)::int as booking_date, 'shop' as merchant,
            'text ' || number as description, 'Other' as category, 'Joint' as account_name,
            'joint' as account_key, 'GBP' as currency,
            -0.0025::decimal(19, 4) as amount, 'no rule' as category_reason, 'GBP' as base_currency,
            -0.0025::decimal(19, 4) as base_amount, md5(number::varchar) as transaction_key, 1 as part_number
        from range(2100) as numbers (number) order by hash(number)
    """)
    connection.execute("""
        create table marts.fct_daily_totals as
        select booking_date, currency, sum(amount) as amount, count(*) as transactions
        from marts.fct_transaction_parts group by all
    """)
    return connection


def test_the_newest_rows_are_those_with_which_all_of_them_begin(books: duckdb.DuckDBPyConnection) -> None:
    rows = find_rows(books, condition(View(), YEAR, currency="GBP"))

    assert (rows.count, rows.total) == (2100, Decimal("5.2500"))
    assert SHOWN_ROWS % 7  # the last day that is shown has more rows than fit
    assert rows.shown.equals(rows.query.run(books).head(SHOWN_ROWS))


def test_there_may_be_no_row(books: duckdb.DuckDBPyConnection) -> None:
    rows = find_rows(books, condition(View(), YEAR, currency="EUR"))

    assert (rows.count, rows.total, rows.shown.height) == (0, Decimal(0), 0)
    assert rows.shown.columns == rows.query.run(books).columns


def test_a_total_is_told_in_the_base_currency_where_that_is_another(books: duckdb.DuckDBPyConnection) -> None:
    where = condition(View(), YEAR, currency="GBP")
    assert find_rows(books, where).heading(currency="GBP", locale="en_GB") == "£5.25 in 2,100 payments"

    books.execute("update marts.fct_transaction_parts set base_currency = 'EUR', base_amount = amount * 2")
    rows = find_rows(books, where)
    assert rows.base_total == Decimal("10.5")
    assert rows.heading(currency="GBP", locale="en_GB") == "£5.25 (€10.50) in 2,100 payments"
    assert find_rows(books, where, as_spent=False).base_total == Decimal("-10.5")


def test_a_part_in_the_base_currency_does_not_pass_for_the_whole(books: duckdb.DuckDBPyConnection) -> None:
    books.execute(
        "update marts.fct_transaction_parts set base_currency = 'EUR',"
        " base_amount = if(description = 'text 0', null, amount)"
    )
    rows = find_rows(books, condition(View(), YEAR, currency="GBP"))
    assert rows.base_total is None
    assert rows.heading(currency="GBP", locale="en_GB") == "£5.25 in 2,100 payments"
