"""Treemaps: a rectangle a part, as large as its amount."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from farthing.charts.bars import REST_COLOUR
from farthing.charts.style import PALETTE, PICK, drawable, styled
from farthing.explore.money import HOME_LOCALE


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
    drawn = pl.concat([drawable(positive, currency, locale), corners], how="horizontal").with_columns(
        colour=pl.Series(colours, dtype=pl.String),
        ink=pl.Series(inks, dtype=pl.String),
        needs=pl.col("exactly").str.len_chars() * 7 + 16,  # about as wide as the amount is, in pixels
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
    # What fits, on a phone too: a name may be cut short, an amount may not.
    across, down = f"(datum.x2 - datum.x) * width / {width}", "datum.y2 - datum.y"
    ink = {
        "x": alt.X("x:Q", scale=flat_x, axis=None),
        "y": alt.Y("y:Q", scale=flat_y, axis=None),
        "color": alt.Color("ink:N", scale=None),
    }
    names = (
        base.transform_filter(f"{across} > 40 && {down} > 24")
        .mark_text(
            align="left",
            baseline="top",
            dx=6,
            dy=7,
            fontSize=12,
            fontWeight=600,
            limit=alt.ExprRef(expr=f"{across} - 10"),
        )
        .encode(**ink, text=alt.Text("part:N"))
    )
    amounts = (
        base.transform_filter(f"{across} > datum.needs && {down} > 40")
        .mark_text(align="left", baseline="top", dx=6, dy=23, fontSize=12)
        .encode(**ink, text=alt.Text("exactly:N"))
    )
    return styled(alt.LayerChart(layer=[boxes, names, amounts], width="container", height=height), locale=locale)


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
