# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Spending · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from collections.abc import Callable
    from datetime import UTC, datetime
    from decimal import Decimal

    import altair as alt
    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.books import Books
    from farthing.explore.money import format_change, format_money
    from farthing.explore.periods import Period
    from farthing.explore.queries import Condition, Query
    from farthing.explore.rows import find_rows
    from farthing.explore.views import View
    from farthing.web import frame

    SPENDING = "category_kind = 'spending'"
    COMPARISONS = ("the period before", "the year before", "the usual")
    DRAWINGS = ("Bars by month", "Treemap", "Calendar")
    MOST = 15  # bars in a list


@app.cell(hide_code=True)
def _():
    frame.header(
        "spending",
        "Spending",
        "Where does the money go? Click any mark to look into it. Transfers between your own accounts are left out;"
        " a refund counts against what was spent.",
    )
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books = frame.books_or_stop()
    asked = frame.view_of_address()
    get_path, set_path = mo.state(asked.path)
    filters = frame.filters(
        books,
        asked,
        more={
            "compared": mo.ui.dropdown(
                COMPARISONS, value=COMPARISONS[0], label="Compare with", allow_select_none=False
            ),
            "drawn_as": mo.ui.dropdown(DRAWINGS, value=DRAWINGS[0], label="Draw as", allow_select_none=False),
        },
    )
    mo.vstack([frame.standing(books), filters])
    return books, filters, get_path, set_path


@app.cell
def _(books, filters, get_path, today):
    view = frame.chosen_view(filters.value, get_path())
    period = frame.period_or_stop(view, books, today=today)
    frame.remember(view)
    where = frame.where(view, period, SPENDING)
    locale = books.locale()
    return locale, period, view, where


@app.cell
def _(books, filters, locale, period, view, where):
    _spent = frame.ask(books, totals(where))
    _then, _name = compared(books, view, period, how=filters.value["compared"])
    _total, _before = _spent["spent"].item(), _then
    frame.figures(
        (f"Spent · {period.label}", format_money(_total, view.currency, locale=locale), payments(_spent["n"].item())),
        (_name, format_money(_before, view.currency, locale=locale), "to compare with"),
        ("Difference", format_change(_total - _before, view.currency, locale=locale), ratio(_total, _before)),
    )
    return


@app.cell
def _(books, set_path, view):
    _labels = {key: label for label, key in frame.account_labels(books).items()}
    trail = frame.crumbs(view, set_path, labels=_labels, everything="All spending")
    frame.in_a_row(trail)
    return


@app.cell
def _(books, filters, locale, period, set_path, view, where):
    _unit = bucket_of(view, period)
    _parts = frame.ask(books, by_bucket(where, _unit))
    mo.stop(_parts.is_empty(), frame.note(f"Nothing was spent here in {period.label}. Choose another period above."))
    _style = {"currency": view.currency, "locale": locale}
    if filters.value["drawn_as"] == "Treemap":
        _what = next_dimension(view)
        _chart: alt.Chart | alt.LayerChart = charts.tree_map(
            frame.ask(books, ranked(where, _what)), what=_what.capitalize(), **_style
        )
        _drill = frame.pick_into(view, set_path, part=_what)
    elif filters.value["drawn_as"] == "Calendar":
        _days = frame.ask(books, by_bucket(where, "day")).group_by("bucket").agg(pl.col("amount").sum())
        _chart = charts.heat_map(_days.sort("bucket"), **_style)
        _drill = frame.pick_into(view, set_path, when="day")
    else:
        _named = charts.largest(_parts)
        _chart = charts.stacked_bars(charts.fold_rest(_parts, named=_named), named=_named, unit=_unit, **_style)
        _drill = pick_bar(view, set_path, _unit)
    chart = frame.clickable(_chart, _drill)
    mo.vstack([chart, frame.the_sql(by_bucket(where, _unit))])
    return


