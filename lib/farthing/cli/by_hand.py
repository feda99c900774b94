"""``farthing account``: accounts that no bank tells of, kept by hand."""

from datetime import datetime
from typing import Annotated

import typer

from farthing.cli.output import SHOWN, out, print_rows
from farthing.clock import utc_now
from farthing.settings import Settings

account = typer.Typer(
    name="account", help="Accounts that no bank tells of: cash, a house, a loan.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(help="A short word of yours for it, such as cash.")]


@account.command("add")
def add(
    key: Key,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    kind: Annotated[str, typer.Option(help="One of cash, property, investment, loan, other.")] = "cash",
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code; the base currency if left out.")] = None,
) -> None:
    """Add an account, or change the one of that key; it counts once it has a balance.

    Example: `farthing account add house "Our house" --kind property`
    """
    from farthing import by_hand

    settings = Settings.load()
    by_hand.add(settings, key=key, name=name, kind=kind, currency=currency or settings.base_currency, now=utc_now())
    out.print(f"Kept; now say what it holds: `farthing account balance {key} AMOUNT`", highlight=False)


@account.command("balance", context_settings={"ignore_unknown_options": True})  # for amounts below zero
def balance(
    key: Key,
    amount: Annotated[str, typer.Argument(help="What it holds at the day's end; below zero for what is owed.")],
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today if left out.")] = None,
) -> None:
    """Say what an account kept by hand holds on a day; that holds until a later day says otherwise.

    Example: `farthing account balance cash 120.50 --day 2026-03-01`
    """
    from farthing import by_hand

    now = utc_now()
    by_hand.tell_balance(Settings.load(), key=key, amount=amount, day=(day or now).date(), now=now)
    out.print(f"Kept; {SHOWN}")


@account.command("list")
def show() -> None:
    """List the accounts that are kept by hand, each with the balance of its newest day.

    Example: `farthing account list`
    """
    from farthing.by_hand import list_kept

    rows = [
        [
            account.account_key,
            account.account_name,
            account.currency,
            *((str(newest.amount), str(newest.balance_date)) if newest else ("", "")),
        ]
        for account, newest in list_kept(Settings.load())
    ]
    print_rows(["key", "name", "currency", "balance", "day"], rows)


@account.command("remove")
def remove(key: Key) -> None:
    """Remove an account kept by hand, with all its balances.

    Example: `farthing account remove cash`
    """
    from farthing import by_hand

    by_hand.remove(Settings.load(), key=key, now=utc_now())
    out.print(f"Removed; {SHOWN}")
