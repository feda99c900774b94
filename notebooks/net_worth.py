# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Net worth · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from datetime import UTC, datetime, timedelta
    from html import escape
    from typing import Any

    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.money import format_money
    from farthing.explore.periods import Period
    from farthing.explore.queries import Condition, Query, condition
    from farthing.explore.rows import find_rows
    from farthing.explore.scope import Scope
    from farthing.explore.views import View
    from farthing.web import frame

    TOGETHER = "All together"
    POINTS = 400  # days drawn at most; longer periods are drawn by week or month


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
    _order = [TOGETHER, *[each for each in _names if each != TOGETHER]][:8]
    chart = frame.clickable(
        charts.lines(
            drawn.filter(pl.col("part").is_in(_order)),
            currency=scope.currency,
            named=_order,
            title="Balance",
            locale=scope.locale,
        )
    )
    mo.vstack([chart, frame.the_sql(balances(scope))])
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
    _money = dict.fromkeys(("ledger_balance", "available_balance"), scope.currency)
    mo.vstack(
        [
            mo.md("## Accounts"),
            frame.money_table(frame.ask(books, _query), _headings, money=_money, locale=scope.locale),
            frame.the_sql(_query),
        ]
    )
    return


@app.cell
def _(books):
    mo.stop(not books.has("fct_goals"))
    _goals = frame.ask(books, Query(sql="from marts.fct_goals order by target_date, goal"))
    mo.stop(_goals.is_empty())
    mo.Html(f"<h2>Goals</h2>{goals_in_words(_goals, locale=books.locale())}")
    return


@app.cell
def _(books, chart, scope):
    _span = brushed(chart.selections, scope.period)
    _rows = frame.tell(lambda: find_rows(books.connection, scope.over(_span).where(), as_spent=False))
    mo.vstack([mo.md(f"## What moved it, {_span.label}"), frame.rows_block(_rows, books, scope, name="net-worth")])
    return


@app.function
def held(scope: Scope, period: Period) -> Condition:
    """Keep the balances of the accounts that are chosen; what categories are is nothing to a balance."""
    return condition(View(accounts=scope.view.accounts), period, currency=scope.currency, day="balance_date")


@app.function
def accounts(scope: Scope) -> Query:
    """List the accounts in the currency with what they hold, those kept by hand as they were last told of."""
    return Query(
        sql="""
        select account_name, ledger_balance, available_balance, ledger_balance_date, first_booking_date, transactions
        from marts.dim_account where currency = $currency
        union all
        select account_name, arg_max(balance, balance_date), null,
            max(balance_date) filter (where balance_source = 'reported'), min(balance_date), 0
        from marts.fct_daily_balance where is_manual and currency = $currency
        group by account_key, account_name
        order by ledger_balance desc nulls last, account_name
        """,
        parameters={"currency": scope.currency},
    )


@app.function
def balances(scope: Scope) -> Query:
    """Give what each account held, and all together, at the ends of days, or of weeks or months if it is long."""
    period = scope.period
    step = "day" if period.days <= POINTS else "week" if period.days <= POINTS * 7 else "month"
    return held(scope, period).query(f"""
        with days as (
            select account_name, balance, balance_date from marts.fct_daily_balance
            where {{where}}
        ),
        ends as (
            select max(balance_date) as balance_date from days group by date_trunc('{step}', balance_date)
        )
        select balance_date as bucket, account_name as part, sum(balance) as amount
        from days semi join ends using (balance_date) group by all
        union all
        select balance_date, '{TOGETHER}', sum(balance) from days semi join ends using (balance_date) group by all
        order by bucket, part
        """)


@app.function
def ends(scope: Scope) -> Query:
    """Give what there was each day, from the one before the period: what moved it is what lies between."""
    period = Period(first=scope.period.first - timedelta(days=1), last=scope.period.last)
    return held(scope, period).query("""
        with days as (
            select currency, sum(balance) as amount, balance_date from marts.fct_daily_balance
            where {where}
            group by all
        )
        select balance_date as day, amount, base_net_worth
        from days left join marts.fct_net_worth using (currency, balance_date)
        order by day
        """)


@app.function
def at_the_end(of: dict[str, Any], scope: Scope, words: str) -> tuple[str, str, str]:
    """Say what there was at the end of a day; in the base currency too, where it is of all accounts."""
    base = None if scope.view.accounts else of["base_net_worth"]
    return f"At the end of {of['day']:%-d %B %Y}", scope.money(of["amount"]), scope.beside(base, words)


@app.function
def goals_in_words(goals: pl.DataFrame, *, locale: str) -> str:
    """Write how far each goal is reached, and what is left to do for it."""

    def write(goal: dict[str, Any]) -> str:
        def money(name: str) -> str:
            return format_money(goal[name], goal["currency"], locale=locale)

        if goal["balance"] is None:
            return f'<li><span class="f-name">{escape(goal["goal"])}</span><span>no balance is known yet</span></li>'
        by = f"{goal['target_date']:%-d %B %Y}"
        if goal["is_reached"]:
            left = "reached"
        elif goal["is_missed"]:
            left = f"{money('remaining')} were missing on {by}"
        else:
            left = f"{money('remaining')} are missing, {money('needed_per_month')} a month until {by}"
        return (
            f'<li><span class="f-name">{escape(goal["goal"])} <small>{escape(goal["account_name"])}</small></span>'
            f'<span class="f-money">{money("balance")} of {money("target_amount")}</span>'
            f'<progress value="{goal["reached_share"]}" aria-label="{escape(goal["goal"])}"></progress>'
            f'<small class="f-money">{left}</small></li>'
        )

    return f'<ul class="f-list f-goals">{"".join(map(write, goals.iter_rows(named=True)))}</ul>'


@app.function
def brushed(selections: dict[str, Any], period: Period) -> Period:
    """Read the days under the brush; the whole period without one.

    :param selections: what Vega tells: milliseconds since 1970 of both ends, by field.
    """
    ends = selections.get(charts.PICK, {}).get("bucket") or []
    if len(ends) != 2:
        return period
    first, last = (datetime.fromtimestamp(float(end) / 1000, UTC).date() for end in sorted(ends))
    return Period(first=first, last=last)


if __name__ == "__main__":
    app.run()
