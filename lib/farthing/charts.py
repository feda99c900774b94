"""Charts that more than one notebook draws: pure functions from a frame to an Altair chart.

Colours are Okabe and Ito's, which stay apart for every common kind of colour blindness; what is drawn suits a light
page and a dark one. A chart that can be clicked has the selection :data:`PICK` over the fields that tell a mark.
Channels are given as objects: Altair looks through its whole schema to read one from a text.
"""

from collections.abc import Collection, Sequence
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
REST_COLOUR = "#9A9A9A"
REST = "All other"
HEAT = ("#9CC3E0", "#E69F00", "#B3390B")  # little to much; neither end is lost on a light page or a dark one
PICK = "pick"

_GRID = "#88888840"
_TEXT = "var(--f-soft, #6b7280)"  # of the page's own words, by its ground; charts are SVG, which knows such colours
# The first week that begins in a month is named for it, and the first of a year for both.
_MONTH_OF_WEEK = (
    "date(toDate(datum.value)) > 7 ? ''"
    " : timeFormat(toDate(datum.value), month(toDate(datum.value)) == 0 ? '%b %Y' : '%b')"
)
_DAY = pl.col("bucket").dt.strftime("%-d %B %Y")
_COLUMNS = alt.ExprRef(expr="width < 480 ? 2 : 4")  # of a legend; a phone has no room for more
_STEPS = [step * 10**power for power in range(7) for step in (1, 2, 5)]  # where equal steps would all be at the top
_AMOUNTS = alt.Axis(format=",~f", tickCount=5, domain=False, ticks=False)


def largest(parts: pl.DataFrame, *, keep: int = len(PALETTE)) -> list[str]:
    """Name the parts with the highest amounts, the highest first, no more than there are colours for.

    :param parts: rows of ``part`` and ``amount``.
    """
    totals = parts.group_by("part").agg(pl.col("amount").sum()).sort(["amount", "part"], descending=[True, False])
    return totals["part"].head(keep).to_list()


def fold_rest(parts: pl.DataFrame, *, named: Collection[str]) -> pl.DataFrame:
    """Add up each bucket by part: the named ones, and one :data:`REST` for the others.

    :param parts: rows of ``bucket`` (date), ``part`` and ``amount`` (decimal).
    :returns: the same columns, oldest bucket first.
    """
    part = pl.when(pl.col("part").is_in(list(named))).then(pl.col("part")).otherwise(pl.lit(REST))
    return parts.with_columns(part=part).group_by("bucket", "part").agg(pl.col("amount").sum()).sort("bucket", "part")


def stacked_bars(
    folded: pl.DataFrame,
    *,
    named: Sequence[str],
    currency: str,
    unit: str = "month",
    title: str = "Spent",
    locale: str = HOME_LOCALE,
) -> alt.Chart:
    """Draw a stacked bar a bucket, a colour a part; a click picks ``when`` and ``part``.

    :param folded: what :func:`fold_rest` returns.
    :param named: the parts with a colour of their own, in the order of the legend.
    :param unit: what a bucket is: ``year``, ``month`` or ``day``.
    """
    form = {"year": "%Y", "month": "%b %Y", "day": "%-d %b %Y"}[unit]
    order = [*named, *([REST] if REST in folded["part"] else [])]
    colours = [REST_COLOUR if name == REST else colour for name, colour in zip(order, cycle(PALETTE), strict=False)]
    drawn = _drawable(folded, currency, locale).with_columns(
        rank=_rank(order),
        when=pl.col("bucket").dt.strftime({"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}[unit]),
        label=pl.col("bucket").dt.strftime(form),
    )
    labels = _every(drawn["bucket"], unit).dt.strftime(form).to_list()
    chart: alt.Chart = (
        alt.Chart(drawn.drop("bucket"))
        .mark_bar(cursor="pointer", cornerRadius=2, width=alt.ExprRef(expr="min(bandwidth('x'), 90)"))
        .encode(
            x=alt.X(
                "label:O",
                scale=alt.Scale(domain=labels),
                title=None,
                axis=alt.Axis(labelAngle=-45 if len(labels) > 6 else 0, labelOverlap=True),
            ),
            y=alt.Y("drawn:Q", title=f"{title} ({currency})", axis=_AMOUNTS),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=order, range=colours),
                legend=alt.Legend(orient="bottom", symbolType="square", columns=_COLUMNS),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("label:O", title=unit.capitalize()),
                alt.Tooltip("part:N", title="Category"),
                alt.Tooltip("exactly:N", title=title),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["when", "part"]))
        .properties(width="container", height=280)
    )
    return styled(chart, locale=locale)


