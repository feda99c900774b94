# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Trust · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    import json
    from datetime import UTC, datetime
    from html import escape

    import marimo as mo

    from farthing.errors import FarthingError
    from farthing.explore.books import Books
    from farthing.explore.raw_answers import find_raw
    from farthing.explore.scope import Scope
    from farthing.explore.trust import (
        ENTRIES,
        booked,
        coverage,
        reconciliation,
        retractions,
        unexplained_days,
        versions,
    )
    from farthing.settings import Settings
    from farthing.web import frame


@app.cell(hide_code=True)
def _():
    frame.header(
        "trust",
        "Trust",
        "Can I believe it? Every balance a bank states is checked against its entries; what the bank sent is kept.",
    )
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books, _asked = frame.begin()
    filters, get_filters = frame.filters(books, _asked)
    frame.head(books, filters)
    return books, filters, get_filters


@app.cell
def _(books, get_filters, today):
    scope = frame.scope_of(books, get_filters(), today=today)
    return (scope,)


@app.cell
def _(books, scope):
    frame.need(books, "fct_reconciliation")
    checked = reconciliation(scope)
    _accounts = frame.ask(books, checked)
    mo.stop(
        _accounts.is_empty(), frame.note(f"No balances in {scope.currency} are there to compare {scope.period.when}.")
    )
    mo.vstack(
        [
            mo.md("## Reconciled, account by account"),
            mo.Html(
                f'<div class="f-note f-{"good" if _accounts["pairs"].sum() == _accounts["good"].sum() else "bad"}">'
                f"{_accounts['good'].sum():,} of {_accounts['pairs'].sum():,} pairs of balances in {scope.currency} are"
                f" explained to the last farthing {scope.period.when}.</div>"
            ),
            frame.money_table(
                _accounts,
                {
                    "account_name": "Account",
                    "pairs": "Pairs of balances",
                    "good": "Explained",
                    "difference": "Unexplained",
                    "first_bad_date": "First bad day",
                    "first_date": "From",
                    "last_date": "To",
                },
                scope=scope,
                money=["difference"],
            ),
            frame.the_sql(checked),
        ]
    )
    return


@app.cell
def _(books, scope):
    frame.need(books, "fct_daily_balance")
    days = frame.ask(books, unexplained_days(scope))
    mo.stop(
        days.is_empty(),
        frame.note(f"No day in {scope.currency} is left unexplained {scope.period.when}.", kind="good"),
    )
    mo.vstack(
        [
            mo.md("## Days that entries do not explain"),
            frame.money_table(
                days,
                {
                    "balance_date": "Day",
                    "account_name": "Account",
                    "balance": "Balance",
                    "movement": "Entries",
                    "unexplained": "Unexplained",
                },
                scope=scope,
                money=["balance", "movement", "unexplained"],
            ),
            frame.the_sql(unexplained_days(scope)),
        ]
    )
    return


@app.cell
def _(books, scope):
    frame.need(books, "fct_coverage")
    _query = coverage(scope)
    _headings = {
        "account_name": "Account",
        "first_covered_date": "From",
        "last_covered_date": "To",
        "covered_days": "Days",
        "gap_days": "Missing",
        "shrunk_answers": "Set aside",
        "unreadable_entries": "Unreadable",
        "failures_since": "Failures",
        "allowance_remaining": "Calls left",
        "consent_days_left": "Consent, days",
        "transactions_fetched_at": "Last answer (UTC)",
    }
    mo.vstack(
        [
            mo.md(
                "## Which days a bank has answered for\n\nAn answer that lacks what an earlier one had is set aside."
                " Failures are those since the last good answer."
            ),
            frame.money_table(frame.ask(books, _query), _headings, scope=scope),
            frame.the_sql(_query),
        ]
    )
    return


@app.cell
def _(books, scope):
    frame.need(books, "fct_retractions")
    _gone = frame.ask(books, retractions(scope))
    _title = mo.md("## Withdrawn or changed by the bank")
    _none = frame.note(f"No bank has withdrawn or changed an entry in {scope.currency}.", kind="good")
    mo.stop(_gone.is_empty(), mo.vstack([_title, _none]))
    _headings = {
        "booking_date": "Booked",
        "counterparty": "Who",
        "description": "Description",
        "amount": "Amount",
        "reason": "What happened",
        "retracted_at": "Seen (UTC)",
        "transaction_key": "Key",
    }
    gone = frame.money_table(
        _gone,
        _headings,
        scope=scope,
        money=["amount"],
        wrapped_columns=["What happened"],
        selection="single",
        hidden_columns=["Key"],
        label="Withdrawn or changed",
    )
    _words = mo.md("Choose one to see every version of it, and what the bank had sent.")
    mo.vstack([_title, _words, gone, frame.the_sql(retractions(scope))])
    return (gone,)


@app.cell
def _(books, gone, scope):
    mo.stop(not len(gone.value))
    what_was_sent(books, gone.value["Key"].item(), scope)
    return


@app.cell
def _(books, scope):
    _booked = frame.ask(books, booked(scope.where()))
    _cut = (
        f" The newest {ENTRIES} are here: for older ones choose an earlier period above."
        if len(_booked) == ENTRIES
        else ""
    )
    entries = frame.money_table(
        _booked,
        {
            "booking_date": "Booked",
            "merchant": "Merchant",
            "description": "Description",
            "amount": "Amount",
            "transaction_key": "Key",
        },
        scope=scope,
        money=["amount"],
        selection="single",
        show_search=True,
        hidden_columns=["Key"],
        label="Entries",
    )
    mo.vstack(
        [
            mo.md("## What the bank really sent"),
            mo.md(f"Choose an entry to see every version of it, and the answer.{_cut}"),
            entries,
            frame.the_sql(booked(scope.where())),
        ]
    )
    return (entries,)


@app.cell
def _(books, entries, scope):
    mo.stop(not len(entries.value))
    what_was_sent(books, entries.value["Key"].item(), scope)
    return


@app.function
def what_was_sent(books: Books, key: str, scope: Scope) -> mo.Html:
    """Show every version of an entry, and the bank's own words."""
    frame.need(books, "fct_transaction_versions")
    found = frame.ask(books, versions(key))
    headings = {
        "version": "Version",
        "counterparty": "Counterparty",
        "description": "Description",
        "amount": "Amount",
        "changed": "What changed",
        "first_seen_at": "First seen (UTC)",
        "last_seen_at": "Last seen (UTC)",
        "answers": "Answers",
    }
    table = (
        frame.money_table(found, headings, scope=scope, money=["amount"])
        if len(found)
        else frame.note("No version of this entry is kept.")
    )
    return mo.vstack([mo.md("### Every version"), table, frame.the_sql(versions(key)), the_answer(books, key)])


@app.function
def the_answer(books: Books, key: str) -> mo.Html:
    """Show the entry as the bank sent it, or say why that cannot be shown."""
    try:
        found = find_raw(books, Settings.load(), key)
    except FarthingError as exc:
        return frame.note(str(exc), kind="warn")
    text = json.dumps(found.entry, indent=2, ensure_ascii=False)
    return mo.vstack(
        [
            mo.md(f"### The bank's own words\n{found.asked} at {found.at:%-d %B %Y %H:%M} UTC, kept as `{found.key}`."),
            mo.Html(f'<div class="f-sql"><pre tabindex="0" class="f-money"><code>{escape(text)}</code></pre></div>'),
        ]
    )


if __name__ == "__main__":
    app.run()
