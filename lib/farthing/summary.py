"""What the CLI shows of the marts and of the state, as Rich tables."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from farthing.assembly import PROVIDER, sessions
from farthing.lake.catalogue import NothingPublishedError, open_catalogue
from farthing.lake.landing import read_extracts
from farthing.lake.store import open_store
from farthing.provider import Endpoint, Outcome
from farthing.settings import Settings
from farthing.state.queries import linked_accounts
from farthing.sync.report import NEXT_STEP


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
    with sessions(settings) as new_session, new_session() as session:
        linked = linked_accounts(session)
    store = open_store(settings)
    days = store.days(f"landing/{PROVIDER}/extracts/")
    extracts = read_extracts(store, PROVIDER, since=days[-1]) if days else pl.DataFrame()
    newest = _newest(extracts)
    known = _newest(extracts.filter(pl.col("allowance_remaining").is_not_null())) if days else {}
    try:
        names = dict(_ask(settings, "select account_id, account_name from marts.dim_account"))
        build = f"Published  {counts(settings)}"
    except NothingPublishedError as exc:
        names, build = {}, str(exc)
    table = Table(title="Accounts", title_justify="left")
    for name in ("account", "bank", "consent"):
        table.add_column(name)
    table.add_column("calls left", justify="right")
    in_need: dict[str, list[str]] = {}
    for account in linked:
        name = names.get(account.account_id, account.account_id[:8])
        left = [
            known.get((account.account_id, endpoint), {}).get("allowance_remaining", "–")
            for endpoint in (Endpoint.TRANSACTIONS, Endpoint.BALANCES)
        ]
        table.add_row(name, account.institution_name, _consent(account.expires_at, now), " / ".join(left))
        answers = [newest.get((account.account_id, endpoint)) for endpoint in Endpoint]
        for outcome in {Outcome(answer["outcome"]) for answer in answers if answer} - {Outcome.OK}:
            in_need.setdefault(NEXT_STEP[outcome], []).append(name)
    needs = [f"[yellow]![/] {escape(', '.join(accounts))}: {step}." for step, accounts in sorted(in_need.items())]
    asked = max((str(extract["ended_at"]) for extract in newest.values()), default=None)
    sync = f"Last sync  {datetime.fromisoformat(asked):%-d %B %Y %H:%M} UTC" if asked else "Never synced."
    if not linked:
        return ["No bank is linked: `farthing connect` links one.", sync, build]
    return [table, "Calls left today: transactions / balances.", *needs, sync, build]


def _newest(extracts: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Pick the newest answer of each account and endpoint."""
    rows = extracts.sort("ended_at").iter_rows(named=True) if len(extracts) else ()
    return {(row["account_id"], row["endpoint"]): row for row in rows}


def _consent(expires_at: datetime | None, now: datetime) -> str:
    if expires_at is None:
        return "lasts"
    return "lapsed" if expires_at <= now else f"{(expires_at - now).days} days left"


def _ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    connection = open_catalogue(settings)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
