"""What all charts have in common: colours, the look of axes, and how frames become something to draw."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import cycle

import altair as alt
import polars as pl
from altair.utils import schemapi

from farthing.explore.money import HOME_LOCALE, format_money, number_signs

# Altair would check each part of a chart as it is made, which is a third of the work; the tests check whole charts.
schemapi.disable_debug_mode()

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
PICK = "pick"
TEXT = "var(--f-soft, #6b7280)"  # of the page's own words, by its ground; charts are SVG, which knows such colours
DAY = pl.col("bucket").dt.strftime("%-d %B %Y")
COLUMNS = alt.ExprRef(expr="width < 480 ? 2 : 4")  # of a legend; a phone has no room for more
AMOUNTS = alt.Axis(format=",~f", tickCount=5, domain=False, ticks=False)

_GRID = "#88888840"


def styled[C: (alt.Chart, alt.LayerChart)](chart: C, *, locale: str = HOME_LOCALE) -> C:
    """Give every chart the same plain look, and the numbers on its axes the signs of a locale."""
    embedding = {
        # SVG marks can be read aloud; the menu that is left out offers to send the data to Vega's online editor.
        "renderer": "svg",
        "actions": False,
        "formatLocale": number_signs(locale),
    }
    # Set, where Altair's own methods would copy the chart and all its layers each time.
    chart.config = alt.Config(
        background="transparent",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=_GRID,
            labelColor=TEXT,
            titleColor=TEXT,
            domainColor=_GRID,
            tickColor=_GRID,
        ),
        legend=alt.LegendConfig(
            labelFontSize=12, symbolSize=120, labelColor=TEXT, titleColor=TEXT, titleFontWeight="normal"
        ),
    )
    chart.usermeta = {"embedOptions": embedding}
    return chart


def drawable(frame: pl.DataFrame, currency: str, locale: str) -> pl.DataFrame:
    """Replace the decimal by what a chart needs: a float for the length of a mark, exact text for its tooltip."""
    exactly = [format_money(amount or Decimal(), currency, locale=locale) for amount in frame["amount"]]
    return frame.with_columns(
        drawn=pl.col("amount").cast(pl.Float64), exactly=pl.Series(exactly, dtype=pl.String)
    ).drop("amount")


def days_axis(days: pl.DataFrame) -> alt.X:
    """Make an axis of ``bucket`` that names days where they are few, else months, and each once."""
    first, last = days["bucket"].min(), days["bucket"].max()
    is_short = not isinstance(first, date) or not isinstance(last, date) or (last - first).days < 200
    ticks = 8 if is_short else {"interval": "month", "step": 1}
    form = "%-d %b" if is_short else "%b %Y"
    axis = alt.Axis(
        format=form, tickCount=ticks, grid=False, labelOverlap="greedy", labelSeparation=8, labelFlush=False
    )
    return alt.X("bucket:T", title=None, scale=alt.Scale(type="utc"), axis=axis)  # the same days in every time zone


def part_colours(named: Sequence[str]) -> alt.Color:
    """Give each named part a colour, with a legend where there are several."""
    colours = [colour for colour, _ in zip(cycle(PALETTE), named, strict=False)]
    return alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=list(named), range=colours),
        legend=alt.Legend(orient="bottom", columns=COLUMNS, symbolType="stroke") if len(named) > 1 else None,
    )
