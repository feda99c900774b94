from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from farthing.explore.books import Books, open_books
from farthing.explore.headlines import SoFar, month_so_far, read_headlines
from farthing.explore.queries import Query
from farthing.settings import Settings
from tests.made_up_lake import make_lake

TODAY = date(2026, 8, 10)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    folder = tmp_path_factory.mktemp("headlines")
    settings = Settings(lake_url=f"file://{folder}/lake", home=folder / "home")
    make_lake(settings, today=date(2026, 8, 31), purchases=200, months=9)
    return open_books(settings)


def ask(books: Books, sql: str) -> Any:
    return Query(sql=sql).run(books.connection).item()


def test_compares_this_month_with_the_same_days_before(books: Books) -> None:
    found = month_so_far(books, "EUR", TODAY)
    days = "category_kind = 'spending' and currency = 'EUR' and day(booking_date) <= 10 and booking_month"
    assert found.amount == ask(
        books, f"select -sum(amount) from marts.fct_transactions where {days} = date '2026-08-01'"
    )
    before = ask(
        books,
        f"select -sum(amount) from marts.fct_transactions where {days} between date '2026-02-01' and date '2026-07-01'",
    )
    assert found.usual == (before / 6).quantize(Decimal("0.01"))


@pytest.fixture
def few() -> Books:
    """Hold one payment in April, one on the last day of May, and one in August, each of 60."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("""
        create table marts.fct_daily_totals as
        select day as booking_date, date_trunc('month', day)::date as booking_month, 'spending' as category_kind,
            'EUR' as currency, -60::decimal(38, 4) as amount
        from (values (date '2026-04-02'), (date '2026-05-31'), (date '2026-08-03')) as days (day)
    """)
    return Books(connection=connection, edition="few", warning=None, marts=frozenset({"fct_daily_totals"}))


@pytest.mark.parametrize(
    ("today", "kind", "amount", "usual"),
    [
        pytest.param(TODAY, "spending", 60, 15, id="of-four-known-months-one-had-any-by-then"),
        pytest.param(TODAY, "income", 0, 0, id="nothing-is-usual"),
        pytest.param(date(2026, 12, 10), "spending", 0, 10, id="of-six-months"),
        pytest.param(date(2026, 4, 10), "spending", 60, None, id="no-month-before"),
    ],
)
def test_the_usual_counts_every_month_that_is_known(
    few: Books, today: date, kind: str, amount: int, usual: int | None
) -> None:
    assert month_so_far(few, "EUR", today, kind=kind) == SoFar(
        amount=Decimal(amount), usual=None if usual is None else Decimal(usual)
    )


@pytest.mark.parametrize(("asked", "shown"), [("", "EUR"), ("NOK", "NOK"), ("XXX", "EUR")])
def test_shows_a_currency_that_is_used(books: Books, asked: str, shown: str) -> None:
    known = read_headlines(books, currency=asked, today=TODAY)
    worth = ask(
        books,
        f"select net_worth from marts.fct_net_worth where currency = '{shown}' and balance_date = date '2026-08-31'",
    )
    assert (known.currency, known.worth[-1]) == (shown, worth)
