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
    from farthing.lake.reference import BadDecisionError, ManualAccount, checked, decide
    from farthing.lake.store import open_store
    from farthing.subjects import is_linked

    settings = Settings.load()
    if is_linked(settings, key):
        raise BadDecisionError(["account_key: a linked account has it: choose another word"])
    kept = checked(
        ManualAccount, account_key=key, account_name=name, kind=kind, currency=currency or settings.base_currency
    )
    decide(open_store(settings), [kept], decided_at=utc_now())
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
    from farthing.lake.reference import ManualBalance, checked, decide
    from farthing.lake.store import open_store
    from farthing.subjects import UnknownSubjectError, list_manual_accounts

    settings, now = Settings.load(), utc_now()
    if key not in {each.key for each in list_manual_accounts(settings)}:
        raise UnknownSubjectError(
            "No account is kept by hand under that key: `farthing account add` adds one, `list` shows them."
        )
    kept = checked(ManualBalance, account_key=key, balance_date=(day or now).date(), amount=amount)
    decide(open_store(settings), [kept], decided_at=now)
    out.print(f"Kept; {SHOWN}")


@account.command("list")
def show() -> None:
    """List the accounts that are kept by hand, each with the balance of its newest day.

    Example: `farthing account list`
    """
    from farthing.lake.reference import ManualBalance, current
    from farthing.lake.store import open_store
    from farthing.subjects import list_manual_accounts

    settings = Settings.load()
    balances = {each.account_key: each for each in current(open_store(settings), ManualBalance)}  # by day
    rows = []
    for each in list_manual_accounts(settings):
        newest = balances.get(each.key)
        amount, day = (str(newest.amount), str(newest.balance_date)) if newest else ("", "")
        rows.append([each.key, each.name, each.currency, amount, day])
    print_rows(["key", "name", "currency", "balance", "day"], rows)


@account.command("remove")
def remove(key: Key) -> None:
    """Remove an account kept by hand, with all its balances.

    Example: `farthing account remove cash`
    """
    from farthing.lake.reference import ManualAccount, ManualBalance, current, withdraw
    from farthing.lake.store import open_store
    from farthing.subjects import UnknownSubjectError, list_manual_accounts

    settings, now = Settings.load(), utc_now()
    if key not in {each.key for each in list_manual_accounts(settings)}:
        raise UnknownSubjectError("No account is kept by hand under that key: `farthing account list` shows them.")
    store = open_store(settings)
    said = [each.subject for each in current(store, ManualBalance) if each.account_key == key]
    withdraw(store, ManualBalance, said, decided_at=now)
    withdraw(store, ManualAccount, [(key,)], decided_at=now)
    out.print(f"Removed; {SHOWN}")
