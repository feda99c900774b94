import polars as pl
import pytest

from farthing.explore.views import Step, View
from farthing.web.frame.drill import depth_of, pick_into, without

MARCH, RENT = Step(dimension="month", value="2026-03"), Step(dimension="category", value="Rent")


@pytest.mark.parametrize(
    ("marks", "path"),
    [
        pytest.param({"when": ["2026-03"], "part": ["Rent"]}, (MARCH, RENT), id="one-mark"),
        pytest.param({"when": ["2026-03"] * 2, "part": ["Rent", "Food"]}, (MARCH,), id="marks-of-one-month"),
        pytest.param({"when": ["2026-03"]}, (MARCH,), id="a-chart-without-parts"),
    ],
)
def test_a_click_leads_into_what_its_marks_have_in_common(marks: dict[str, list[str]], path: tuple[Step, ...]) -> None:
    paths: list[tuple[Step, ...]] = []
    pick_into(View(), paths.append, when="month", part="category")(pl.DataFrame(marks))

    assert paths == [path]


def test_a_click_beside_all_marks_leads_nowhere() -> None:
    paths: list[tuple[Step, ...]] = []
    pick_into(View(), paths.append, when="month")(pl.DataFrame({"when": []}, schema={"when": pl.String}))

    assert paths == []


def test_a_dimension_can_be_left_out() -> None:
    assert depth_of(without(View(path=(MARCH, RENT)), "month")) == {"category": "Rent"}
