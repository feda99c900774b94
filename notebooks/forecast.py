# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Forecast · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from datetime import UTC, datetime, timedelta
    from decimal import Decimal

    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.forecast import (
        find_categories,
        find_category,
        find_expected,
        find_left_out,
        find_misses,
        find_outlook,
        find_past,
        miss_in_words,
        with_past,
    )
    from farthing.explore.money import AmountError, read_amount
    from farthing.explore.periods import Period
    from farthing.explore.views import DEFAULT_PERIOD, Step
    from farthing.explore.what_if import PARAMETER, Assumptions, Due, changed, explain, series_choices
    from farthing.web import assuming, frame

    LATELY = 120  # days of what was, where no period was asked for: enough beside the 90 that will be


@app.cell(hide_code=True)
def _():
    frame.header(
        "forecast",
        "Forecast",
        "Where will it be? Change what is assumed, and click a day to see what its balance is made of.",
    )
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books, _asked = frame.begin("fct_forecast", "fct_forecast_error", "fct_daily_balance", "fct_recurring_events")
    get_path, set_path = mo.state(_asked.path)
    filters, get_filters = frame.filters(books, _asked, without=("categories",))
    frame.head(books, filters)
    return books, filters, get_filters, get_path, set_path


@app.cell
def _(books, get_filters, get_path, today):
    scope = frame.scope_of(books, get_filters(), path=get_path(), today=today)
    told = frame.ask(books, find_outlook(scope))
    mo.stop(
        told.height < 2,
        frame.note(
            f"Nothing is told of balances in {scope.currency} yet: the first sync that knows an account's balance and"
            " some of its payments tells it. Choose another currency or account above.",
            links=[("See the accounts", "/accounts")],
        ),
    )
    origin = told["balance_date"][0]
    due = [
        Due(series_key=key, name=name, day=day, amount=amount)
        for key, name, day, amount in frame.ask(books, find_expected(scope)).iter_rows()
    ]
    return due, origin, scope, told


@app.cell
def _(books, due, origin, scope, told):
    _asked = Assumptions.decode(mo.query_params().to_dict())
    _series, _categories = (
        series_choices(due),
        frame.ask(books, find_categories(scope, last=origin))["category"].to_list(),
    )
    assumed, get_assumed = frame.side_by_side(
        assuming.elements_of(_asked, _series, _categories, days=told["balance_date"].to_list()[1:]), label="What if"
    )
    _words = (
        "A rent that rises, a subscription cancelled (−100 %), a holiday skipped (the holidays' category at −100 %, or"
        " its price as a one-off amount)."
    )
    mo.vstack([mo.md("## What if …"), mo.Html(f'<p class="f-question">{_words}</p>'), assumed])
    return assumed, get_assumed


@app.cell
def _(get_assumed):
    try:
        _amount = read_amount(get_assumed()["one_off"])
    except AmountError as exc:
        mo.stop(True, frame.note(str(exc), kind="warn"))
    _chosen = {name: each for name, each in get_assumed().items() if each is not None}
    assumptions = Assumptions(**{**_chosen, "one_off": _amount})
    frame.write_address({PARAMETER: assumptions.encode()}, [PARAMETER])
    return (assumptions,)


@app.cell
def _(assumptions, books, due, origin, scope, told):
    _moved, _days = frame.ask(books, find_category(scope, assumptions.category, last=origin)).row(0)
    changes = assumptions.changes(due, moved=_moved, days=_days, begin=origin, currency=scope.currency)
    outlook = changed(told, changes)
    _last, _lowest = outlook.row(-1, named=True), outlook.sort("balance", "balance_date").row(0, named=True)
    _left = frame.ask(books, find_left_out(scope))["account_name"].to_list()
    _end = f"{_last['balance_date']:%-d %B}"
    _cards = [
        scope.to_come(f"Known on {origin:%-d %B}", told["balance"][0], f"in {scope.currency}, posted entries only"),
        scope.to_come(
            f"Expected on {_end}",
            _last["balance"],
            f"nine times in ten {scope.money(_last['low_90'])} to {scope.money(_last['high_90'])}",
        ),
        scope.to_come("Lowest", _lowest["balance"], f"on {_lowest['balance_date']:%-d %B}"),
    ]
    if changes:
        _difference, _least = scope.change(_last["changed"] - _last["balance"]), scope.money(outlook["changed"].min())
        _cards.append(
            scope.to_come(f"With your changes on {_end}", _last["changed"], f"{_difference}; lowest {_least}")
        )
    _words = f"Left out, because nothing was heard of them for a month: {', '.join(_left)}."
    mo.vstack(
        [
            frame.figures(*_cards),
            frame.by_rate(scope),
            *([frame.hidden_at_will(frame.note(_words, kind="warn"))] if _left else []),
        ]
    )
    return changes, outlook


