"""Charts that more than one notebook draws: pure functions from a frame to an Altair chart, and how money is written.

Colours are Okabe and Ito's, which stay apart for every common kind of colour blindness.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import cycle

import altair as alt
import polars as pl

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
REST_COLOUR = "#9A9A9A"
REST = "All other"

_MONTH_FORMAT = "%b %Y"
_AMOUNTS = alt.Axis(format=",~f", tickCount=5, domain=False, ticks=False)


def format_money(amount: Decimal, currency: str) -> str:
    """Write an amount to two decimals with its currency, as ``1,234.50 EUR``."""
    return f"{amount:,.2f} {currency}"


def largest(spending: pl.DataFrame, *, keep: int = len(PALETTE)) -> list[str]:
    """Name the categories with the most spent, the largest first, no more than there are colours for.

    :param spending: rows of ``category`` and ``spent``.
    """
    totals = (
        spending.group_by("category").agg(pl.col("spent").sum()).sort(["spent", "category"], descending=[True, False])
    )
    return totals["category"].head(keep).to_list()


def fold_rest(spending: pl.DataFrame, *, named: Collection[str]) -> pl.DataFrame:
    """Add up the spending of each month by ``shown_as``: the named categories, and one :data:`REST` for the others.

    :param spending: rows of ``booking_month`` (date), ``category`` and ``spent`` (decimal).
    :returns: ``booking_month``, ``month`` (as a person reads it), ``shown_as`` and ``spent``, oldest month first.
    """
    return (
        spending.with_columns(shown_as=shown_as(named), month=pl.col("booking_month").dt.strftime(_MONTH_FORMAT))
        .group_by("booking_month", "month", "shown_as")
        .agg(pl.col("spent").sum())
        .sort("booking_month", "shown_as")
    )


def shown_as(named: Collection[str]) -> pl.Expr:
    """Give the name under which a row's category is drawn."""
    category = pl.col("category")
    return pl.when(category.is_in(list(named))).then(category).otherwise(pl.lit(REST))


def monthly_bars(folded: pl.DataFrame, *, named: Sequence[str], currency: str) -> alt.Chart:
    """Draw a stacked bar a month, a colour a category.

    :param folded: what :func:`fold_rest` returns.
    :param named: the categories with a colour of their own, in the order of the legend.
    """
    order = [*named, *([REST] if REST in folded["shown_as"] else [])]
    colours = [REST_COLOUR if name == REST else colour for name, colour in zip(order, cycle(PALETTE), strict=False)]
    months = folded.sort("booking_month")["month"].unique(maintain_order=True).to_list()
    return _styled(
        alt.Chart(_drawable(folded, currency).with_columns(rank=_rank(order)).drop("booking_month"))
        .mark_bar(cursor="pointer", stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("month:O", sort=months, title=None, axis=alt.Axis(labelAngle=-45 if len(months) > 8 else 0)),
            y=alt.Y("drawn:Q", title=f"Spent ({currency})", axis=_AMOUNTS),
            color=alt.Color(
                "shown_as:N",
                title=None,
                scale=alt.Scale(domain=order, range=colours),
                legend=alt.Legend(orient="right", symbolType="square"),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("month:O", title="Month"),
                alt.Tooltip("shown_as:N", title="Category"),
                alt.Tooltip("exactly:N", title="Spent"),
            ],
        )
        .properties(width="container", height=300)
    )


def merchant_bars(merchants: pl.DataFrame, *, currency: str) -> alt.Chart:
    """Draw a bar a merchant, the largest on top, with its amount beside it.

    :param merchants: rows of ``merchant``, ``spent`` (decimal) and ``transactions`` (a count).
    """
    order = merchants.sort(["spent", "merchant"], descending=[True, False])["merchant"].to_list()
    return _styled(
        alt.Chart(_drawable(merchants, currency))
        .mark_bar(cursor="pointer", color=PALETTE[0])
        .encode(
            x=alt.X("drawn:Q", title=f"Spent ({currency})", axis=_AMOUNTS),
            y=alt.Y("merchant:N", sort=order, title=None, axis=alt.Axis(labelLimit=240)),
            tooltip=[
                alt.Tooltip("merchant:N", title="Merchant"),
                alt.Tooltip("exactly:N", title="Spent"),
                alt.Tooltip("transactions:Q", title="Transactions"),
            ],
        )
        .properties(width="container", height=alt.Step(22))
    )


def _styled(chart: alt.Chart) -> alt.Chart:
    """Give every chart the same plain look."""
    styled: alt.Chart = (
        chart.configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e4e4e4")
        .configure_legend(labelFontSize=12, symbolSize=120)
        # SVG marks can be read aloud; the menu that is left out offers to send the data to Vega's online editor.
        .properties(usermeta={"embedOptions": {"renderer": "svg", "actions": False}})
    )
    return styled


def _drawable(frame: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Replace the decimal by what a chart needs: a float for the length of a mark, exact text for its tooltip."""
    exactly = [format_money(amount, currency) for amount in frame["spent"]]
    return frame.with_columns(drawn=pl.col("spent").cast(pl.Float64), exactly=pl.Series(exactly, dtype=pl.String)).drop(
        "spent"
    )


def _rank(order: Sequence[str]) -> pl.Expr:
    return pl.col("shown_as").replace_strict({name: rank for rank, name in enumerate(order)}, return_dtype=pl.Int64)
