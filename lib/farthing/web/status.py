"""How the published books stand, in one sentence for a person."""

import duckdb

from farthing.errors import FarthingError
from farthing.lake.catalogue import open_catalogue
from farthing.settings import Settings


def reconciliation_sentence(catalogue: duckdb.DuckDBPyConnection) -> str:
    """Say whether every account's transactions lead from balance to balance, and which account's do not."""
    accounts = catalogue.execute(
        "select account_name, bool_and(coalesce(is_reconciled, false)) from marts.fct_reconciliation"
        " group by account_name order by account_name"
    ).fetchall()
    if not accounts:
        return "No account has two balances to reconcile between yet."
    if broken := [str(name) for name, is_reconciled in accounts if not is_reconciled]:
        verb = "does" if len(broken) == 1 else "do"
        return f"{len(broken)} of {len(accounts)} accounts {verb} not reconcile: {', '.join(broken)}."
    return "Every account reconciles to the last farthing."


def freshness_sentence(catalogue: duckdb.DuckDBPyConnection) -> str:
    """Say up to which day there are booked transactions."""
    row = catalogue.execute("select max(booking_date) from marts.fct_transactions").fetchone()
    newest = row[0] if row else None
    return "There are no transactions yet." if newest is None else f"Newest transaction: {newest:%-d %B %Y}."


def status_line(settings: Settings) -> str:
    """Say how the published books stand, or in the error's own words why that cannot be told."""
    try:
        with open_catalogue(settings) as catalogue:
            return f"{reconciliation_sentence(catalogue)} {freshness_sentence(catalogue)}"
    except FarthingError as exc:
        return str(exc)