@app.cell
def _(books, filters, locale, period, set_path, view, where):
    dimension = next_dimension(view)
    _ranked = frame.ask(books, ranked(where, dimension)).head(MOST)
    mo.stop(_ranked.is_empty())
    _span = comparison_span(period, filters.value["compared"])
    if _span is not None:
        _before = frame.ask(books, ranked(frame.where(view, _span, SPENDING), dimension))
        _ranked = _ranked.join(_before.select("part", then="amount"), on="part", how="left")
    bars = frame.clickable(
        charts.ranked_bars(_ranked, currency=view.currency, what=dimension.capitalize(), locale=locale),
        frame.pick_into(view, set_path, part=dimension),
    )
    _into = mo.ui.dropdown(
        _ranked["part"].to_list(),
        label="Look into",
        searchable=True,
        on_change=lambda part: part and frame.pick_into(view, set_path, part=dimension)(pl.DataFrame({"part": [part]})),
    )
    _tick = f" The tick is {filters.value['compared']}." if _span else ""
    mo.vstack([mo.md(f"## By {dimension}"), mo.md(f"The {len(_ranked)} largest.{_tick}"), bars, _into])
    return


@app.cell
def _(books, view, where):
    rows = find_rows(books.connection, where)
    frame.rows_block(rows, books, currency=view.currency, name="spending")
    return


@app.function
def totals(where: Condition) -> Query:
    """Add up what was spent, and count the payments."""
    return where.query(
        "select coalesce(-sum(amount), 0) as spent, count(*) as n from marts.fct_transactions where\n    {where}"
    )


@app.function
def by_bucket(where: Condition, unit: str) -> Query:
    """Add up what was spent by ``bucket`` (the first day of a year or month, or a day) and category."""
    return where.query(
        "select date_trunc($unit, booking_date)::date as bucket, category as part, -sum(amount) as amount\n"
        "from marts.fct_transactions\nwhere\n    {where}\ngroup by all\norder by all",
        unit=unit,
    )


@app.function
def ranked(where: Condition, dimension: str) -> Query:
    """Add up what was spent by a dimension, the most first."""
    column = {"category": "category", "merchant": "merchant", "account": "account_name"}[dimension]
    return where.query(
        f"select {column} as part, -sum(amount) as amount, count(*) as entries\n"
        "from marts.fct_transactions\nwhere\n    {where}\ngroup by all\norder by amount desc, part"
    )


@app.function
def bucket_of(view: View, period: Period) -> str:
    """Choose what a bar is: days within a month, years for long periods, else months."""
    inside = frame.depth_of(view)
    if "month" in inside or "day" in inside or period.days <= 45:
        return "day"
    return "year" if period.days > 366 * 3 and "year" not in inside else "month"


@app.function
def pick_bar(view: View, set_path: frame.SetPath, unit: str) -> Callable[[pl.DataFrame], None]:
    """Drill into a bar's month and category; into the month alone where the category is all the rest."""

    def drill(marks: pl.DataFrame) -> None:
        is_rest = marks.height > 0 and (marks["part"] == charts.REST).any()
        wanted = {"when": unit} if is_rest else {"when": unit, "part": "category"}
        frame.pick_into(view, set_path, **wanted)(marks)

    return drill


@app.function
def next_dimension(view: View) -> str:
    """Choose what to break down by: the first of category and merchant that one is not in yet."""
    inside = frame.depth_of(view)
    return "category" if "category" not in inside else "merchant"


@app.function
def comparison_span(period: Period, how: str) -> Period | None:
    """Choose the period to compare with; none for an average."""
    if how == COMPARISONS[0]:
        return period.before()
    return period.year_before() if how == COMPARISONS[1] else None


@app.function
def compared(books: Books, view: View, period: Period, *, how: str) -> tuple[Decimal, str]:
    """Give the figure to compare with, and its name.

    The usual month is the average of the twelve full months before the period, for as many months as that has.
    """
    outside = frame.without(view, "year", "month", "day")
    span = comparison_span(period, how)
    if span is not None:
        return frame.ask(books, totals(frame.where(outside, span, SPENDING)))["spent"].item(), span.label
    before = Period(first=period.year_before().first, last=period.first).before()
    spent = frame.ask(books, totals(frame.where(outside, before, SPENDING)))["spent"].item()
    usual = spent * period.days / before.days
    return usual.quantize(Decimal("0.01")), "The usual for as many days"


@app.function
def ratio(now: Decimal, then: Decimal) -> str:
    """Write a change as a percentage."""
    return "nothing to compare with" if then <= 0 else f"{(now - then) / then * 100:+.0f} %"


@app.function
def payments(count: int) -> str:
    """Count payments in words."""
    return "1 payment" if count == 1 else f"{count:,} payments"


if __name__ == "__main__":
    app.run()
