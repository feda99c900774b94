# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Home · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from collections.abc import Mapping
    from datetime import UTC, date, datetime, timedelta
    from decimal import Decimal
    from html import escape
    from typing import Any

    import marimo as mo
    import polars as pl

    from farthing.explore.books import Books
    from farthing.explore.headlines import read_headlines
    from farthing.explore.queries import Query
    from farthing.explore.views import Step, View
    from farthing.runs import RunState, run_state, start_sync
    from farthing.settings import Settings
    from farthing.web import frame, markup
    from farthing.web.needs import Need, needs

    ODD = Query(
        sql="""
        select anomalies.*, category_kind
        from marts.fct_anomalies as anomalies
        inner join marts.fct_transactions as transactions using (transaction_key)
        where anomalies.booking_date > (select max(booking_date) from marts.fct_transactions) - 30
        order by anomalies.booking_date desc, anomalies.amount, anomaly_key
        limit 20
        """
    )
    MISTAKES = Query(
        sql="""
        select reference_table, object_key, row_number, mistake from marts.fct_reference_faults
        order by object_key desc, row_number
        limit 20
        """
    )


@app.cell(hide_code=True)
def _():
    frame.header("home", "Home", "How am I doing?")
    return


@app.cell
def _():
    now = datetime.now(UTC)
    return (now,)


@app.cell
def _(now):
    books = frame.books_or_stop()
    frame.need(books, "fct_daily_totals")
    today = now.date()
    frame.currencies_of(books)  # ends the page where there is no transaction yet
    _currency = frame.view_of_address().currency
    _known = frame.tell(lambda: read_headlines(books, currency=_currency, today=today))
    currency = _known.currency
    write = frame.writer(books, currency)
    mo.vstack([frame.standing(books), mo.Html(markup.headline_cards(_known))], gap=0.8)
    return books, currency, today, write


@app.cell
def _(books, now):
    _all = needs(books, Settings.load(), now=now)
    mo.Html(f"<h2>What needs me</h2>{list_of_needs(_all)}")
    return


@app.cell
def _(books, write):
    _odd = frame.ask(books, ODD) if books.has("fct_anomalies") else pl.DataFrame()
    mo.stop(_odd.is_empty())
    _items = "".join(
        f'<li><span class="f-name">{escape(row["merchant"])} <small>{row["booking_date"]:%-d %b} ·'
        f" {escape(row['reason'])}</small></span>"
        f'<a class="f-money" href="{escape(row_address(row))}">'
        f"{write(row['account_key'], row['amount'], row['currency'])}</a></li>"
        for row in _odd.iter_rows(named=True)
    )
    mo.vstack([mo.Html(f'<h2 id="odd">Odd payments</h2><ul class="f-list">{_items}</ul>'), frame.the_sql(ODD)])
    return


@app.cell
def _(books):
    _mistakes = frame.ask(books, MISTAKES) if books.has("fct_reference_faults") else pl.DataFrame()
    mo.stop(_mistakes.is_empty())
    _items = "".join(
        f"<li><span>{escape(row['mistake'])} <small>{escape(row['object_key'])}"
        f"{'' if row['row_number'] is None else f', row {row["row_number"]}'}</small></span></li>"
        for row in _mistakes.iter_rows(named=True)
    )
    mo.vstack(
        [
            mo.Html(f'<h2 id="mistakes">Passed over in your files</h2><ul class="f-list">{_items}</ul>'),
            frame.the_sql(MISTAKES),
        ]
    )
    return


@app.cell
def _(books, currency, today, write):
    _due = due_next(books, currency, today)
    _items = "".join(
        f'<li><span class="f-name">{escape(name)} <small>{day:%-d %B}</small></span>'
        f'<span class="f-money">{write(account, amount, currency)}</span></li>'
        for name, day, amount, account in _due
    )
    _words = "Nothing is due that came before. Regular payments show here once they were seen three times."
    mo.Html(
        "<h2>What is due next</h2>"
        + (f'<ul class="f-list">{_items}</ul>' if _due else f'<p class="f-question">{_words}</p>')
    )
    return


@app.cell
def _():
    sync = mo.ui.run_button(label="Sync now", tooltip="Ask the banks for what is new")
    get_run, set_run = mo.state(None)
    return get_run, set_run, sync


