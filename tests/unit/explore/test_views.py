from datetime import date
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.explore.periods import Period
from farthing.explore.queries import condition
from farthing.explore.views import DIMENSIONS, Step, View

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
STEPS = st.lists(
    st.builds(lambda dimension, value: Step(dimension=dimension, value=value), st.sampled_from(DIMENSIONS), TEXTS),
    max_size=4,
    unique_by=lambda step: step.dimension,
)
VIEWS = st.builds(
    lambda period, currency, accounts, categories, path: View(
        period=period, currency=currency, accounts=tuple(accounts), categories=tuple(categories), path=tuple(path)
    ),
    TEXTS.filter(lambda text: text == text.strip()),
    st.sampled_from(["", "EUR", "NOK"]),
    st.lists(TEXTS, max_size=3, unique=True),
    st.lists(TEXTS, max_size=3, unique=True),
    STEPS,
)
PERIOD = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))


@given(VIEWS)
def test_comes_back_from_an_address_as_it_was(view: View) -> None:
    query = urlsplit(view.address("/notebooks/spending/")).query
    assert View.decode(parse_qs(query, keep_blank_values=True)) == view


def test_writes_nothing_that_goes_without_saying() -> None:
    assert View().address("/notebooks/home/") == "/notebooks/home/"


def test_leaves_out_what_makes_no_sense() -> None:
    assert View.decode({"in": ["planet:mars", "month", "month:2026-01"], "other": "1"}) == View(
        path=(Step(dimension="month", value="2026-01"),)
    )


def test_drills_and_comes_back() -> None:
    view = View().into(Step(dimension="month", value="2026-01"), Step(dimension="category", value="Rent"))
    assert view.into(Step(dimension="month", value="2026-02")).path[0].value == "2026-02"
    assert view.up_to(1).path == (Step(dimension="month", value="2026-01"),)


@settings(deadline=None, max_examples=40)
@given(VIEWS)
def test_any_view_is_a_condition_whose_text_means_the_same(view: View) -> None:
    with duckdb.connect() as books:
        books.execute(
            "create schema marts; create table marts.fct_recurring_events (series_key text, transaction_keys text[])"
        )
        books.execute(
            "create table t as select 'a' as account_key, 'k' as transaction_key, 'EUR' as currency,"
            " 'Rent' as category, 'Home' as category_group, 'Inn' as merchant, date '2026-01-02' as booking_date,"
            " date '2026-01-01' as booking_month"
        )
        query = condition(view, PERIOD, currency="EUR").query("select count(*) as n from t where {where}")
        if "\0" not in query.text:  # DuckDB takes no such text
            assert query.run(books)["n"].item() == books.execute(query.text).fetchall()[0][0]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(dimension="year", value="2026"), 1),
        (Step(dimension="month", value="2026-01"), 1),
        (Step(dimension="month", value="no month"), 0),
        (Step(dimension="day", value="2026-01-02"), 1),
        (Step(dimension="merchant", value="O'Inn"), 0),
    ],
)
def test_a_step_keeps_its_rows(step: Step, expected: int) -> None:
    with duckdb.connect() as books:
        books.execute(
            "create table t as select 'EUR' as currency, 'Inn' as merchant, date '2026-01-02' as booking_date,"
            " date '2026-01-01' as booking_month"
        )
        query = condition(View().into(step), PERIOD, currency="EUR").query("select count(*) as n from t where {where}")
        assert query.run(books)["n"].item() == expected
