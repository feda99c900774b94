from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.explore.what_if import (
    Assumptions,
    CategoryChange,
    Change,
    Due,
    OneOff,
    SeriesChange,
    changed,
    explain,
    series_choices,
)

ORIGIN = date(2026, 8, 31)
RENT = [
    Due(series_key="rent", name="Harbour Homes", day=date(2026, month, 1), amount=Decimal("-1150.00"))
    for month in (9, 10, 11)
]
PHONE = [Due(series_key="phone", name="Quick Fibre", day=date(2026, 9, 5), amount=Decimal("-39.99"))]
RISE = SeriesChange(payments=RENT, percent=Decimal(8), currency="EUR")
LESS = CategoryChange(
    category="Groceries", moved=Decimal("-3650.00"), days=365, percent=Decimal(-10), begin=ORIGIN, currency="EUR"
)
BONUS = OneOff(amount=Decimal("900.00"), day=date(2026, 9, 15))


@pytest.mark.parametrize(
    ("change", "day", "expected"),
    [
        pytest.param(RISE, ORIGIN, "0", id="before-the-rent"),
        pytest.param(RISE, date(2026, 9, 1), "-92.00", id="on-its-day"),
        pytest.param(RISE, date(2026, 10, 31), "-184.00", id="twice"),
        pytest.param(LESS, ORIGIN, "0.00", id="not-yet"),
        pytest.param(LESS, ORIGIN + timedelta(days=30), "30.00", id="a-tenth-of-ten-a-day"),
        pytest.param(BONUS, date(2026, 9, 14), "0", id="the-day-before"),
        pytest.param(BONUS, date(2026, 9, 15), "900.00", id="that-day"),
        pytest.param(
            SeriesChange(payments=PHONE, percent=Decimal("7.5"), currency="EUR"),
            date(2026, 9, 5),
            "-3.00",
            id="rounded-to-cents",
        ),
        pytest.param(
            SeriesChange(payments=PHONE, percent=Decimal("7.5"), currency="JPY"),
            date(2026, 9, 5),
            "-3",
            id="no-cents-in-yen",
        ),
        pytest.param(
            SeriesChange(payments=RENT, percent=Decimal(-100), currency="EUR"), date(2026, 9, 1), "1150.00", id="ended"
        ),
    ],
)
def test_a_change_moves_the_balance(change: Change, day: date, expected: str) -> None:
    assert change.effect(day) == Decimal(expected)


def days(count: int = 90) -> pl.DataFrame:
    balance = Decimal("5000.00")
    rows = [(ORIGIN, balance)]
    for number in range(1, count + 1):
        day = ORIGIN + timedelta(days=number)
        balance += Decimal("-20.5555") + sum((each.amount for each in [*RENT, *PHONE] if each.day == day), Decimal())
        rows.append((day, balance))
    return pl.DataFrame(rows, schema={"balance_date": pl.Date, "balance": pl.Decimal(38, 4)}, orient="row")


@given(
    st.integers(0, 90),
    st.decimals(-100, 100, places=1),
    st.decimals(-100, 100, places=0),
    st.decimals(-(10**6), 10**6, places=2),
)
def test_what_a_balance_is_made_of_adds_up_to_it(ahead: int, rent: Decimal, category: Decimal, amount: Decimal) -> None:
    changes: list[Change] = [
        SeriesChange(payments=RENT, percent=rent, currency="EUR"),
        CategoryChange(
            category="Fuel", moved=Decimal("-731.17"), days=365, percent=category, begin=ORIGIN, currency="EUR"
        ),
        OneOff(amount=amount, day=date(2026, 10, 10)),
    ]
    until = ORIGIN + timedelta(days=ahead)
    told = changed(days(), changes).filter(pl.col("balance_date") == until)
    made_of = explain(days(), [*RENT, *PHONE], changes, until=until)
    assert sum(made_of["amount"].to_list()) == told["changed"].item()
    assert sum(explain(days(), [*RENT, *PHONE], [], until=until)["amount"].to_list()) == told["balance"].item()


def test_without_changes_nothing_is_changed() -> None:
    assert changed(days(), [])["changed"].null_count() == 91


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            {"change": "series:8:rent,category:-20:Groceries,once:-900:2026-09-15"},
            Assumptions(
                series_key="rent",
                series_percent=8,
                category="Groceries",
                category_percent=-20,
                one_off=Decimal(-900),
                one_off_on=date(2026, 9, 15),
            ),
        ),
        ({"change": "series:800:rent,category:x:y,once:1:never,once:much:2026-09-15,what"}, Assumptions()),
        ({}, Assumptions()),
    ],
)
def test_comes_from_an_address_and_goes_back_there(address: dict[str, str], expected: Assumptions) -> None:
    assumed = Assumptions.decode(address)
    assert assumed == expected
    assert Assumptions.decode({"change": assumed.encode()}) == expected


def test_leaves_out_what_changes_nothing() -> None:
    assumed = Assumptions(series_key="rent", series_percent=8, category="Groceries", one_off=Decimal(5))
    changes = assumed.changes([*RENT, *PHONE], moved=Decimal(-3650), days=365, begin=ORIGIN, currency="EUR")
    assert [each.name for each in changes] == ["Harbour Homes +8 %"]


def test_the_costliest_series_comes_first() -> None:
    assert list(series_choices([*PHONE, *RENT])) == ["Harbour Homes", "Quick Fibre"]


def test_names_what_it_is() -> None:
    assert [each.name for each in (RISE, LESS, BONUS)] == [
        "Harbour Homes +8 %",
        "Groceries -10 %",
        "One-off on 15 September",
    ]
