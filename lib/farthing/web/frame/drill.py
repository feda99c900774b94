"""The way into what a mark stands for, and back: charts that can be clicked, breadcrumbs, and the path between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import altair as alt
import marimo as mo
import polars as pl
import polars.selectors as cs

from farthing.charts import PICK
from farthing.explore.periods import Period
from farthing.explore.views import Step, View

type SetPath = Callable[[tuple[Step, ...]], None]


def _along(drawn: Any, **_options: Any) -> dict[str, Any]:
    """Write what is drawn, a Polars frame, into the chart itself; days as those of UTC, which axes of days show."""
    return {"values": drawn.with_columns(cs.date().dt.to_string("%FT00:00:00Z")).to_dicts()}


# Marimo would put what is drawn into a file that is gone once its cell has run again, even if the browser is still to
# ask for it. These are sums, few enough to go along. The name begins as marimo wants it to, else it takes its own way.
alt.data_transformers.register("marimo_along", _along)
alt.data_transformers.enable("marimo_along")


def clickable(chart: Any, drill: Callable[[Any], None] | None = None) -> mo.ui.altair_chart:
    """Show a chart whose marks can be clicked."""
    return mo.ui.altair_chart(chart, chart_selection=False, legend_selection=False, on_change=drill)


def pick_into(
    view: View, set_path: SetPath, *, keys: Mapping[str, str] | None = None, **dimensions: str
) -> Callable[[Any], None]:
    """Make what a chart does when a mark is clicked: drill into its values.

    :param keys: what stands for a name that is drawn, such as an account's key.
    :param dimensions: the dimension that each of the chart's columns is about, such as ``part="merchant"``.
    """
    known = keys or {}

    def drill(marks: pl.DataFrame) -> None:
        steps = [
            Step(dimension=dimension, value=known.get(name := str(marks[column].unique().item()), name))
            for column, dimension in dimensions.items()
            if column in marks.columns and marks[column].n_unique() == 1
        ]
        if steps and len(marks):
            set_path(view.into(*steps).path)

    return drill


def crumbs(
    view: View, set_path: SetPath, *, labels: Mapping[str, str] | None = None, everything: str = "All"
) -> list[mo.ui.button]:
    """Show how deep one is, each step a button that leads back to it.

    The notebook binds what is returned to a name, for marimo hears no other buttons. They are a plain list: of a press
    in a batch or array marimo tells twice, the second time to whatever stands in the button's place by then.

    :param labels: what a value is called, where that differs, such as an account's name.
    """
    named = labels or {}
    names = [everything, *(named.get(step.value, step.value) for step in view.path)]
    return [
        mo.ui.button(
            label=name,
            kind="neutral",
            disabled=depth == len(view.path),
            on_change=partial(_go_up, view, set_path, depth),
        )
        for depth, name in enumerate(names)
    ]


def in_a_row(elements: Sequence[object]) -> mo.Html:
    """Lay elements out one beside the other."""
    return mo.hstack(elements, justify="start", gap=0.3, wrap=True)


def hidden_at_will(element: mo.Html) -> mo.Html:
    """Mark what has names of merchants or accounts in it, so that the privacy switch blurs it."""
    return mo.Html(f'<div class="f-private">{element.text}</div>')


def _go_up(view: View, set_path: SetPath, depth: int, _pressed: object) -> None:
    set_path(view.up_to(depth).path)


def without(view: View, *dimensions: str) -> View:
    """Give the view without these dimensions in its path."""
    return replace(view, path=tuple(step for step in view.path if step.dimension not in dimensions))


def depth_of(view: View) -> Mapping[str, str]:
    """Give the value of each dimension that one has drilled into."""
    return {step.dimension: step.value for step in view.path}


def brushed(chart: mo.ui.altair_chart, period: Period) -> Period:
    """Read the days under a chart's brush; the whole period without one."""
    # Vega tells milliseconds since 1970 of both ends, by field.
    ends = chart.selections.get(PICK, {}).get("bucket") or []
    if len(ends) != 2:
        return period
    first, last = (datetime.fromtimestamp(end / 1000, UTC).date() for end in sorted(map(float, ends)))
    return Period(first=first, last=last)
