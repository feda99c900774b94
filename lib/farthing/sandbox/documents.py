"""Accounts, balances and details as the API gives them, each bank in its own dialect."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import orjson
import polars as pl

from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Dialect, Institution

type Document = dict[str, object]


def metadata(account: Account, bank: Institution, account_id: UUID, *, created: datetime, status: str) -> Document:
    """Return what is known of an account without asking its bank, not accessed so far."""
    return {
        "id": str(account_id),
        "created": timestamp(created),
        "last_accessed": None,
        "iban": account.iban,
        "bban": None,
        "status": status,
        "institution_id": bank.institution_id,
        "owner_name": "" if 50 in bank.quirks else account.owner,
        "name": account.name,
    }


def details(account: Account, bic: str) -> Document:
    """Return an account's details; a card has a masked number in place of an IBAN."""
    number: Document = {"maskedPan": account.masked_pan}
    if not account.is_card:
        number = {"bban": account.bban, "bic": bic} if account.iban is None else {"iban": account.iban, "bic": bic}
    if account.iban is not None and account.iban.startswith("GB"):
        number["scan"] = account.iban[8:]  # sort code and number
    return {
        "resourceId": account.resource_id,
        **number,
        "currency": account.currency,
        "ownerName": account.owner,
        "name": account.name,
        "product": account.product,
        "cashAccountType": account.cash_account_type,
        "status": "enabled",
        "usage": "ORGA" if account.invoices else "PRIV",
    }


def balances(
    account: Account, dialect: Dialect, *, today: date, closed: Decimal, month_closed: Decimal, pending: Decimal
) -> list[Document]:
    """Return an account's balances.

    :param closed: what it held at the end of yesterday.
    :param month_closed: what it held at the end of the last whole month.
    :param pending: the sum of today's pending entries.
    """
    currency, yesterday = account.currency, today - timedelta(days=1)
    closing = balance("closingBooked", closed, currency, yesterday)
    available = balance("interimAvailable", closed + pending, currency, today)
    if dialect is Dialect.NAMES:
        return [balance("interimBooked", closed, currency, today), available, closing]
    if dialect is Dialect.SANDBOX:
        return [
            balance("expected", closed, currency, today),
            balance("interimAvailable", closed, currency, today),
        ]
    if dialect is Dialect.PLAIN:
        return [closing, available]
    end = today.replace(day=1) - timedelta(days=1)
    booked = [closing, balance("previouslyClosedBooked", month_closed, currency, end)]
    return booked if account.is_card else [*booked, available]


def amount_of(amount: Decimal, currency: str) -> Document:
    """Return an amount as text, with its currency."""
    return {"amount": f"{amount:.2f}", "currency": currency}


def timestamp(moment: datetime) -> str:
    """Write a UTC time as the API does: microseconds and ``Z``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def to_json(document: Document) -> bytes:
    """Write a document as the API sends it."""
    return orjson.dumps(document)


def array(objects: pl.Series) -> orjson.Fragment:
    """Make an array of JSON objects, to be a part of a document."""
    return orjson.Fragment(f"[{','.join(objects)}]")


def balance(balance_type: str, amount: Decimal, currency: str, reference: date) -> Document:
    """Return a balance of a type and a day."""
    return {
        "balanceAmount": amount_of(amount, currency),
        "balanceType": balance_type,
        "referenceDate": reference.isoformat(),
    }
