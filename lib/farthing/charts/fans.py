"""Fans: what was, and what is expected with its intervals."""

import altair as alt
import polars as pl

from farthing.charts.style import AMOUNTS, DAY, PALETTE, PICK, TEXT, days_axis, drawable, styled
from farthing.explore.money import HOME_LOCALE, format_money


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

    drawn = drawable(outlook, currency, locale).with_columns(
        *(pl.col(name).cast(pl.Float64) for name in (*bounds, "changed")),
        *(written(name) for name in ("low_90", "high_90", "changed")),
        when=pl.col("bucket").cast(pl.String),
        day=DAY,
    )
    scale = alt.Scale(zero=False, nice=True)
    base = alt.Chart(drawn).encode(x=days_axis(drawn))
    coming = base.transform_filter("isValid(datum.low_90)")
    layers = [
        coming.mark_area(color=PALETTE[0], opacity=opacity, tooltip=None).encode(
            y=alt.Y(f"{low}:Q", title=f"{title} ({currency})", axis=AMOUNTS, scale=scale), y2=alt.Y2(f"{high}:Q")
        )
        for low, high, opacity in (("low_90", "high_90", 0.16), ("low_50", "high_50", 0.26))
    ]
    layers += [
        base.transform_filter("!isValid(datum.low_90)").mark_line(color=TEXT, strokeWidth=2).encode(y=alt.Y("drawn:Q")),
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
        coming.mark_rule(color=TEXT, strokeWidth=7, cursor="pointer")
        .encode(
            y=alt.Y("low_90:Q"),
            y2=alt.Y2("high_90:Q"),
            opacity=alt.condition(under, alt.value(0.35), alt.value(0)),
            tooltip=tips,
        )
        .add_params(alt.selection_point(name=PICK, fields=["when"]), under)
    )
    return styled(alt.LayerChart(layer=layers, width="container", height=340), locale=locale)
