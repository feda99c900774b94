"""Lines over days: of balances, and of prices with their steps."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from farthing.charts.style import AMOUNTS, DAY, PICK, days_axis, drawable, part_colours, styled
from farthing.explore.money import HOME_LOCALE, format_money

_STEPS = [step * 10**power for power in range(7) for step in (1, 2, 5)]  # where equal steps would all be at the top


def lines(
    series: pl.DataFrame,
    *,
    currency: str,
    named: Sequence[str],
    title: str,
    what: str = "Account",
    locale: str = HOME_LOCALE,
) -> alt.Chart:
    """Draw a line a part over days; a brush picks a span of ``bucket``.

    :param series: rows of ``bucket`` (date), ``part`` and ``amount`` (decimal).
    :param named: the parts in the order of their colours.
    :param what: what a part is.
    """
    chart: alt.Chart = (
        alt.Chart(drawable(series, currency, locale).with_columns(day=DAY))
        .mark_line(interpolate="step-after")
        .encode(
            # The first lies beneath the others, which may be as good as all of it: so it is thicker.
            strokeWidth=alt.condition(
                alt.datum.part == named[0], alt.value(4.5 if len(named) > 1 else 2), alt.value(2)
            ),
            x=days_axis(series),
            y=alt.Y("drawn:Q", title=f"{title} ({currency})", axis=AMOUNTS, scale=alt.Scale(zero=False)),
            color=part_colours(named),
            tooltip=[
                alt.Tooltip("day:N", title="Day"),
                alt.Tooltip("part:N", title=what),
                alt.Tooltip("exactly:N", title=title),
            ],
        )
        .add_params(alt.selection_interval(name=PICK, encodings=["x"]))
        .properties(width="container", height=280)
    )
    return styled(chart, locale=locale)


def price_steps(
    payments: pl.DataFrame, *, named: Sequence[str], currency: str, title: str = "Paid", locale: str = HOME_LOCALE
) -> alt.LayerChart:
    """Draw what each of a few parts cost over time, as a line with steps; a click on a payment picks it.

    :param payments: rows of ``bucket`` (date), ``part``, ``amount`` (decimal), ``amount_before`` (decimal, null for the
        first) and ``key``, which a click picks beside ``when``.
    :param named: the parts in the order of their colours.
    """
    drawn = drawable(payments, currency, locale).with_columns(
        when=pl.col("bucket").cast(pl.String),
        day=DAY,
        before=pl.Series(
            ["" if each is None else format_money(each, currency, locale=locale) for each in payments["amount_before"]],
            dtype=pl.String,
        ),
        is_step=(pl.col("amount_before") != payments["amount"]).fill_null(value=False),
    )
    # What costs little would lie flat beside the rent; what is one alone needs no such scale.
    scale = (
        alt.Scale(type="symlog", zero=False, nice=False, padding=16)
        if len(named) > 1
        else alt.Scale(zero=False, padding=20)
    )
    steps_of_scale = alt.Axis(format=",~f", domain=False, ticks=False, values=_STEPS) if len(named) > 1 else AMOUNTS
    base = alt.Chart(drawn.drop("amount_before")).encode(
        x=days_axis(drawn),
        y=alt.Y("drawn:Q", title=f"{title} ({currency})", axis=steps_of_scale, scale=scale),
        color=part_colours(named),
    )
    steps = base.mark_line(interpolate="step-after", strokeWidth=2, tooltip=None)
    points = (
        base.mark_point(filled=True, cursor="pointer")
        .encode(
            size=alt.condition("datum.is_step", alt.value(130), alt.value(45)),
            opacity=alt.OpacityValue(1),
            tooltip=[
                alt.Tooltip("part:N", title="Whom"),
                alt.Tooltip("day:N", title="Day"),
                alt.Tooltip("exactly:N", title=title),
                alt.Tooltip("before:N", title="Before"),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["key", "when"]))
    )
    return styled(alt.LayerChart(layer=[steps, points], width="container", height=280), locale=locale)