def ranked_bars(
    ranked: pl.DataFrame, *, currency: str, what: str, title: str = "Spent", locale: str = HOME_LOCALE
) -> alt.LayerChart:
    """Draw a bar a part, the highest on top, its amount beside it; a click picks ``part``.

    :param ranked: rows of ``part``, ``amount`` (decimal), ``entries`` (a count), and ``then`` (decimal, drawn as a
        tick) where the part is compared with another time.
    :param what: what a part is, such as ``Merchant``.
    """
    order = ranked["part"].to_list()
    drawn = _drawable(ranked, currency, locale).with_columns(beside=pl.col("drawn"))
    if "then" in ranked.columns:
        before = pl.col("then").cast(pl.Float64)
        drawn = drawn.with_columns(before=before, beside=pl.max_horizontal("drawn", before)).drop("then")
    tips = [
        alt.Tooltip("part:N", title=what),
        alt.Tooltip("exactly:N", title=title),
        alt.Tooltip("entries:Q", title="Payments"),
    ]
    y = alt.Y(
        "part:N", sort=order, title=None, axis=alt.Axis(labelLimit=150, labelPadding=8, domain=False, ticks=False)
    )
    base = alt.Chart(drawn)
    bars = (
        base.mark_bar(cursor="pointer", color=PALETTE[0], cornerRadius=2, height=16)
        .encode(x=alt.X("drawn:Q", title=None, axis=None), y=y, tooltip=tips)
        .add_params(alt.selection_point(name=PICK, fields=["part"]))
    )
    texts = base.mark_text(align="left", dx=5, color=_TEXT, fontSize=12).encode(
        x=alt.X("beside:Q"), y=y, text=alt.Text("exactly:N"), tooltip=alt.TooltipValue(None)
    )
    layers: list[alt.Chart] = [bars, texts]
    if "then" in ranked.columns:
        layers.insert(1, base.mark_tick(color="#D55E00", thickness=3, height=20).encode(x=alt.X("before:Q"), y=y))
    return styled(alt.LayerChart(layer=layers, width="container", height=alt.Step(26)), locale=locale)


