# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Net worth · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from dataclasses import replace
    from datetime import UTC, datetime
    from decimal import Decimal
    from html import escape
    from typing import Any

    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.balances import accounts, balances, ends, step_of
    from farthing.explore.queries import Query
    from farthing.explore.rows import find_rows
    from farthing.explore.scope import Scope
    from farthing.explore.together import EVERYTHING, find_moves, find_worths, lines_of
    from farthing.web import frame
    from farthing.web.worth import currencies_in_words, goals_in_words


@app.cell(hide_code=True)
def _():
    frame.header("net_worth", "Net worth", "What is there, and since when? Drag over the chart to see what moved it.")
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books, _asked = frame.begin("fct_daily_balance", "fct_net_worth")
    filters, get_filters = frame.filters(books, _asked)
    frame.head(books, filters)
    return books, filters, get_filters


@app.cell
def _(books, get_filters, today):
    scope = frame.scope_of(books, get_filters(), today=today)
    return (scope,)


@app.cell
def _(books, scope):
    drawn = frame.ask(books, balances(scope))
    mo.stop(drawn.is_empty(), frame.note(f"No balance in {scope.currency} is known {scope.period.when}."))
    _ends = frame.ask(books, ends(scope))
    _then, _now = _ends.row(0, named=True), _ends.row(-1, named=True)
    frame.figures(
        at_the_end(_now, scope, "posted entries only"),
        at_the_end(_then, scope, "before what is shown" if _then["day"] < scope.period.first else "the first known"),
        ("Change", scope.change(_now["amount"] - _then["amount"]), scope.period.label),
    )
    return (drawn,)


@app.cell
def _(drawn, scope):
    _names = drawn.group_by("part").agg(pl.col("amount").abs().max()).sort("amount", descending=True)["part"].to_list()
    _order = [EVERYTHING, *[each for each in _names if each != EVERYTHING]][:8]
    _lines = drawn.filter(pl.col("part").is_in(_order))
    chart = frame.clickable(
        charts.lines(
            _lines,
            currency=scope.currency,
            named=_order,
            title="Balance",
            locale=scope.locale,
        )
    )
    frame.charted(
        chart,
        _lines,
        balances(scope),
        scope=scope,
        name="balances",
        columns={"bucket": "day", "part": "account", "amount": "balance"},
    )
    return (chart,)


@app.cell
def _(books, scope):
    _query = accounts(scope)
    _headings = {
        "account_name": "Account",
        "ledger_balance": "Booked",
        "available_balance": "Available",
        "ledger_balance_date": "As of",
        "first_booking_date": "History from",
        "transactions": "Payments",
    }
    mo.vstack(
        [
            mo.md("## Accounts"),
            frame.money_table(
                frame.ask(books, _query), _headings, scope=scope, money=["ledger_balance", "available_balance"]
            ),
            frame.the_sql(_query),
        ]
    )
    return


@app.cell
def _(books, scope):
    _query = find_worths(scope, step=step_of(scope.period))
    worths = frame.ask(books, _query) if "base_balance" in books.columns("fct_daily_balance") else pl.DataFrame()
    mo.stop(worths.is_empty() or worths["currency"].n_unique() < 2)
    in_base = replace(scope, view=replace(scope.view, currency=worths["base_currency"][0]))
    together, _left_out = lines_of(worths)
    counted = [each for each in together["part"].unique().sort() if each != EVERYTHING]
    mo.stop(not counted)
    chart_together = frame.clickable(
        charts.lines(
            together,
            currency=in_base.currency,
            named=[EVERYTHING, *counted],
            what="Currency",
            title="Balance",
            locale=scope.locale,
        )
    )
    _words = f"{' and '.join(_left_out)} is left out: there are days here on which no rate of it is known."
    _shown = frame.charted(
        chart_together,
        together,
        _query,
        scope=in_base,
        name="net-worth-together",
        columns={"bucket": "day", "part": "of", "amount": "balance"},
    )
    mo.vstack(
        [
            mo.Html(f'<h2 id="all-currencies">All currencies together, in {in_base.currency}</h2>'),
            mo.Html(currencies_in_words(worths, scope)),
            *([frame.note(_words, kind="warn")] if _left_out else []),
            _shown,
        ]
    )
    return chart_together, counted, in_base, together


@app.cell
def _(books, chart_together, counted, in_base):
    _span = frame.brushed(chart_together, in_base.period)
    _query = find_moves(in_base, _span, counted)
    _moves = frame.ask(books, _query)
    _change = sum((_moves["ended"] - _moves["began"]).to_list(), Decimal())
    _headings = {
        "currency": "Currency",
        "began": "Before",
        "paid": "Paid and received",
        "other": "Rates and all else",
        "ended": "At the end",
    }
    _all = pl.DataFrame({"currency": [EVERYTHING]}).hstack(_moves.select(pl.exclude("currency").sum()))
    mo.vstack(
        [
            mo.Html(f'<p class="f-money"><strong>{in_base.change(_change)}</strong> from {escape(_span.label)}</p>'),
            frame.money_table(
                pl.concat([_moves, _all.select(_moves.columns)], how="vertical_relaxed"),
                _headings,
                scope=in_base,
                money=["began", "paid", "other", "ended"],
            ),
            frame.the_sql(_query),
        ]
    )
    return


@app.cell
def _(books, scope):
    mo.stop(not books.has("fct_goals"))
    _goals = frame.ask(books, Query(sql="from marts.fct_goals order by target_date, goal"))
    mo.stop(_goals.is_empty())
    mo.Html(f"<h2>Goals</h2>{goals_in_words(_goals, scope)}")
    return


@app.cell
def _(books, chart, scope):
    _span = frame.brushed(chart, scope.period)
    _rows = frame.tell(lambda: find_rows(books.connection, scope.over(_span).where(), as_spent=False))
    mo.vstack([mo.md(f"## What moved it, {_span.label}"), frame.rows_block(_rows, books, scope, name="net-worth")])
    return


@app.function
def at_the_end(of: dict[str, Any], scope: Scope, words: str) -> tuple[str, str, str]:
    """Say what there was at the end of a day; in the base currency too, where it is of all accounts."""
    base = None if scope.view.accounts else of["base_net_worth"]
    return f"At the end of {of['day']:%-d %B %Y}", scope.money(of["amount"]), scope.beside(base, words)


if __name__ == "__main__":
    app.run()
