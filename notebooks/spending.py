# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Spending · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from collections.abc import Callable
    from dataclasses import replace
    from datetime import UTC, datetime, timedelta
    from decimal import Decimal
    from functools import partial

    import altair as alt
    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.books import Books
    from farthing.explore.periods import Period
    from farthing.explore.queries import Condition, Query
    from farthing.explore.rows import find_rows
    from farthing.explore.scope import Scope
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
    books, _asked = frame.begin()
    get_path, set_path = mo.state(_asked.path)
    filters, get_filters = frame.filters(
        books,
        _asked,
        more={
            "compared": partial(
                mo.ui.dropdown, COMPARISONS, value=COMPARISONS[0], label="Compare with", allow_select_none=False
            ),
            "drawn_as": partial(mo.ui.dropdown, DRAWINGS, value=DRAWINGS[0], label="Draw as", allow_select_none=False),
        },
    )
    frame.head(books, filters)
    return books, filters, get_filters, get_path, set_path


@app.cell
def _(books, get_filters, get_path, today):
    scope = frame.scope_of(books, get_filters(), path=get_path(), today=today)
    where = scope.where(SPENDING)
    return scope, where


@app.cell
def _(books, get_filters, scope, where):
    rows = frame.tell(lambda: find_rows(books.connection, where))
    _before, _before_in_base, _name = compared(books, scope, how=get_filters()["compared"])
    frame.figures(
        (f"Spent · {scope.period.label}", scope.money(rows.total), scope.beside(rows.base_total, payments(rows.count))),
        (_name, scope.money(_before), scope.beside(_before_in_base, "to compare with")),
        ("Difference", scope.change(rows.total - _before), ratio(rows.total, _before)),
    )
    return (rows,)


@app.cell
def _(books, scope, set_path):
    _labels = {key: label for label, key in frame.account_labels(books).items()}
    trail = frame.crumbs(scope.view, set_path, labels=_labels, everything="All spending")
    frame.hidden_at_will(frame.in_a_row(trail))
    return


@app.cell
def _(books, get_filters, scope, set_path, where):
    _unit = bucket_of(scope)
    _parts = frame.ask(books, by_bucket(where, _unit))
    mo.stop(_parts.is_empty(), frame.note(f"Nothing was spent here {scope.period.when}. Choose another period above."))
    _style = {"currency": scope.currency, "locale": scope.locale}
    if get_filters()["drawn_as"] == "Treemap":
        _what = next_dimension(scope.view)
        _query = ranked(where, _what)
        _chart: alt.Chart | alt.LayerChart = charts.tree_map(
            frame.ask(books, _query), what=_what.capitalize(), **_style
        )
        _drill = frame.pick_into(scope.view, set_path, part=_what)
    elif get_filters()["drawn_as"] == "Calendar":
        _query = by_day(where)
        _chart = charts.heat_map(frame.ask(books, _query), **_style)
        _drill = frame.pick_into(scope.view, set_path, when="day")
    else:
        _query = by_bucket(where, _unit)
        _named = charts.largest(_parts)
        _chart = charts.stacked_bars(charts.fold_rest(_parts, named=_named), named=_named, unit=_unit, **_style)
        _drill = pick_bar(scope.view, set_path, _unit)
    chart = frame.clickable(_chart, _drill)
    mo.vstack([chart, frame.the_sql(_query)])
    return


