"""What a decision is about: transactions and accounts, found by what a person types among what is published."""

from dataclasses import dataclass
from decimal import Decimal

from farthing.errors import FarthingError
from farthing.lake.catalogue import NothingPublishedError, open_catalogue
from farthing.lake.reference import ManualAccount, current
from farthing.lake.store import open_store
from farthing.settings import Settings


class UnknownSubjectError(FarthingError):
    """Nothing, or more than one thing, is called so: write it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A published transaction, as far as decisions on it need to know it."""

    key: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account, linked or kept by hand."""

    key: str
    name: str
    currency: str


def find_transaction(settings: Settings, key: str) -> Transaction:
    """Find a published transaction by its key, or by how its key begins.

    :raises UnknownSubjectError: if there is none, or are several.
    :raises NothingPublishedError: if there is no build to look in.
    """
    with open_catalogue(settings) as catalogue:
        rows = catalogue.execute(
            "select transaction_key, amount, currency from marts.fct_transactions"
            " where starts_with(transaction_key, $1) order by transaction_key <> $1 limit 2",
            [key],
        ).fetchall()
    if not key or not rows:
        raise UnknownSubjectError(
            "No published transaction has that key: `farthing sql` shows those of marts.fct_transactions."
        )
    if len(rows) > 1 and rows[0][0] != key:
        raise UnknownSubjectError("The keys of several transactions begin so: write more of it.")
    found, amount, currency = rows[0]
    return Transaction(key=found, amount=amount, currency=currency)


def find_account(settings: Settings, named: str) -> Account:
    """Find an account, linked or kept by hand, by its name or its key.

    :raises UnknownSubjectError: if there is none, or are several.
    """
    accounts = [*list_manual_accounts(settings), *_linked(settings)]
    found = [each for each in accounts if each.key == named]
    found = found or [each for each in accounts if each.name.casefold() == named.casefold()]
    if not found:
        raise UnknownSubjectError(
            "There is no such account: `farthing status` and `farthing account list` show those there are."
        )
    if len(found) > 1:
        raise UnknownSubjectError("Several accounts are called so: write the account's key in marts.dim_account.")
    return found[0]


def is_linked(settings: Settings, key: str) -> bool:
    """Whether a bank tells of the account of that key."""
    return any(each.key == key for each in _linked(settings))


def list_manual_accounts(settings: Settings) -> list[Account]:
    """List the accounts that are kept by hand, by key."""
    return [
        Account(key=each.account_key, name=each.account_name, currency=each.currency)
        for each in current(open_store(settings), ManualAccount)
    ]


def _linked(settings: Settings) -> list[Account]:
    try:
        with open_catalogue(settings) as catalogue:
            rows = catalogue.execute("select account_key, account_name, currency from marts.dim_account").fetchall()
    except NothingPublishedError:  # accounts kept by hand need no bank
        return []
    return [Account(key=key, name=name, currency=currency) for key, name, currency in rows]