@app.cell
async def _(set_run, sync):
    if sync.value:
        # One a minute: whoever presses twice means one.
        _url = await start_sync(Settings.load().prefect_api_url, once_for=f"home {datetime.now(UTC):%Y-%m-%dT%H:%M}")
        set_run(_url or "")
    return


@app.cell
def _(get_run):
    tick = mo.ui.refresh(default_interval="2s") if get_run() else None
    return (tick,)


@app.cell
async def _(get_run, sync, tick):
    _url, _ticked = get_run(), tick.value if tick is not None else None
    _state = await run_state(_url) if _url else None
    mo.vstack([mo.hstack([sync], justify="start"), progress(_url, _state, tick)])
    return


@app.cell
def _(books, currency, write):
    _recent = frame.ask(books, newest(currency))
    _rows = "".join(
        f'<li><span class="f-name">{escape(row["merchant"])} <small>{escape(row["category"])} · '
        f"{row['booking_date']:%-d %b}</small></span>"
        f'<span class="f-money">{write(row["account_key"], row["amount"], currency)}</span></li>'
        for row in _recent.iter_rows(named=True)
    )
    _list = f'<ul class="f-list">{_rows}</ul>' if _rows else f'<p class="f-question">No payment in {currency} yet.</p>'
    mo.vstack([mo.Html(f"<h2>Newest</h2>{_list}"), frame.the_sql(newest(currency))])
    return


@app.function
def due_next(books: Books, currency: str, today: date) -> list[tuple[str, date, Decimal, str]]:
    """List regular payments that are expected within 30 days: name, day, signed amount and account, the next first.

    Not what only moves between the owner's accounts: it comes and goes at once, and leaves nothing to get ready for.
    """
    needed = {"merchant", "kind", "currency", "next_date", "expected_amount"}
    if not needed <= books.columns("fct_recurring"):
        return []
    query = Query(
        sql="""
        select merchant, next_date, expected_amount, account_key from marts.fct_recurring
        where currency = $currency and kind <> 'transfer' and next_date between $today and $until
        order by next_date, merchant
        limit 8
        """,
        parameters={"currency": currency, "today": today, "until": today + timedelta(days=30)},
    )
    return list(frame.ask(books, query).iter_rows())


@app.function
def row_address(row: Mapping[str, Any]) -> str:
    """Give the address of the page that shows a payment: its day, merchant and account."""
    view = View(period=f"{row['booking_date']:%Y-%m-%d}", currency=row["currency"], accounts=(row["account_key"],))
    return view.into(Step(dimension="merchant", value=row["merchant"])).address(
        "/notebooks/spending/" if row["category_kind"] == "spending" else "/notebooks/cash_flow/"
    )


@app.function
def newest(currency: str) -> Query:
    """Find the newest payments."""
    return Query(
        sql="select booking_date, merchant, category, account_key, amount\nfrom marts.fct_transaction_parts"
        "\nwhere currency = $currency\norder by booking_date desc, abs(amount) desc, transaction_key, part_number"
        "\nlimit 8",
        parameters={"currency": currency},
    )


@app.function
def list_of_needs(found: list[Need]) -> str:
    """Write what there is to do as links."""
    if not found:
        words = "Nothing. Every consent lasts, and every balance that can be compared adds up."
        return f'<div class="f-note f-good">{words}</div>'
    items = "".join(f'<li><span>{escape(each.sentence)}</span><a href="{each.url}">Look</a></li>' for each in found)
    return f'<ul class="f-list f-needs">{items}</ul>'


@app.function
def progress(url: str | None, state: RunState | None, tick: object) -> mo.Html:
    """Say how a sync that was started here stands; the tick keeps asking as long as it runs."""
    if url is None:
        return mo.Html(
            '<p class="f-question">Banks answer four times a day for each account; a sync asks what is due.</p>'
        )
    if not url:
        return frame.note("Prefect does not answer, so no sync was started: `farthing up` starts it.", kind="warn")
    watch = [("Watch it in Prefect", url)]
    if state is None:
        return mo.vstack([frame.note("A sync was started. Waiting for Prefect …", links=watch), tick])
    if state.is_over:
        words = "The sync is done: reload to see what is new." if state.is_good else "The sync failed."
        return frame.note(
            words, kind="good" if state.is_good else "bad", links=[*watch, ("Reload", "/notebooks/home/")]
        )
    return mo.vstack([frame.note(f"The sync is {state.name.lower()} …", links=watch), tick])


if __name__ == "__main__":
    app.run()