@app.cell
def _(books, get_filters, scope, set_path, where):
    dimension = next_dimension(scope.view)
    _queries = [ranked(where, dimension)]
    _ranked = frame.ask(books, _queries[0]).head(MOST)
    mo.stop(_ranked.is_empty())
    _span = comparison_span(scope.period, get_filters()["compared"])
    if _span is not None:
        _queries.append(ranked(scope.over(_span).where(SPENDING), dimension))
        _before = frame.ask(books, _queries[1])
        _ranked = _ranked.join(_before.select("part", then="amount"), on="part", how="left")
    _drill = frame.pick_into(scope.view, set_path, part=dimension)
    bars = frame.clickable(
        charts.ranked_bars(_ranked, currency=scope.currency, what=dimension.capitalize(), locale=scope.locale),
        _drill,
    )
    into = mo.ui.dropdown(
        _ranked["part"].to_list(),
        label="Look into",
        searchable=True,
        on_change=lambda part: part and _drill(pl.DataFrame({"part": [part]})),
    )
    _largest = f"The {MOST} largest. " if len(_ranked) == MOST else ""
    _tick = f"The orange tick is {get_filters()['compared']}." if _span else ""
    mo.vstack([mo.md(f"## By {dimension}"), mo.md(f"{_largest}{_tick}"), bars, into, frame.the_sql(*_queries)])
    return bars, into


@app.cell
def _(books, rows, scope):
    frame.rows_block(rows, books, scope, name="spending", title="Spent")
    return


@app.function
def totals(where: Condition) -> Query:
    """Add up what was spent."""
    return where.query("select coalesce(-sum(amount), 0) as spent from {totals} where\n    {where}")


@app.function
def by_bucket(where: Condition, unit: str) -> Query:
    """Add up what was spent by ``bucket`` (the first day of a year or month, or a day) and category."""
    return where.query(
        "select date_trunc($unit, booking_date)::date as bucket, category as part, -sum(amount) as amount\n"
        "from {totals}\nwhere\n    {where}\ngroup by all\norder by all",
        unit=unit,
    )


@app.function
def by_day(where: Condition) -> Query:
    """Add up what was spent by day."""
    return where.query(
        "select booking_date as bucket, -sum(amount) as amount\nfrom {totals}\nwhere\n    {where}\n"
        "group by all\norder by all"
    )


@app.function
def ranked(where: Condition, dimension: str) -> Query:
    """Add up what was spent by a dimension, the most first."""
    column = {"category": "category", "merchant": "merchant", "account": "account_name"}[dimension]
    return where.query(
        f"select {column} as part, -sum(amount) as amount, sum(transactions)::bigint as entries\n"
        "from {totals}\nwhere\n    {where}\ngroup by all\norder by amount desc, part"
    )


@app.function
def bucket_of(scope: Scope) -> str:
    """Choose what a bar is: days within a month, years for long periods, else months."""
    inside, period = frame.depth_of(scope.view), scope.period
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
def compared(books: Books, scope: Scope, *, how: str) -> tuple[Decimal, Decimal | None, str]:
    """Give the figure to compare with, the same in the base currency where that is another, and its name.

    The usual month is the average of the twelve full months before the period, for as many months as that has.
    """
    period = scope.period
    outside = replace(scope, view=frame.without(scope.view, "year", "month", "day"))
    span = comparison_span(period, how)
    months = Period(first=period.year_before().first, last=period.first - timedelta(days=1))
    bounds = books.bounds()
    before = span or (months.within(*bounds) if bounds else months)
    where = outside.over(before).where(SPENDING)
    spent = frame.ask(books, totals(where))["spent"].item()
    base = frame.ask_in_base(books, scope, where, as_spent=True)
    if span is not None:
        return spent, base, span.label

    def usual(amount: Decimal) -> Decimal:
        return (amount * period.days / before.days).quantize(Decimal("0.01"))

    return usual(spent), None if base is None else usual(base), "The usual for as many days"


@app.function
def ratio(now: Decimal, then: Decimal) -> str:
    """Write a change as a percentage."""
    if then <= 0:
        return "nothing to compare with"
    change = round((now - then) / then * 100)
    return f"{change:+} %" if change else "the same within 1 %"


@app.function
def payments(count: int) -> str:
    """Count payments in words."""
    return "1 payment" if count == 1 else f"{count:,} payments"


if __name__ == "__main__":
    app.run()
