"""How far the books can be believed: the questions that are asked of reconciliation, coverage, and what banks sent."""

from farthing.explore.queries import Condition, Query, condition
from farthing.explore.scope import Scope
from farthing.explore.views import View

ENTRIES = 500  # that one can choose from at a time


def of_accounts(scope: Scope, day: str) -> Condition:
    """Keep the accounts that are chosen, in the page's currency and period; what categories are is nothing to them."""
    return condition(View(accounts=scope.view.accounts), scope.period, currency=scope.currency, day=day)


def reconciliation(scope: Scope) -> Query:
    """Count each account's pairs of balances in the period, and those that entries explain."""
    return of_accounts(scope, "closing_date").query("""
        select account_key, account_name, currency, count(*) as pairs, count(*) filter (where is_reconciled) as good,
            sum(abs(difference)) as difference, min(closing_date) filter (where not is_reconciled) as first_bad_date,
            min(opening_date) as first_date, max(closing_date) as last_date
        from marts.fct_reconciliation
        where {where}
        group by account_key, account_name, currency
        order by difference desc, account_name, account_key
        """)


def unexplained_days(scope: Scope) -> Query:
    """Find the days whose balance moved by something else than their entries."""
    return of_accounts(scope, "balance_date").query("""
        select balance_date, account_key, account_name, balance, movement, unexplained from marts.fct_daily_balance
        where unexplained <> 0 and {where}
        order by balance_date desc, account_name
        limit 500
        """)


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


def retractions(scope: Scope) -> Query:
    """Find what banks took back on the chosen accounts, whatever the period, the newest first."""
    return Query(
        sql="""
        select booking_date, account_key, counterparty, description, amount, reason, retracted_at,
            transaction_key
        from marts.fct_retractions
        where currency = $currency and (len($accounts) = 0 or list_contains($accounts, account_key))
        order by retracted_at desc, transaction_key
        limit 200
        """,
        parameters={"currency": scope.currency, "accounts": list(scope.view.accounts)},
    )


def booked(where: Condition) -> Query:
    """Find the newest entries, each whole, as the bank knows nothing of splits."""
    return where.query(
        "select booking_date, account_key, merchant, description, amount, transaction_key\nfrom"
        " marts.fct_transactions\nwhere\n    {where}\norder by booking_date desc, transaction_key\n"
        f"limit {ENTRIES}"
    )


def versions(key: str) -> Query:
    """Find every version of an entry, the newest first."""
    return Query(
        sql="""
        select version, account_key, counterparty, description, amount,
            array_to_string(changed_fields, ', ') as changed, first_seen_at, last_seen_at, answers, last_extract_id
        from marts.fct_transaction_versions where transaction_key = $key order by version desc
        """,
        parameters={"key": key},
    )
