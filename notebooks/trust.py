# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Trust · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    import json
    from datetime import UTC, datetime
    from html import escape

    import marimo as mo
    import polars as pl

    from farthing.errors import FarthingError
    from farthing.explore.books import Books
    from farthing.explore.money import format_money
    from farthing.explore.queries import Condition, Query, condition
    from farthing.explore.raw_answers import find_raw
    from farthing.explore.scope import Scope
    from farthing.explore.views import View
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
    _differences = [
        format_money(each["difference"], each["currency"], locale=scope.locale)
        for each in _accounts.iter_rows(named=True)
    ]
    mo.vstack(
        [
            mo.md("## Reconciled, account by account"),
            mo.Html(
                f'<div class="f-note f-{"good" if _accounts["pairs"].sum() == _accounts["good"].sum() else "bad"}">'
                f"{_accounts['good'].sum():,} of {_accounts['pairs'].sum():,} pairs of balances in {scope.currency} are"
                f" explained to the last farthing {scope.period.when}.</div>"
            ),
            frame.money_table(
                _accounts.with_columns(difference=pl.Series(_differences)),
                {
                    "account_name": "Account",
                    "currency": "Currency",
                    "pairs": "Pairs of balances",
                    "good": "Explained",
                    "difference": "Unexplained",
                    "first_bad_date": "First bad day",
                    "first_date": "From",
                    "last_date": "To",
                },
                money={},
                locale=scope.locale,
                right=("difference",),
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
                money=dict.fromkeys(("balance", "movement", "unexplained"), scope.currency),
                locale=scope.locale,
            ),
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
            frame.money_table(frame.ask(books, _query), _headings, money={}, locale="en_GB"),
            frame.the_sql(_query),
        ]
    )
    return


@app.cell
def _(books, scope):
    frame.need(books, "fct_retractions")
    _gone = frame.ask(books, retractions(scope))
    _headings = {
        "booking_date": "Booked",
        "counterparty": "Who",
        "description": "Description",
        "amount": "Amount",
        "reason": "What happened",
        "retracted_at": "Seen (UTC)",
    }
    _table = (
        frame.money_table(
            _gone, _headings, money={"amount": scope.currency}, locale=scope.locale, wrapped_columns=["What happened"]
        )
        if len(_gone)
        else frame.note(f"No bank has withdrawn or changed an entry in {scope.currency}.", kind="good")
    )
    mo.vstack([mo.md("## Withdrawn or changed by the bank"), _table])
    return


@app.cell
def _(books, scope):
    entries = frame.money_table(
        frame.ask(books, booked(scope.where())),
        {
            "booking_date": "Booked",
            "merchant": "Merchant",
            "description": "Description",
            "amount": "Amount",
            "transaction_key": "Key",
        },
        money={"amount": scope.currency},
        locale=scope.locale,
        selection="single",
        show_search=True,
        hidden_columns=["Key"],
        label="Entries",
    )
    mo.vstack(
        [
            mo.md("## What the bank really sent"),
            mo.md("Choose an entry to see every version of it, and the answer."),
            entries,
        ]
    )
    return (entries,)


@app.cell
def _(books, entries, scope):
    mo.stop(not len(entries.value))
    _key = entries.value["Key"].item()
    frame.need(books, "fct_transaction_versions")
    _versions = frame.ask(books, versions(_key))
    _headings = {
        "version": "Version",
        "counterparty": "Counterparty",
        "description": "Description",
        "amount": "Amount",
        "changed": "What changed",
        "first_seen_at": "First seen (UTC)",
        "last_seen_at": "Last seen (UTC)",
        "answers": "Answers",
    }
    _table = (
        frame.money_table(_versions, _headings, money={"amount": scope.currency}, locale=scope.locale)
        if len(_versions)
        else frame.note("No version of this entry is kept.")
    )
    mo.vstack([mo.md("### Every version"), _table, frame.the_sql(versions(_key)), the_answer(books, _key)])
    return


@app.function
def of_accounts(scope: Scope, day: str) -> Condition:
    """Keep the accounts that are chosen, in the page's currency and period; what categories are is nothing to them."""
    return condition(View(accounts=scope.view.accounts), scope.period, currency=scope.currency, day=day)


@app.function
def reconciliation(scope: Scope) -> Query:
    """Count each account's pairs of balances in the period, and those that entries explain."""
    return of_accounts(scope, "closing_date").query("""
        select account_name, currency, count(*) as pairs, count(*) filter (where is_reconciled) as good,
            sum(abs(difference)) as difference, min(closing_date) filter (where not is_reconciled) as first_bad_date,
            min(opening_date) as first_date, max(closing_date) as last_date
        from marts.fct_reconciliation
        where {where}
        group by account_key, account_name, currency
        order by difference desc, account_name, account_key
        """)


@app.function
def unexplained_days(scope: Scope) -> Query:
    """Find the days whose balance moved by something else than their entries."""
    return of_accounts(scope, "balance_date").query("""
        select balance_date, account_name, balance, movement, unexplained from marts.fct_daily_balance
        where unexplained <> 0 and {where}
        order by balance_date desc, account_name
        limit 500
        """)


@app.function
def coverage(scope: Scope) -> Query:
    """Tell of the chosen accounts, whatever the period, which days the bank has answered for."""
    return Query(
        sql="""
        select account_name, first_covered_date, last_covered_date, covered_days, gap_days, shrunk_answers,
            unreadable_entries, failures_since, allowance_remaining, consent_days_left,
            date_trunc('minute', transactions_fetched_at) as transactions_fetched_at
        from marts.fct_coverage
        where len($accounts) = 0 or list_contains($accounts, account_key)
        order by account_name, account_key
        """,
        parameters={"accounts": list(scope.view.accounts)},
    )


@app.function
def retractions(scope: Scope) -> Query:
    """Find what banks took back on the chosen accounts, whatever the period, the newest first."""
    return Query(
        sql="""
        select booking_date, counterparty, description, amount, reason, retracted_at from marts.fct_retractions
        where currency = $currency and (len($accounts) = 0 or list_contains($accounts, account_key))
        order by retracted_at desc, transaction_key
        limit 200
        """,
        parameters={"currency": scope.currency, "accounts": list(scope.view.accounts)},
    )


@app.function
def booked(where: Condition) -> Query:
    """Find the newest entries, each whole, as the bank knows nothing of splits."""
    return where.query(
        "select booking_date, merchant, description, amount, transaction_key\nfrom marts.fct_transactions\nwhere\n"
        "    {where}\norder by booking_date desc, transaction_key\nlimit 500"
    )


@app.function
def versions(key: str) -> Query:
    """Find every version of an entry, the newest first."""
    return Query(
        sql="""
        select version, counterparty, description, amount, array_to_string(changed_fields, ', ') as changed,
            first_seen_at, last_seen_at, answers, last_extract_id
        from marts.fct_transaction_versions where transaction_key = $key order by version desc
        """,
        parameters={"key": key},
    )


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
