# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Net worth · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from datetime import UTC, datetime
    from functools import partial
    from typing import Any

    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.money import format_change, format_money
    from farthing.explore.periods import Period
    from farthing.explore.queries import Query
    from farthing.explore.rows import find_rows
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
    books = frame.books_or_stop()
    frame.need(books, "fct_daily_balance")
    _asked = frame.view_of_address()
    filters = frame.filters(books, _asked)
    mo.vstack([frame.standing(books), filters])
    return books, filters


@app.cell
def _(books, filters, today):
    view = frame.chosen_view(filters.value, ())
    period = frame.period_or_stop(view, books, today=today)
    frame.remember(view)
    locale = books.locale()
    return locale, period, view


@app.cell
def _(books, locale, period, view):
    drawn = frame.ask(books, balances(view, period))
    mo.stop(drawn.is_empty(), frame.note(f"No balance in {view.currency} is known in {period.label}."))
    _total = drawn.filter(pl.col("part") == TOGETHER).sort("bucket")["amount"]
    _write = partial(format_money, currency=view.currency, locale=locale)
    frame.figures(
        (f"At the end of {period.label}", _write(_total[-1]), f"in {view.currency}, posted entries only"),
        ("At its beginning", _write(_total[0]), f"{min(drawn['bucket'].to_list()):%-d %B %Y}"),
        ("Change", format_change(_total[-1] - _total[0], view.currency, locale=locale), "between the two"),
    )
    return (drawn,)


@app.cell
def _(drawn, locale, period, view):
    _names = drawn.group_by("part").agg(pl.col("amount").abs().max()).sort("amount", descending=True)["part"].to_list()
    _order = [TOGETHER, *[each for each in _names if each != TOGETHER]][:8]
    chart = frame.clickable(
        charts.lines(
            drawn.filter(pl.col("part").is_in(_order)),
            currency=view.currency,
            named=_order,
            title="Balance",
            locale=locale,
        )
    )
    mo.vstack([chart, frame.the_sql(balances(view, period))])
    return (chart,)


@app.cell
def _(books, locale, view):
    _query = Query(
        sql="""
        select account_name, ledger_balance, available_balance, ledger_balance_date, first_booking_date, transactions
        from marts.dim_account where currency = $currency order by ledger_balance desc nulls last, account_name
        """,
        parameters={"currency": view.currency},
    )
    _headings = {
        "account_name": "Account",
        "ledger_balance": "Booked",
        "available_balance": "Available",
        "ledger_balance_date": "As of",
        "first_booking_date": "History from",
        "transactions": "Payments",
    }
    _money = dict.fromkeys(("ledger_balance", "available_balance"), view.currency)
    mo.vstack(
        [
            mo.md("## Accounts"),
            frame.money_table(frame.ask(books, _query), _headings, money=_money, locale=locale),
            frame.the_sql(_query),
        ]
    )
    return


@app.cell
def _(books):
    mo.stop(not books.has("fct_goals"))
    _goals = frame.ask(books, Query(sql="from marts.fct_goals"))
    mo.stop(_goals.is_empty())
    mo.vstack([mo.md("## Goals"), mo.ui.table(_goals, selection=None, show_data_types=False, show_download=False)])
    return


@app.cell
def _(books, chart, period, view):
    _span = brushed(chart.selections, period)
    mo.vstack(
        [
            mo.md(f"## What moved it, {_span.label}"),
            frame.rows_block(
                find_rows(books.connection, frame.where(view, _span), as_spent=False),
                books,
                currency=view.currency,
                name="net-worth",
                title="Amount",
            ),
        ]
    )
    return


@app.function
def balances(view: View, period: Period) -> Query:
    """Give what each account held, and all together, at the ends of days, or of weeks or months if it is long."""
    step = "day" if period.days <= POINTS else "week" if period.days <= POINTS * 7 else "month"
    accounts = {f"account_{number}": key for number, key in enumerate(view.accounts)}
    chosen = f"and account_key in ({', '.join(f'${name}' for name in accounts)})" if accounts else ""
    return Query(
        sql=f"""
        with days as (
            select account_name, balance, balance_date from marts.fct_daily_balance
            where balance_date between $first and $last and currency = $currency {chosen}
        ),
        ends as (
            select max(balance_date) as balance_date from days group by date_trunc('{step}', balance_date)
        )
        select balance_date as bucket, account_name as part, sum(balance) as amount
        from days semi join ends using (balance_date) group by all
        union all
        select balance_date, '{TOGETHER}', sum(balance) from days semi join ends using (balance_date) group by all
        order by bucket, part
        """,
        parameters={"first": period.first, "last": period.last, "currency": view.currency, **accounts},
    )


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
