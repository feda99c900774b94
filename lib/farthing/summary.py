"""What the CLI shows of the marts and of the state, as Rich tables."""

from datetime import UTC, datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from farthing.assembly import PROVIDER, sessions
from farthing.lake.catalogue import NothingPublishedError, open_catalogue
from farthing.lake.landing import read_extracts
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state.queries import linked_accounts


def spending_last_month(settings: Settings) -> Table:
    """Last full month's spending by category."""
    rows = _ask(
        settings,
        """
        select booking_month, category, currency, sum(spent), sum(transactions)
        from marts.fct_monthly_spending
        where booking_month = date_trunc('month', current_date) - interval 1 month
        group by all order by sum(spent) desc
        """,
    )
    month = f"{rows[0][0]:%B %Y}" if rows else "last month"
    table = Table(title=f"Spending in {month}", title_justify="left")
    table.add_column("category")
    table.add_column("spent", justify="right")
    table.add_column("payments", justify="right")
    for _, category, currency, spent, transactions in rows:
        table.add_row(str(category), f"{spent:,.2f} {currency}", str(transactions))
    return table


def reconciliation(settings: Settings) -> Table:
    """One line an account: what was compared, and what is missing to the last minor unit."""
    table = Table(title="Reconciled to the last farthing", title_justify="left")
    for name in ("account", "days"):
        table.add_column(name)
    for name in ("balances", "difference"):
        table.add_column(name, justify="right")
    for account, currency, first, last, pairs, difference in _ask(
        settings,
        """
        select account_name, a.currency, min(opening_date), max(closing_date), count(r.account_key),
            coalesce(sum(abs(r.difference)), 0)
        from marts.dim_account as a left join marts.fct_reconciliation as r using (account_key, account_name)
        group by all order by account_name
        """,
    ):
        if not pairs:
            table.add_row(str(account), "one balance so far", "", "nothing to compare yet")
            continue
        good = "[green]✓[/]" if difference == 0 else "[red]✗[/]"
        table.add_row(str(account), f"{first} – {last}", str(pairs), f"{difference:,.2f} {currency} {good}")
    return table


def counts(settings: Settings) -> str:
    """How much there is, in one line."""
    [(transactions, accounts, first, last)] = _ask(
        settings,
        "select count(*), count(distinct account_key), min(booking_date), max(booking_date)\n"
        "from marts.fct_transactions",
    )
    return f"{transactions:,} transactions of {accounts} accounts, {first} to {last}."


def linked_institutions(settings: Settings) -> set[str]:
    """List the institutions that have a living consent."""
    with sessions(settings) as new_session, new_session() as session:
        return {account.institution_id for account in linked_accounts(session)}


def status(settings: Settings) -> list[RenderableType]:
    """Accounts with their consents and allowances, the last sync, the published build."""
    now = datetime.now(UTC)
    table = Table("account", "bank", "consent", "calls left", "last answer", title="Accounts", title_justify="left")
    with sessions(settings) as new_session, new_session() as session:
        linked = linked_accounts(session)
    store = open_store(settings)
    days = store.days(f"landing/{PROVIDER}/extracts/")
    extracts = read_extracts(store, PROVIDER, since=days[-1]) if days else None
    for account in linked:
        left, last = "–", "never"
        if extracts is not None:
            mine = extracts.filter(extracts["account_id"] == account.account_id).sort("ended_at")
            if len(mine):
                last = f"{datetime.fromisoformat(mine['ended_at'][-1]):%d %b %H:%M} UTC, {mine['outcome'][-1]}"
                left = ", ".join(
                    f"{endpoint} {mine.filter(mine['endpoint'] == endpoint)['allowance_remaining'][-1] or '?'}"
                    for endpoint in ("transactions", "balances")
                    if endpoint in mine["endpoint"]
                )
        consent = "lasts" if account.expires_at is None else f"{(account.expires_at - now).days} days left"
        table.add_row(account.account_id[:8], account.institution_name, consent, left, last)
    try:
        build = f"Published: {counts(settings)}"
    except NothingPublishedError as exc:
        build = str(exc)
    sync = f"Last sync: {days[-1]}" if days else "Never synced."
    return [table, sync, build]


def _ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    connection = open_catalogue(settings)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
