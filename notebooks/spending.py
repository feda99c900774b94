# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Spending · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from collections.abc import Callable, Mapping
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
    from farthing.explore.rows import find_rows
    from farthing.explore.scope import Scope
    from farthing.explore.spending import by_bucket, by_day, ranked, totals
    from farthing.explore.views import View
    from farthing.web import frame

    SPENDING = "category_kind = 'spending'"
    COMPARISONS = ("the period before", "the year before", "the usual")
    BREAKDOWNS = ("what comes next", "category", "merchant", "account")
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
            name: partial(
                mo.ui.dropdown, choices, value=frame.asked_choice(name, choices), label=label, allow_select_none=False
            )
            for name, choices, label in (
                ("compared", COMPARISONS, "Compare with"),
                ("drawn_as", DRAWINGS, "Draw as"),
                ("by", BREAKDOWNS, "By"),
            )
        },
    )
    frame.head(books, filters)
    return books, filters, get_filters, get_path, set_path


@app.cell
def _(books, get_filters, get_path, today):
    scope = frame.scope_of(books, get_filters(), path=get_path(), today=today)
    frame.remember_choices(get_filters(), compared=COMPARISONS, drawn_as=DRAWINGS, by=BREAKDOWNS)
    where = scope.where(SPENDING)
    accounts = frame.account_labels(books)
    return accounts, scope, where


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
def _(accounts, scope, set_path):
    _labels = {key: label for label, key in accounts.items()}
    trail = frame.crumbs(scope.view, set_path, labels=_labels, everything="All spending")
    frame.hidden_at_will(frame.in_a_row(trail))
    return


@app.cell
def _(accounts, books, get_filters, scope, set_path, where):
    _unit, _by = bucket_of(scope), get_filters()["by"]
    _part = "category" if _by == BREAKDOWNS[0] else _by
    _query = by_bucket(where, _unit, _part)
    _drawn = named(frame.ask(books, _query), _part, accounts)
    mo.stop(_drawn.is_empty(), frame.note(f"Nothing was spent here {scope.period.when}. Choose another period above."))
    _style = {"currency": scope.currency, "locale": scope.locale}
    if get_filters()["drawn_as"] == "Treemap":
        _what = next_dimension(scope.view, _by)
        _query = ranked(where, _what)
        _drawn = named(frame.ask(books, _query), _what, accounts).filter(pl.col("amount") > 0)
        _columns = {"part": _what, "amount": "spent", "entries": "payments"}
        _chart: alt.Chart | alt.LayerChart = charts.tree_map(_drawn, what=_what.capitalize(), **_style)
        _drill = frame.pick_into(scope.view, set_path, keys=accounts, part=_what)
    elif get_filters()["drawn_as"] == "Calendar":
        _query = by_day(where)
        _drawn, _columns = frame.ask(books, _query), {"bucket": "day", "amount": "spent"}
        _chart = charts.heat_map(_drawn, **_style)
        _drill = frame.pick_into(scope.view, set_path, when="day")
    else:
        _named = charts.largest(_drawn)
        _drawn, _columns = charts.fold_rest(_drawn, named=_named), {"bucket": _unit, "part": _part, "amount": "spent"}
        _chart = charts.stacked_bars(_drawn, named=_named, unit=_unit, what=_part.capitalize(), **_style)
        _drill = pick_bar(scope.view, set_path, _unit, _part, accounts)
    chart = frame.clickable(_chart, _drill)
    frame.charted(chart, _drawn, _query, scope=scope, name="spending-drawn", columns=_columns)
    return


@app.cell
def _(accounts, books, get_filters, scope, set_path, where):
    dimension = next_dimension(scope.view, get_filters()["by"])
    _queries = [ranked(where, dimension)]
    _ranked = named(frame.ask(books, _queries[0]), dimension, accounts).head(MOST)
    mo.stop(_ranked.is_empty())
    _span = comparison_span(scope.period, get_filters()["compared"])
    if _span is not None:
        _queries.append(ranked(scope.over(_span).where(SPENDING), dimension))
        _before = named(frame.ask(books, _queries[1]), dimension, accounts)
        _ranked = _ranked.join(_before.select("part", then="amount"), on="part", how="left")
    _drill = frame.pick_into(scope.view, set_path, keys=accounts, part=dimension)
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
    _columns = {"part": dimension, "amount": "spent", "entries": "payments"}
    _shown = frame.charted(
        mo.vstack([bars, into]),
        _ranked,
        *_queries,
        scope=scope,
        name=f"spending-by-{dimension}",
        columns=_columns | ({"then": f"spent in {_span.label}"} if _span else {}),
    )
    mo.vstack([mo.md(f"## By {dimension}"), mo.md(f"{_largest}{_tick}"), _shown])
    return bars, into


@app.cell
def _(books, rows, scope):
    frame.rows_block(rows, books, scope, name="spending", title="Spent")
    return


@app.function
def named(parts: pl.DataFrame, dimension: str, accounts: Mapping[str, str]) -> pl.DataFrame:
    """Call accounts by their names, where those are the parts.

    :param accounts: the key of each by name.
    """
    labels = {key: label for label, key in accounts.items()} if dimension == "account" else {}
    return parts.with_columns(part=pl.col("part").replace(labels)) if labels else parts


@app.function
def bucket_of(scope: Scope) -> str:
    """Choose what a bar is: days within a month, years for long periods, else months."""
    inside, period = frame.depth_of(scope.view), scope.period
    if "month" in inside or "day" in inside or period.days <= 45:
        return "day"
    return "year" if period.days > 366 * 3 and "year" not in inside else "month"


@app.function
def pick_bar(
    view: View, set_path: frame.SetPath, unit: str, dimension: str, accounts: Mapping[str, str]
) -> Callable[[pl.DataFrame], None]:
    """Drill into a bar's month and, say, category; into the month alone where the category is all the rest."""

    def drill(marks: pl.DataFrame) -> None:
        is_rest = marks.height > 0 and (marks["part"] == charts.REST).any()
        wanted = {"when": unit} if is_rest else {"when": unit, "part": dimension}
        frame.pick_into(view, set_path, keys=accounts, **wanted)(marks)

    return drill


@app.function
def next_dimension(view: View, by: str = BREAKDOWNS[0]) -> str:
    """Choose what to break down by: the first that one is not in yet of what is chosen, category and merchant."""
    inside = frame.depth_of(view)
    wanted = [each for each in (by, "category", "merchant") if each != BREAKDOWNS[0] and each not in inside]
    return next(iter(wanted), "merchant")


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
