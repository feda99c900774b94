from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from farthing.charts import PALETTE, REST, REST_COLOUR, fold_rest, format_money, largest, merchant_bars, monthly_bars

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def spending() -> pl.DataFrame:
    rows = [
        (JUNE, "Housing", "950.00"),
        (JUNE, "Gifts", "20.10"),
        (JUNE, "Health", "0.02"),
        (JULY, "Housing", "950.00"),
        (JULY, "Gifts", "5.00"),
    ]
    return pl.DataFrame(
        [(month, category, Decimal(spent)) for month, category, spent in rows],
        schema={"booking_month": pl.Date, "category": pl.String, "spent": pl.Decimal(38, 4)},
        orient="row",
    )


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param("1234.5", "1,234.50 EUR", id="thousands-and-two-decimals"),
        pytest.param("-0.01", "-0.01 EUR", id="refund"),
        pytest.param("0", "0.00 EUR", id="nothing"),
    ],
)
def test_writes_money_to_two_decimals_with_its_currency(amount: str, expected: str) -> None:
    assert format_money(Decimal(amount), "EUR") == expected


def test_names_the_largest_categories_first_and_no_more_than_asked(spending: pl.DataFrame) -> None:
    assert largest(spending, keep=2) == ["Housing", "Gifts"]


def test_folds_unnamed_categories_into_one_and_loses_no_cent(spending: pl.DataFrame) -> None:
    folded = fold_rest(spending, named=["Housing"])

    assert folded.select("month", "shown_as", "spent").rows() == [
        ("Jun 2026", REST, Decimal("20.12")),
        ("Jun 2026", "Housing", Decimal("950.00")),
        ("Jul 2026", REST, Decimal("5.00")),
        ("Jul 2026", "Housing", Decimal("950.00")),
    ]


def test_draws_months_in_order_with_grey_for_the_rest(spending: pl.DataFrame) -> None:
    spec = monthly_bars(fold_rest(spending, named=["Housing"]), named=["Housing"], currency="EUR").to_dict()

    assert spec["encoding"]["x"]["sort"] == ["Jun 2026", "Jul 2026"]
    assert spec["encoding"]["color"]["scale"] == {"domain": ["Housing", REST], "range": [PALETTE[0], REST_COLOUR]}


def test_leaves_the_rest_out_of_the_legend_when_every_category_has_a_colour(spending: pl.DataFrame) -> None:
    named = ["Housing", "Gifts", "Health"]

    spec = monthly_bars(fold_rest(spending, named=named), named=named, currency="EUR").to_dict()

    assert spec["encoding"]["color"]["scale"]["domain"] == named


def test_gives_exact_amounts_to_tooltips(spending: pl.DataFrame) -> None:
    chart = monthly_bars(fold_rest(spending, named=["Housing"]), named=["Housing"], currency="EUR")

    assert chart.data["exactly"].to_list() == ["20.12 EUR", "950.00 EUR", "5.00 EUR", "950.00 EUR"]


def test_draws_the_largest_merchant_on_top() -> None:
    merchants = pl.DataFrame(
        {"merchant": ["Elm", "Oak"], "spent": [Decimal("1.00"), Decimal("2.00")], "transactions": [1, 1]}
    )

    assert merchant_bars(merchants, currency="EUR").to_dict()["encoding"]["y"]["sort"] == ["Oak", "Elm"]


def test_offers_to_send_no_data_to_an_online_editor(spending: pl.DataFrame) -> None:
    spec = monthly_bars(fold_rest(spending, named=[]), named=[], currency="EUR").to_dict()

    assert spec["usermeta"]["embedOptions"]["actions"] is False
