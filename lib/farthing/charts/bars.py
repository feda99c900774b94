"""Bars: stacked by time, and ranked by size."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import cycle

import altair as alt
import polars as pl

from farthing.charts.style import AMOUNTS, COLUMNS, PALETTE, PICK, TEXT, drawable, styled
from farthing.explore.money import HOME_LOCALE

REST_COLOUR = "#9A9A9A"
REST = "All other"


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
    what: str = "Category",
    title: str = "Spent",
    locale: str = HOME_LOCALE,
) -> alt.Chart:
    """Draw a stacked bar a bucket, a colour a part; a click picks ``when`` and ``part``.

    :param folded: what :func:`fold_rest` returns.
    :param named: the parts with a colour of their own, in the order of the legend.
    :param unit: what a bucket is: ``year``, ``month`` or ``day``.
    :param what: what a part is.
    """
    form = {"year": "%Y", "month": "%b %Y", "day": "%-d %b %Y"}[unit]
    order = [*named, *([REST] if REST in folded["part"] else [])]
    colours = [REST_COLOUR if name == REST else colour for name, colour in zip(order, cycle(PALETTE), strict=False)]
    drawn = drawable(folded, currency, locale).with_columns(
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
            y=alt.Y("drawn:Q", title=f"{title} ({currency})", axis=AMOUNTS),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=order, range=colours),
                legend=alt.Legend(orient="bottom", symbolType="square", columns=COLUMNS),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("label:O", title=unit.capitalize()),
                alt.Tooltip("part:N", title=what),
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
    drawn = drawable(ranked, currency, locale).with_columns(beside=pl.col("drawn"))
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
    room = 10 + 7 * max(drawn["exactly"].str.len_chars().to_list(), default=0)  # pixels, for the amount beside a bar
    scale = alt.Scale(rangeMax=alt.ExprRef(expr=f"max(width - {room}, width / 3)"))
    bars = (
        base.mark_bar(cursor="pointer", color=PALETTE[0], cornerRadius=2, height=16)
        .encode(x=alt.X("drawn:Q", title=None, axis=None, scale=scale), y=y, tooltip=tips)
        .add_params(alt.selection_point(name=PICK, fields=["part"]))
    )
    texts = base.mark_text(align="left", dx=5, color=TEXT, fontSize=12).encode(
        x=alt.X("beside:Q"), y=y, text=alt.Text("exactly:N"), tooltip=alt.TooltipValue(None)
    )
    layers: list[alt.Chart] = [bars, texts]
    if "then" in ranked.columns:
        layers.insert(1, base.mark_tick(color="#D55E00", thickness=3, height=20).encode(x=alt.X("before:Q"), y=y))
    return styled(alt.LayerChart(layer=layers, width="container", height=alt.Step(26)), locale=locale)


def _every(buckets: pl.Series, unit: str) -> pl.Series:
    """List all buckets from the first to the last: one in which nothing was spent has its place, too."""
    first, last = buckets.min(), buckets.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return buckets
    return pl.date_range(first, last, {"year": "1y", "month": "1mo", "day": "1d"}[unit], eager=True)


def _rank(order: Sequence[str]) -> pl.Expr:
    return pl.col("part").replace_strict({name: rank for rank, name in enumerate(order)}, return_dtype=pl.Int64)
