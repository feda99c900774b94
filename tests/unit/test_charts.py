from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing import charts
from farthing.charts import PALETTE, REST, REST_COLOUR, fold_rest, largest, squarify


@pytest.fixture
def parts() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "bucket": [date(2026, 1, 1)] * 3 + [date(2026, 2, 1)],
            "part": ["Rent", "Food", "Fun", "Food"],
            "amount": [Decimal("900.00"), Decimal("300.10"), Decimal("20.00"), Decimal("250.00")],
        }
    )


@pytest.fixture
def ranked() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "part": ["Inn", "Shop"],
            "amount": [Decimal("30.5"), Decimal("-2")],
            "entries": [3, 1],
            "then": [Decimal(9), None],
        }
    )


def test_names_the_largest_first(parts: pl.DataFrame) -> None:
    assert largest(parts, keep=2) == ["Rent", "Food"]


def test_folds_without_losing_a_cent(parts: pl.DataFrame) -> None:
    folded = fold_rest(parts, named=["Rent"])
    assert folded["amount"].sum() == parts["amount"].sum()
    assert set(folded["part"]) == {"Rent", REST}


def test_gives_each_part_its_colour_and_the_rest_grey(parts: pl.DataFrame) -> None:
    chart = charts.stacked_bars(fold_rest(parts, named=["Rent"]), named=["Rent"], currency="EUR").to_dict()
    scale = chart["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {"Rent": PALETTE[0], REST: REST_COLOUR}


def test_a_month_without_spending_keeps_its_place(parts: pl.DataFrame) -> None:
    later = parts.with_columns(bucket=pl.col("bucket").replace(date(2026, 2, 1), date(2026, 4, 1)))
    chart = charts.stacked_bars(fold_rest(later, named=["Rent"]), named=["Rent"], currency="EUR").to_dict()
    assert chart["encoding"]["x"]["scale"]["domain"] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]


def test_every_chart_that_can_be_clicked_says_what_was_picked(parts: pl.DataFrame, ranked: pl.DataFrame) -> None:
    drawn = {
        "bars": (charts.stacked_bars(parts, named=["Rent", "Food", "Fun"], currency="EUR"), ["when", "part"]),
        "ranked": (charts.ranked_bars(ranked, currency="EUR", what="Merchant"), ["part"]),
        "days": (charts.heat_map(parts, currency="EUR"), ["when"]),
        "tree": (charts.tree_map(ranked, currency="EUR", what="Merchant"), ["part"]),
    }
    for name, (chart, fields) in drawn.items():
        [param] = chart.to_dict()["params"]
        assert (name, param["name"], param["select"]["fields"]) == (name, charts.PICK, fields)


def test_no_chart_offers_to_send_its_data_away(ranked: pl.DataFrame) -> None:
    chart = charts.ranked_bars(ranked, currency="EUR", what="Merchant", locale="de_DE").to_dict()
    assert chart["usermeta"]["embedOptions"]["actions"] is False
    assert chart["usermeta"]["embedOptions"]["formatLocale"]["decimal"] == ","


@given(st.lists(st.floats(0.5, 1e6), min_size=1, max_size=30))
def test_a_tree_map_gives_each_its_share_of_the_room(sizes: list[float]) -> None:
    boxes = squarify(sorted(sizes, reverse=True), 900, 420)
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in boxes]
    expected = [size / sum(sizes) * 900 * 420 for size in sorted(sizes, reverse=True)]
    assert areas == pytest.approx(expected, rel=1e-6)
    assert all(left >= -1e-6 and right <= 900 + 1e-6 for left, _, right, _ in boxes)
    assert all(top >= -1e-6 and bottom <= 420 + 1e-6 for _, top, _, bottom in boxes)
