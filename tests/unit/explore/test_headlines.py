from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from farthing.explore.books import Books, open_books
from farthing.explore.headlines import month_so_far, read_headlines
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


@pytest.mark.parametrize(("asked", "shown"), [("", "EUR"), ("NOK", "NOK"), ("XXX", "EUR")])
def test_shows_a_currency_that_is_used(books: Books, asked: str, shown: str) -> None:
    known = read_headlines(books, currency=asked, today=TODAY)
    worth = ask(
        books,
        f"select net_worth from marts.fct_net_worth where currency = '{shown}' and balance_date = date '2026-08-31'",
    )
    assert (known.currency, known.worth[-1]) == (shown, worth)
