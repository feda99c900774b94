from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from farthing.explore.books import Books, open_books
from farthing.explore.periods import Period
from farthing.explore.queries import Query
from farthing.explore.scope import Scope
from farthing.explore.together import EVERYTHING, find_moves, find_together, find_worths, lines_of
from farthing.explore.views import View
from farthing.settings import Settings
from tests.made_up_lake import make_lake

TODAY = date(2026, 8, 31)
SCOPE = Scope(view=View(currency="EUR"), period=Period(first=date(2026, 8, 10), last=date(2026, 9, 15)), locale="en_GB")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    folder = tmp_path_factory.mktemp("together")
    settings = Settings(lake_url=f"file://{folder}/lake", home=folder / "home")
    make_lake(settings, today=TODAY, purchases=100, months=3, by_hand=True)
    return open_books(settings)


def ask(books: Books, sql: str) -> Any:
    return Query(sql=sql).run(books.connection).item()


def converted(books: Books, day: date, *, but: str = "'XAU'") -> Any:
    return ask(
        books,
        "select sum(balance * case currency when 'NOK' then 0.085 when 'CHF' then 1.04 else 1 end)::decimal(19, 4)"
        f" from marts.fct_daily_balance where balance_date = date '{day}' and currency not in ({but})",
    )


def test_adds_up_what_has_a_rate_and_names_what_has_none(books: Books) -> None:
    found = find_together(books)
    assert found is not None
    assert found.amount == converted(books, TODAY)
    assert found.counted == ("EUR", "CHF", "NOK")  # the largest first
    assert found.words == "EUR + CHF + NOK, by rates of 31 August; without XAU, for lack of a rate"


def test_there_is_nothing_to_add_up_of_one_currency(empty_lake: Settings) -> None:
    make_lake(empty_lake, today=TODAY, purchases=5, months=2, empty=frozenset({"fct_net_worth"}))
    assert find_together(open_books(empty_lake)) is None


def test_lines_add_up_on_every_day_and_leave_out_what_lacks_a_rate(books: Books) -> None:
    lines, lacking = lines_of(find_worths(SCOPE, step="day").run(books.connection))
    assert lacking == ["XAU"]
    assert set(lines["part"]) == {"EUR", "NOK", "CHF", EVERYTHING}
    totals = dict(lines.filter(part=EVERYTHING).select("bucket", "amount").iter_rows())
    assert totals[TODAY] == converted(books, TODAY)
    assert totals[date(2026, 8, 15)] == converted(books, date(2026, 8, 15))


def test_what_moved_adds_up_to_the_change(books: Books) -> None:
    moves = find_moves(SCOPE, SCOPE.period, ["EUR", "NOK", "CHF"]).run(books.connection)
    assert moves["ended"].sum() == converted(books, TODAY)  # the newest day that is known, though the period goes on
    assert moves["began"].sum() == converted(books, date(2026, 8, 9))
    assert (moves["began"] + moves["paid"] + moves["other"]).to_list() == moves["ended"].to_list()
    # Francs in a safe and euros in a box came into the books by hand: no entry explains them.
    assert dict(moves.select("currency", "other").iter_rows()) == {"EUR": 120, "NOK": 0, "CHF": Decimal(52)}

    one = replace(SCOPE, view=View(currency="EUR", accounts=("travel",)))
    assert find_moves(one, one.period, ["EUR", "NOK"]).run(books.connection)["currency"].to_list() == ["NOK"]
