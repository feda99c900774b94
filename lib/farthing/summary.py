"""What the CLI shows of the marts, as Rich tables."""

from typing import Any

import duckdb
from rich.table import Table

from farthing.assembly import sessions
from farthing.errors import FarthingError
from farthing.lake.catalogue import open_catalogue
from farthing.plain import plain
from farthing.settings import Settings
from farthing.state.queries import linked_accounts


class OldBuildError(FarthingError):
    """What is published was built by another version: build again."""


def spending_last_month(settings: Settings) -> Table:
    """Last full month's spending by category."""
    rows = ask(
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
        table.add_row(plain(str(category)), f"{spent:,.2f} {currency}", str(transactions))
    return table


def reconciliation(settings: Settings) -> Table:
    """One line an account: what was compared, and what is missing to the last minor unit."""
    table = Table(title="Reconciled to the last farthing", title_justify="left")
    for name in ("account", "days"):
        table.add_column(name)
    for name in ("balances", "difference"):
        table.add_column(name, justify="right")
    for account, currency, first, last, pairs, difference in ask(
        settings,
        """
        select account_name, a.currency, min(opening_date), max(closing_date), count(r.account_key),
            coalesce(sum(abs(r.difference)), 0)
        from marts.dim_account as a left join marts.fct_reconciliation as r using (account_key, account_name)
        group by all order by account_name
        """,
    ):
        if not pairs:
            table.add_row(plain(str(account)), "one balance so far", "", "nothing to compare yet")
            continue
        good = "[green]✓[/]" if difference == 0 else "[red]✗[/]"
        table.add_row(plain(str(account)), f"{first} – {last}", str(pairs), f"{difference:,.2f} {currency} {good}")
    return table


def counts(settings: Settings) -> str:
    """How much there is, in one line."""
    [(transactions, accounts, first, last)] = ask(
        settings,
        "select count(*), count(distinct account_key), min(booking_date), max(booking_date)\n"
        "from marts.fct_transactions",
    )
    return f"{transactions:,} transactions of {accounts} accounts, {first} to {last}."


def linked_institutions(settings: Settings) -> set[str]:
    """List the institutions that have a living consent."""
    with sessions(settings) as new_session, new_session() as session:
        return {account.institution_id for account in linked_accounts(session)}


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    """Ask the published marts, whole rows at a time.

    :raises OldBuildError: if what is published has not the columns of today.
    """
    with open_catalogue(settings) as catalogue:
        try:
            return catalogue.execute(query).fetchall()
        except (duckdb.BinderException, duckdb.CatalogException):
            raise OldBuildError(
                "The published build is of another version of Farthing: `farthing build` makes it anew."
            ) from None
