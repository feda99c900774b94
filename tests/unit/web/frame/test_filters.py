import pytest

from farthing.explore.views import DEFAULT_PERIOD
from farthing.web.frame.filters import TYPED, chosen_view


@pytest.mark.parametrize(
    ("preset", "typed", "period"),
    [
        ("last year", "", "last year"),
        ("last year", " 2025-Q1 ", "2025-Q1"),
        (TYPED, "2025-Q1", "2025-Q1"),
        (TYPED, "", DEFAULT_PERIOD),
    ],
)
def test_what_is_typed_counts_before_what_is_picked(preset: str, typed: str, period: str) -> None:
    values = {"preset": preset, "typed": typed, "currency": "EUR", "accounts": ["joint"]}

    view = chosen_view(values, ())

    assert (view.period, view.accounts, view.categories) == (period, ("joint",), ())