@app.cell
def _(books, origin, outlook, scope, set_path):
    _lately = scope.over(Period(first=origin - timedelta(days=LATELY), last=origin))
    _is_usual = scope.view.period == DEFAULT_PERIOD
    _past = frame.ask(books, find_past(_lately if _is_usual else scope))
    _drawn = with_past(_past, outlook)
    chart = frame.clickable(
        charts.fan(_drawn, currency=scope.currency, locale=scope.locale),
        frame.pick_into(scope.view, set_path, when="day"),
    )
    _words = (
        "The inner band holds the balance as often as not, the outer one nine times in ten. Changes move the line, not"
        " the bands."
        + (f" Of what was, {LATELY} days are drawn; another period above draws more." if _is_usual else "")
    )
    _shown = frame.charted(
        mo.vstack([chart, mo.Html(f'<p class="f-question">{_words}</p>')]),
        _drawn,
        find_outlook(scope),
        scope=scope,
        name="forecast",
        columns={"bucket": "day", "amount": "balance"}
        | {name: name for name in ("low_90", "low_50", "high_50", "high_90", "changed")},
    )
    _shown
    return


@app.cell
def _(outlook, scope, set_path):
    _days = outlook["balance_date"].to_list()
    _asked = frame.depth_of(scope.view).get("day", "")
    chosen = next((day for day in _days if str(day) == _asked), _days[-1])
    picked = mo.ui.date(
        start=_days[0],
        stop=_days[-1],
        value=chosen,
        label="Look at",
        on_change=lambda day: set_path(scope.view.into(Step(dimension="day", value=str(day))).path),
    )
    picked
    return (chosen,)


@app.cell
def _(changes, chosen, due, outlook, scope):
    made_of = explain(outlook, due, changes, until=chosen)
    _total = scope.money(sum(made_of["amount"].to_list(), Decimal()))
    mo.vstack(
        [
            mo.Html(f'<h2 class="f-money">{_total} on {chosen:%-d %B %Y} is made of</h2>'),
            frame.money_table(
                made_of,
                {"day": "Day", "what": "What", "amount": "Amount"},
                scope=scope,
                money=["amount"],
            ),
            frame.beneath(find_expected(scope), make=lambda: made_of, name="forecast-of-a-day"),
        ]
    )
    return


@app.cell
def _(books, scope):
    _query = find_misses(scope)
    missed = frame.ask(books, _query)
    mo.stop(
        missed.is_empty(),
        frame.note(
            "How wrong forecasts were shows once an account is known for 30 days longer than its forecast needs."
        ),
    )
    _drawn = pl.concat(
        [
            missed.select(bucket="balance_date", part=pl.lit("What it became"), amount="actual_balance").unique(),
            missed.select(
                bucket="balance_date",
                part=pl.format("Told {} days before", pl.col("origin_age")),
                amount="forecast_balance",
            ),
        ]
    ).sort("bucket", "part")
    _ages = missed["origin_age"].unique().sort().to_list()
    chart_of_misses = frame.clickable(
        charts.lines(
            _drawn,
            currency=scope.currency,
            named=["What it became", *(f"Told {age} days before" for age in _ages)],
            title="Balance",
            locale=scope.locale,
        )
    )
    mo.vstack(
        [
            mo.md("## How wrong the last forecasts were"),
            frame.figures(*(miss_in_words(missed, age, scope) for age in _ages)),
            frame.charted(
                chart_of_misses,
                _drawn,
                _query,
                scope=scope,
                name="forecast-error",
                columns={"bucket": "day", "part": "told", "amount": "balance"},
            ),
        ]
    )
    return chart_of_misses, missed


@app.cell
def _(chart_of_misses, missed, scope):
    _all = Period(first=missed["balance_date"].min(), last=missed["balance_date"].max())
    _span = frame.brushed(chart_of_misses, _all)
    _days = missed.filter(pl.col("balance_date").is_between(_span.first, _span.last)).sort(
        "balance_date", "origin_age", descending=[True, False]
    )
    _headings = {
        "balance_date": "Day",
        "origin_age": "Told, days before",
        "forecast_balance": "Told",
        "actual_balance": "What it became",
        "error": "Missed by",
    }
    _table = frame.money_table(_days, _headings, scope=scope, money=["forecast_balance", "actual_balance", "error"])
    mo.vstack([mo.md(f"Each day from {_span.label}; drag over the chart to choose some."), _table])
    return


if __name__ == "__main__":
    app.run()
