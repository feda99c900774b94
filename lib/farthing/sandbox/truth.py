"""The bank's own ledger as Parquet: what a pipeline's conclusions can be held against."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from farthing.sandbox.amended import amended
from farthing.sandbox.books import Books
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.labels import refunded_entries, series_id, transfer_id
from farthing.sandbox.ledger import Ledger
from farthing.sandbox.merchants import Merchant
from farthing.sandbox.state import BankAccount
from farthing.sandbox.wire import value_date

_MONEY = pa.decimal128(19, 4)
_ROW_GROUP = 1000
ACCOUNTS = pa.schema(
    [
        ("account_key", pa.string()),
        ("institution_id", pa.string()),
        ("household", pa.int32()),
        ("resource_id", pa.string()),
        ("iban", pa.string()),
        ("masked_pan", pa.string()),
        ("owner", pa.string()),
        ("cash_account_type", pa.string()),
        ("currency", pa.string()),
        ("opening_balance", _MONEY),
        ("closing_balance", _MONEY),
    ]
)
ENTRIES = pa.schema(
    [
        ("entry_id", pa.string()),
        ("account_key", pa.string()),
        ("booking_date", pa.date32()),
        ("value_date", pa.date32()),
        ("serial", pa.int32()),
        ("kind", pa.string()),
        ("amount", _MONEY),
        ("currency", pa.string()),
        ("balance_after", _MONEY),
        ("counterparty", pa.string()),
        ("counterparty_iban", pa.string()),
        ("category", pa.string()),
        ("is_own_transfer", pa.bool_()),
        ("text", pa.string()),
        ("foreign_currency", pa.string()),
        ("foreign_amount", _MONEY),
        ("transfer_id", pa.string()),
        ("series_id", pa.string()),
        ("refunded_entry_id", pa.string()),
    ]
)
EVENTS = pa.schema(
    [
        ("account_key", pa.string()),
        ("happened_at", pa.timestamp("us", tz="UTC")),
        ("what", pa.string()),
        ("entry_id", pa.string()),
        ("booking_date", pa.date32()),
        ("amount", _MONEY),
        ("text", pa.string()),
    ]
)
"""The last three are what an entry was until then that was withdrawn or amended."""


def write_truth(
    folder: Path,
    books: Books,
    banks: Sequence[Institution],
    *,
    households: int,
    first: date,
    last: date,
    at_bank: Mapping[str, BankAccount] = MappingProxyType({}),
    linked: Collection[str] = (),
) -> int:
    """Write ``accounts``, ``entries`` and ``events.parquet``, account by account, so that memory does not grow.

    Opening balances are those before the first day, closing ones those after the last.

    :param households: how many of each bank, from number 0; banks written by hand have one.
    :param at_bank: what befell accounts, by their keys: it is in the entries and balances, and told as events.
    :param linked: keys of accounts whose households are told of whatever their numbers.
    :returns: the number of entries.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    with (
        pq.ParquetWriter(folder / "accounts.parquet", ACCOUNTS) as accounts,
        pq.ParquetWriter(folder / "entries.parquet", ENTRIES) as entries,
    ):
        rows: list[dict[str, object]] = []
        for number, account, made in _accounts(books, banks, households, linked):
            ledger = amended(made, at_bank)
            rows.append(_account(number, account, ledger, first, last))
            if len(rows) == _ROW_GROUP:
                accounts.write_table(pa.Table.from_pylist(rows, ACCOUNTS))
                rows.clear()
            table = entries_of(account, ledger, first, last)
            entries.write_table(table)
            written += len(table)
        accounts.write_table(pa.Table.from_pylist(rows, ACCOUNTS))
    told = [row for bank in banks for row in _events(books, bank, at_bank)]
    pq.write_table(pa.Table.from_pylist(told, EVENTS), folder / "events.parquet")
    return written


def entries_of(account: Account, ledger: Ledger, first: date, last: date) -> pa.Table:
    """Make the rows of an account's entries from one day to another, both included."""
    return pa.Table.from_pylist(list(_entries(account, ledger, first, last)), ENTRIES)


def _accounts(
    books: Books, banks: Sequence[Institution], households: int, linked: Collection[str]
) -> Iterator[tuple[int, Account, Ledger]]:
    for bank in banks:
        seen: set[str] = set()
        beyond = {number for key in linked if (number := books.number_of(bank.key, key)) >= households}
        for number in (*range(households), *sorted(beyond)):
            for account in books.accounts(bank.key, user=str(number)):
                if account.key not in seen:
                    seen.add(account.key)
                    yield number, account, books.of(account.key)[1]


def _events(books: Books, bank: Institution, at_bank: Mapping[str, BankAccount]) -> Iterator[dict[str, object]]:
    for key, befallen in at_bank.items():
        if books.of(key)[0].institution_id == bank.key:
            for event in befallen.events:
                yield {
                    "account_key": key,
                    "happened_at": event.at,
                    "what": event.what,
                    "entry_id": event.entry.hex if event.entry else None,
                    "booking_date": event.day,
                    "amount": event.amount,
                    "text": event.text,
                }


def _account(number: int, account: Account, ledger: Ledger, first: date, last: date) -> dict[str, object]:
    return {
        "account_key": account.key,
        "institution_id": account.institution_id,
        "household": number,
        "resource_id": account.resource_id,
        "iban": account.iban,
        "masked_pan": account.masked_pan,
        "owner": account.owner,
        "cash_account_type": account.cash_account_type,
        "currency": account.currency,
        "opening_balance": ledger.balance(account, date.fromordinal(first.toordinal() - 1)),
        "closing_balance": ledger.balance(account, last),
    }


def _entries(account: Account, ledger: Ledger, first: date, last: date) -> Iterator[dict[str, object]]:
    refunded = refunded_entries(account, ledger, first, last)
    for entry, balance in ledger.running(account, first, last):
        merchant = entry.party if isinstance(entry.party, Merchant) else None
        exchange = entry.exchange
        purchase = refunded.get(entry.entry_id)
        yield {
            "entry_id": entry.entry_id.hex,
            "account_key": account.key,
            "booking_date": entry.day,
            "value_date": value_date(entry, account),
            "serial": entry.serial,
            "kind": entry.kind.name,
            "amount": entry.amount,
            "currency": account.currency,
            "balance_after": balance,
            "counterparty": entry.party.name if merchant else entry.party.key,  # type: ignore[union-attr]  # who is no merchant has a key
            "counterparty_iban": entry.party.iban,
            "category": merchant.category.name if merchant else None,
            "is_own_transfer": merchant is None,
            "text": entry.text,
            "foreign_currency": exchange.currency if exchange else None,
            "foreign_amount": -exchange.price if exchange else None,
            "transfer_id": transfer_id(account, entry),
            "series_id": series_id(account, entry),
            "refunded_entry_id": purchase.hex if purchase else None,
        }
