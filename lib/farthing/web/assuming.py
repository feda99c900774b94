"""How a person says what the forecast is to assume: sliders and fields, as the page's address has them at first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import marimo as mo

from farthing.explore.what_if import Assumptions

_ONE_OFF = 13  # days ahead, where nobody has chosen


def elements_of(
    asked: Assumptions, series: Mapping[str, str], categories: Sequence[str], *, days: Sequence[date]
) -> dict[str, Callable[..., Any]]:
    """Give what makes each element, by the name of the assumption that it is about.

    :param asked: what they show at first, as far as it is still there to be chosen.
    :param series: keys of what is due, by label.
    :param categories: what was spent on.
    :param days: those that are told.
    """
    label = next((label for label, key in series.items() if key == asked.series_key), None)
    is_known = asked.category in categories
    return {
        "series_key": partial(
            mo.ui.dropdown, dict(series), value=label or next(iter(series), None), label="Of what is due"
        ),
        "series_percent": _percentage(asked.series_percent if label else 0),
        "category": partial(
            mo.ui.dropdown,
            categories,
            value=asked.category if is_known else next(iter(categories), None),
            label="Of spending on",
        ),
        "category_percent": _percentage(asked.category_percent if is_known else 0),
        "one_off": partial(
            mo.ui.text,
            value=str(asked.one_off) if asked.one_off else "",
            label="One-off amount",
            placeholder="-900 or 250",
        ),
        "one_off_on": partial(
            mo.ui.date,
            start=days[0],
            stop=days[-1],
            value=asked.one_off_on if asked.one_off_on in days else days[min(_ONE_OFF, len(days) - 1)],
            label="on",
        ),
    }


def _percentage(value: int) -> Callable[..., mo.ui.slider]:
    """Make what makes a slider of a change; it tells its value when it is let go."""
    return partial(mo.ui.slider, -100, 100, 1, value=value, label="by %", show_value=True, debounce=True)
