"""Accounts that no bank tells of, such as cash, a house or a loan: their owner says what they hold."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count
from typing import get_args

from farthing.lake.reference import (
    BadDecisionError,
    ManualAccount,
    ManualBalance,
    checked,
    current,
    decide,
    withdraw,
)
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.subjects import UnknownSubjectError, is_linked, list_manual_accounts

KINDS: tuple[str, ...] = get_args(ManualAccount.model_fields["kind"].annotation)
_KEY_LENGTH = 28  # of the 31 that a key may have: a number may follow


def list_kept(settings: Settings) -> list[tuple[ManualAccount, ManualBalance | None]]:
    """List the accounts by key, each with the balance of its newest day; null where nothing was said yet."""
    store = open_store(settings)
    newest = {each.account_key: each for each in current(store, ManualBalance)}  # they come by day
    return [(each, newest.get(each.account_key)) for each in current(store, ManualAccount)]


def add(settings: Settings, *, key: str, name: str, kind: str, currency: str, now: datetime) -> None:
    """Add an account, or change the one of that key; it counts once it has a balance.

    :raises BadDecisionError: with a line for every mistake.
    """
    decide(open_store(settings), [_account(settings, key, name, kind, currency)], decided_at=now)


def begin(
    settings: Settings, *, name: str, kind: str, currency: str, amount: Decimal | str, day: date, now: datetime
) -> None:
    """Add an account under a key made of its name, with its first balance.

    :raises BadDecisionError: with a line for every mistake; then neither is kept.
    """
    others = list_manual_accounts(settings)
    if name.casefold() in {each.name.casefold() for each in others}:  # as of a form that was sent twice
        raise BadDecisionError(["account_name: there is one of that name: say its balance, or choose another name"])
    key = _key_of(name, taken={each.key for each in others})
    account = _account(settings, key, name, kind, currency)
    balance = checked(ManualBalance, account_key=key, balance_date=day, amount=amount)
    decide(open_store(settings), [account, balance], decided_at=now)


def tell_balance(settings: Settings, *, key: str, amount: Decimal | str, day: date, now: datetime) -> None:
    """Say what an account holds at a day's end; that holds until a later day says otherwise.

    :param amount: below zero for what is owed.
    :raises UnknownSubjectError: if there is no such account.
    :raises BadDecisionError: with a line for every mistake.
    """
    _must_be_known(settings, key)
    kept = checked(ManualBalance, account_key=key, balance_date=day, amount=amount)
    decide(open_store(settings), [kept], decided_at=now)


def remove(settings: Settings, *, key: str, now: datetime) -> None:
    """Remove an account, with all its balances.

    :raises UnknownSubjectError: if there is no such account.
    """
    _must_be_known(settings, key)
    store = open_store(settings)
    said = [each.subject for each in current(store, ManualBalance) if each.account_key == key]
    withdraw(store, ManualBalance, said, decided_at=now)
    withdraw(store, ManualAccount, [(key,)], decided_at=now)


def _account(settings: Settings, key: str, name: str, kind: str, currency: str) -> ManualAccount:
    if is_linked(settings, key):
        raise BadDecisionError(["account_key: a linked account has it: choose another word"])
    return checked(ManualAccount, account_key=key, account_name=name, kind=kind, currency=currency)


def _must_be_known(settings: Settings, key: str) -> None:
    if key not in {each.key for each in list_manual_accounts(settings)}:
        raise UnknownSubjectError(
            "No account is kept by hand under that key: `farthing account list` shows them, `account add` adds one."
        )


def _key_of(name: str, *, taken: Collection[str]) -> str:
    """Make a word of a name that no other account kept by hand has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_KEY_LENGTH].strip("-") or "account"
    return next(key for key in chain([word], (f"{word}-{number}" for number in count(2))) if key not in taken)
