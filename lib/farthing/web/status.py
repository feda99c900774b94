"""How the published books stand, in one sentence for a person."""

import duckdb

from farthing.errors import FarthingError
from farthing.lake.catalogue import NothingPublishedError, open_catalogue
from farthing.settings import Settings


def reconciliation_sentence(catalogue: duckdb.DuckDBPyConnection) -> str:
    """Say which accounts' transactions lead from balance to balance, which do not, and how many cannot be told."""
    accounts = catalogue.execute(
        """
        select accounts.account_name,
            bool_and(coalesce(is_reconciled, false)) filter (where pairs.account_key is not null)
        from marts.dim_account as accounts left join marts.fct_reconciliation as pairs using (account_key)
        group by accounts.account_key, accounts.account_name order by accounts.account_name, accounts.account_key
        """
    ).fetchall()
    broken = [str(name) for name, is_reconciled in accounts if is_reconciled is False]
    good = sum(is_reconciled is True for _, is_reconciled in accounts)
    unknown = len(accounts) - good - len(broken)
    if unknown == len(accounts):
        return "No account has two balances to reconcile between yet."
    if not broken and not unknown:
        return "Every account reconciles to the last farthing."
    if broken:
        verb = "does" if len(broken) == 1 else "do"
        sentence = f"{len(broken)} of {len(accounts)} accounts {verb} not reconcile: {', '.join(broken)}"
    else:
        sentence = (
            f"{good} of {len(accounts)} accounts {'reconciles' if good == 1 else 'reconcile'} to the last farthing"
        )
    missing = f"; {unknown} {'has' if unknown == 1 else 'have'} no two balances to compare yet" if unknown else ""
    return f"{sentence}{missing}."


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
    except NothingPublishedError:
        return "Nothing is published yet: connect a bank, and the first sync follows."
    except FarthingError as exc:
        return str(exc)
