"""Calendars: a colour a day."""

import altair as alt
import polars as pl

from farthing.charts.style import PICK, drawable, styled
from farthing.explore.money import HOME_LOCALE

HEAT = ("#9CC3E0", "#E69F00", "#B3390B")  # little to much; neither end is lost on a light page or a dark one

# The first week that begins in a month is named for it, and the first of a year for both.
_MONTH_OF_WEEK = (
    "date(toDate(datum.value)) > 7 ? ''"
    " : timeFormat(toDate(datum.value), month(toDate(datum.value)) == 0 ? '%b %Y' : '%b')"
)


def heat_map(days: pl.DataFrame, *, currency: str, title: str = "Spent", locale: str = HOME_LOCALE) -> alt.Chart:
    """Draw a calendar, a column a week and a row a weekday; a click picks ``when``.

    :param days: rows of ``bucket`` (date) and ``amount`` (decimal); a day without amount may be missing.
    """
    drawn = drawable(days, currency, locale).with_columns(
        when=pl.col("bucket").cast(pl.String),
        label=pl.col("bucket").dt.strftime("%A, %-d %B %Y"),
        weekday=pl.col("bucket").dt.strftime("%a"),
        week=pl.col("bucket").dt.truncate("1w").cast(pl.String),
    )
    chart: alt.Chart = (
        alt.Chart(drawn.drop("bucket"))
        .mark_rect(cursor="pointer", cornerRadius=2, stroke="#88888830", strokeWidth=1)
        .encode(
            x=alt.X(
                "week:O",
                title=None,
                axis=alt.Axis(labelAngle=0, labelExpr=_MONTH_OF_WEEK, labelOverlap="greedy", ticks=False, domain=False),
            ),
            y=alt.Y("weekday:O", sort=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], title=None),
            color=alt.Color(
                "drawn:Q",
                title=f"{title} ({currency})",
                scale=alt.Scale(range=HEAT, type="symlog", interpolate="rgb"),
                legend=alt.Legend(orient="bottom", gradientLength=220, format=",~f"),
            ),
            tooltip=[alt.Tooltip("label:N", title="Day"), alt.Tooltip("exactly:N", title=title)],
        )
        .add_params(alt.selection_point(name=PICK, fields=["when"]))
        .properties(width="container", height=170)
    )
    return styled(chart, locale=locale)
