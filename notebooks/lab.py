# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Lab · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from decimal import Decimal
    from html import escape

    import marimo as mo
    import polars.selectors as cs

    from farthing.errors import FarthingError
    from farthing.explore.queries import Query
    from farthing.explore.rows import to_parquet
    from farthing.query import run_select, to_csv
    from farthing.settings import Settings
    from farthing.web import frame

    SHOWN = 1_000
    EXAMPLES = {
        "Largest payments this year": """select booking_date, merchant, category, amount, currency
from marts.fct_transactions
where category_kind = 'spending' and year(booking_date) = year(current_date)
order by amount
limit 20""",
        "Spending by weekday": """select
    dayname(booking_date) as weekday, currency, -sum(amount) as spent, count(*) as payments
from marts.fct_transactions
where category_kind = 'spending'
group by all
order by min(isodow(booking_date)), currency""",
        "Merchants that became dearer": """select merchant, currency,
    round(avg(-amount) filter (where booking_date < current_date - 365), 2) as before,
    round(avg(-amount) filter (where booking_date >= current_date - 365), 2) as since
from marts.fct_transactions
where category_kind = 'spending'
group by all
having count(*) filter (where booking_date < current_date - 365) > 3 and since > before
order by since / before desc
limit 20""",
        "Net worth at each month's end": """select balance_date, currency, net_worth, assets, debts
from marts.fct_net_worth
where balance_date = last_day(balance_date) and is_complete
order by balance_date desc, currency""",
        "Balances that entries do not explain": """from marts.fct_reconciliation
where not is_reconciled
order by closing_date desc""",
    }


@app.cell(hide_code=True)
def _():
    frame.header(
        "lab",
        "Lab",
        "What else do I want to know? One SELECT on the published marts; nothing here can change anything.",
    )
    return


@app.cell
def _():
    books = frame.books_or_stop()
    example = mo.ui.dropdown(EXAMPLES, value=next(iter(EXAMPLES)), label="Begin with", allow_select_none=False)
    mo.vstack([frame.standing(books), example])
    return books, example


@app.cell
def _(example):
    statement = mo.ui.text_area(value=example.value, rows=9, full_width=True, label="SQL").form(
        submit_button_label="Run", bordered=False
    )
    statement
    return (statement,)


@app.cell
def _(example, statement):
    _sql = statement.value or example.value
    try:
        answer = run_select(Settings.load(), _sql)
    except FarthingError as exc:
        mo.stop(True, frame.note(str(exc), kind="warn"))
    _count = f"{answer.height:,} rows" if answer.height != 1 else "1 row"
    _cut = f", the first {SHOWN:,} of them shown" if answer.height > SHOWN else ""
    mo.vstack(
        [
            mo.md(f"## {_count}{_cut}"),
            mo.ui.table(
                answer.head(SHOWN),
                selection=None,
                page_size=20,
                show_column_summaries=False,
                show_download=False,
                format_mapping=dict.fromkeys(answer.select(cs.decimal()).columns, short),
            ),
            mo.hstack(
                [
                    mo.download(lambda: to_csv(answer).encode(), filename="lab.csv", mimetype="text/csv", label="CSV"),
                    mo.download(lambda: to_parquet(answer), filename="lab.parquet", label="Parquet"),
                ],
                justify="start",
            ),
        ]
    )
    return


@app.cell
def _(books):
    mart = mo.ui.dropdown(sorted(books.marts), value="fct_transactions", label="Columns of", allow_select_none=False)
    mo.vstack([mo.md("## What there is to ask"), mart])
    return (mart,)


@app.cell
def _(books, mart):
    _described = "".join(
        f"<dt><code>{escape(name)}</code> <small>{escape(kind.lower())}</small></dt><dd>{escape(meaning or '')}</dd>"
        for name, kind, meaning in frame.ask(books, columns_of(mart.value)).iter_rows()
    )
    mo.Html(f'<dl class="f-told">{_described}</dl>')
    return


@app.cell(hide_code=True)
def _():
    mo.accordion(
        {
            "A starting point to copy": mo.md(
                "Copy `notebooks/lab.py` to a file of your own in the same folder, run `marimo edit` on it, and it is"
                " served here from the next start on. `frame.books_or_stop()` opens the published books,"
                " `frame.ask(books, Query(sql=…))` gives a Polars frame."
            )
        }
    )
    return


@app.function
def short(amount: Decimal | None) -> str:
    """Write a decimal without the zeros that fill its scale, but to the cent at least."""
    if amount is None:
        return ""
    whole, _, decimals = f"{amount:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}" if decimals else whole


@app.function
def columns_of(mart: str) -> Query:
    """List a mart's columns with their types and what they mean."""
    return Query(
        sql="select column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' and table_name = $mart order by column_index",
        parameters={"mart": mart},
    )


if __name__ == "__main__":
    app.run()