def heat_map(days: pl.DataFrame, *, currency: str, title: str = "Spent", locale: str = HOME_LOCALE) -> alt.Chart:
    """Draw a calendar, a column a week and a row a weekday; a click picks ``when``.

    :param days: rows of ``bucket`` (date) and ``amount`` (decimal); a day without amount may be missing.
    """
    drawn = _drawable(days, currency, locale).with_columns(
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


def tree_map(
    ranked: pl.DataFrame, *, currency: str, what: str, title: str = "Spent", locale: str = HOME_LOCALE
) -> alt.LayerChart:
    """Draw a rectangle a part, as large as its amount; a click picks ``part``. Amounts below zero have none.

    :param ranked: as of :func:`ranked_bars`.
    """
    width, height = 900, 420
    positive = ranked.filter(pl.col("amount") > 0).sort("amount", descending=True)
    sizes = [float(amount) for amount in positive["amount"]]
    corners = pl.DataFrame(squarify(sizes, width, height), schema=["x", "y", "x2", "y2"], orient="row")
    colours = [PALETTE[number] if number < len(PALETTE) else REST_COLOUR for number in range(positive.height)]
    # White is readable on the darker four alone.
    inks = ["#ffffff" if colour in ("#0072B2", "#009E73", "#D55E00") else "#1d2433" for colour in colours]
    drawn = pl.concat([_drawable(positive, currency, locale), corners], how="horizontal").with_columns(
        colour=pl.Series(colours, dtype=pl.String),
        ink=pl.Series(inks, dtype=pl.String),
        # About as wide as the words are, in pixels.
        needs=pl.max_horizontal(pl.col("part").str.len_chars() * 6.9, pl.col("exactly").str.len_chars() * 7) + 16,
    )
    flat_x = alt.Scale(domain=[0, width], nice=False, zero=False)
    flat_y = alt.Scale(domain=[height, 0], nice=False, zero=False)
    base = alt.Chart(drawn)
    boxes = (
        base.mark_rect(cursor="pointer", stroke="#88888880", strokeWidth=1.5, cornerRadius=3)
        .encode(
            x=alt.X("x:Q", scale=flat_x, axis=None),
            x2=alt.X2("x2:Q"),
            y=alt.Y("y:Q", scale=flat_y, axis=None),
            y2=alt.Y2("y2:Q"),
            color=alt.Color("colour:N", scale=None),
            tooltip=[
                alt.Tooltip("part:N", title=what),
                alt.Tooltip("exactly:N", title=title),
                alt.Tooltip("entries:Q", title="Payments"),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["part"]))
    )
    words = base.transform_filter(
        f"(datum.x2 - datum.x) * width / {width} > datum.needs && datum.y2 - datum.y > 40"  # what fits, on a phone too
    )
    place = {"x": alt.X("x:Q", scale=flat_x, axis=None), "y": alt.Y("y:Q", scale=flat_y, axis=None)}
    names = words.mark_text(align="left", baseline="top", dx=8, dy=8, fontSize=13, fontWeight=600).encode(
        **place, text=alt.Text("part:N"), color=alt.Color("ink:N", scale=None)
    )
    amounts = words.mark_text(align="left", baseline="top", dx=8, dy=25, fontSize=12).encode(
        **place, text=alt.Text("exactly:N"), color=alt.Color("ink:N", scale=None)
    )
    return styled(alt.LayerChart(layer=[boxes, names, amounts], width="container", height=height), locale=locale)


def lines(
    series: pl.DataFrame, *, currency: str, named: Sequence[str], title: str, locale: str = HOME_LOCALE
) -> alt.Chart:
    """Draw a line a part over days; a brush picks a span of ``bucket``.

    :param series: rows of ``bucket`` (date), ``part`` and ``amount`` (decimal).
    :param named: the parts in the order of their colours; the first is drawn thicker.
    """
    chart: alt.Chart = (
        alt.Chart(_drawable(series, currency, locale).with_columns(day=_DAY))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=_days_axis(series),
            y=alt.Y("drawn:Q", title=f"{title} ({currency})", axis=_AMOUNTS, scale=alt.Scale(zero=False)),
            color=_part_colours(named),
            tooltip=[
                alt.Tooltip("day:N", title="Day"),
                alt.Tooltip("part:N", title="Account"),
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
    drawn = _drawable(payments, currency, locale).with_columns(
        when=pl.col("bucket").cast(pl.String),
        day=_DAY,
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
    steps_of_scale = alt.Axis(format=",~f", domain=False, ticks=False, values=_STEPS) if len(named) > 1 else _AMOUNTS
    base = alt.Chart(drawn.drop("amount_before")).encode(
        x=_days_axis(drawn),
        y=alt.Y("drawn:Q", title=f"{title} ({currency})", axis=steps_of_scale, scale=scale),
        color=_part_colours(named),
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


def fan(outlook: pl.DataFrame, *, currency: str, title: str = "Balance", locale: str = HOME_LOCALE) -> alt.LayerChart:
    """Draw what balances were and are expected to be, with the intervals that half and nine in ten should fall in.

    A click on a coming day picks ``when``.

    :param outlook: rows of ``bucket`` (date), ``amount``, ``low_90``, ``low_50``, ``high_50``, ``high_90`` (decimals,
        the last four null for what was), and ``changed`` (decimal: the balance under other assumptions; null without).
    """
    bounds = ("low_90", "low_50", "high_50", "high_90")

    def written(name: str) -> pl.Series:
        texts = ["" if each is None else format_money(each, currency, locale=locale) for each in outlook[name]]
        return pl.Series(f"{name}_text", texts, dtype=pl.String)

    drawn = _drawable(outlook, currency, locale).with_columns(
        *(pl.col(name).cast(pl.Float64) for name in (*bounds, "changed")),
        *(written(name) for name in ("low_90", "high_90", "changed")),
        when=pl.col("bucket").cast(pl.String),
        day=_DAY,
    )
    scale = alt.Scale(zero=False, nice=True)
    base = alt.Chart(drawn).encode(x=_days_axis(drawn))
    coming = base.transform_filter("isValid(datum.low_90)")
    layers = [
        coming.mark_area(color=PALETTE[0], opacity=opacity, tooltip=None).encode(
            y=alt.Y(f"{low}:Q", title=f"{title} ({currency})", axis=_AMOUNTS, scale=scale), y2=alt.Y2(f"{high}:Q")
        )
        for low, high, opacity in (("low_90", "high_90", 0.16), ("low_50", "high_50", 0.26))
    ]
    layers += [
        base.transform_filter("!isValid(datum.low_90)")
        .mark_line(color=_TEXT, strokeWidth=2)
        .encode(y=alt.Y("drawn:Q")),
        coming.mark_line(color=PALETTE[0], strokeWidth=2).encode(y=alt.Y("drawn:Q")),
    ]
    if outlook["changed"].null_count() < outlook.height:
        layers.append(
            base.transform_filter("isValid(datum.changed)")
            .mark_line(color=PALETTE[5], strokeWidth=2, strokeDash=[6, 3])
            .encode(y=alt.Y("changed:Q"))
        )
    tips = [
        alt.Tooltip("day:N", title="Day"),
        alt.Tooltip("exactly:N", title="Expected"),
        alt.Tooltip("low_90_text:N", title="Nine times in ten above"),
        alt.Tooltip("high_90_text:N", title="and below"),
        alt.Tooltip("changed_text:N", title="With your changes"),
    ]
    under = alt.selection_point(name="under", fields=["when"], on="pointerover", empty=False)
    layers.append(
        coming.mark_rule(color=_TEXT, strokeWidth=7, cursor="pointer")
        .encode(
            y=alt.Y("low_90:Q"),
            y2=alt.Y2("high_90:Q"),
            opacity=alt.condition(under, alt.value(0.35), alt.value(0)),
            tooltip=tips,
        )
        .add_params(alt.selection_point(name=PICK, fields=["when"]), under)
    )
    return styled(alt.LayerChart(layer=layers, width="container", height=340), locale=locale)


def _days_axis(days: pl.DataFrame) -> alt.X:
    """Make an axis of ``bucket`` that names days where they are few, else months, and each once."""
    first, last = days["bucket"].min(), days["bucket"].max()
    is_short = not isinstance(first, date) or not isinstance(last, date) or (last - first).days < 200
    ticks = 8 if is_short else {"interval": "month", "step": 1}
    form = "%-d %b" if is_short else "%b %Y"
    axis = alt.Axis(format=form, tickCount=ticks, grid=False, labelOverlap="greedy", labelSeparation=8)
    return alt.X("bucket:T", title=None, scale=alt.Scale(type="utc"), axis=axis)  # the same days in every time zone


def _every(buckets: pl.Series, unit: str) -> pl.Series:
    """List all buckets from the first to the last: one in which nothing was spent has its place, too."""
    first, last = buckets.min(), buckets.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return buckets
    return pl.date_range(first, last, {"year": "1y", "month": "1mo", "day": "1d"}[unit], eager=True)


def _part_colours(named: Sequence[str]) -> alt.Color:
    colours = [colour for colour, _ in zip(cycle(PALETTE), named, strict=False)]
    return alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=list(named), range=colours),
        legend=alt.Legend(orient="bottom", columns=_COLUMNS, symbolType="stroke") if len(named) > 1 else None,
    )


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
            labelColor=_TEXT,
            titleColor=_TEXT,
            domainColor=_GRID,
            tickColor=_GRID,
        ),
        legend=alt.LegendConfig(
            labelFontSize=12, symbolSize=120, labelColor=_TEXT, titleColor=_TEXT, titleFontWeight="normal"
        ),
    )
    chart.usermeta = {"embedOptions": embedding}
    return chart


def squarify(sizes: Sequence[float], width: float, height: float) -> list[tuple[float, float, float, float]]:
    """Fill a rectangle with one a size, each as square as can be, the largest first.

    :param sizes: above zero, descending.
    :returns: left, top, right and bottom of each.
    """
    placed: list[tuple[float, float, float, float]] = []
    left, top, rest = 0.0, 0.0, list(sizes)
    scale = width * height / sum(rest) if rest else 1.0
    while rest:
        across, along = width - left, height - top
        short = min(across, along)
        taken = 1
        while taken < len(rest) and _worst(rest[: taken + 1], short, scale) <= _worst(rest[:taken], short, scale):
            taken += 1
        thick = sum(rest[:taken]) * scale / short if short else 0.0
        at = 0.0
        for size in rest[:taken]:
            length = size * scale / thick if thick else 0.0
            if across >= along:
                placed.append((left, top + at, left + thick, top + at + length))
            else:
                placed.append((left + at, top, left + at + length, top + thick))
            at += length
        left, top = (left + thick, top) if across >= along else (left, top + thick)
        rest = rest[taken:]
    return placed


def _worst(row: Sequence[float], short: float, scale: float) -> float:
    """Find the least square ratio of sides that a row would have."""
    if not short:
        return 1.0
    thick = sum(row) * scale / short
    return max(max(thick / (size * scale / thick), (size * scale / thick) / thick) for size in row)


def _drawable(frame: pl.DataFrame, currency: str, locale: str) -> pl.DataFrame:
    """Replace the decimal by what a chart needs: a float for the length of a mark, exact text for its tooltip."""
    exactly = [format_money(amount or Decimal(), currency, locale=locale) for amount in frame["amount"]]
    return frame.with_columns(
        drawn=pl.col("amount").cast(pl.Float64), exactly=pl.Series(exactly, dtype=pl.String)
    ).drop("amount")


def _rank(order: Sequence[str]) -> pl.Expr:
    return pl.col("part").replace_strict({name: rank for rank, name in enumerate(order)}, return_dtype=pl.Int64)
