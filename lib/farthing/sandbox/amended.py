"""What really happened on accounts: the ledger as it was worked out, with what was done to it since."""

from collections.abc import Mapping
from datetime import date, timedelta

from farthing.sandbox.habits import cents
from farthing.sandbox.household import Account
from farthing.sandbox.ledger import Entry, Ledger
from farthing.sandbox.merchants import Merchant
from farthing.sandbox.state import BankAccount, Posting

_SERIAL = 900  # of the first entry posted on a day: behind all others


class Amended(Ledger):
    """A household's ledger without the entries that its bank withdrew, and with those posted at somebody's wish."""

    def __init__(self, ledger: Ledger, at_bank: Mapping[str, BankAccount]) -> None:
        """Take a ledger, which stays as it is, and what befell accounts, by their keys."""
        super().__init__(ledger.household, seed=ledger.seed)
        self._ledger = ledger
        self._at_bank = at_bank

    def _month(self, account: Account, month: date) -> list[Entry]:
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        entries, befallen = self._ledger.entries(account, month, last), self._at_bank.get(account.key)
        if befallen is None:
            return entries
        posted = [
            _entry(posting, serial)
            for serial, posting in enumerate(befallen.posted, start=_SERIAL)
            if month <= posting.day <= last
        ]
        gone = {entry_id.bytes for entry_id in befallen.withdrawn}
        standing = (entry for entry in [*entries, *posted] if entry.digest not in gone)
        return sorted(standing, key=lambda entry: (entry.day, entry.serial))

    def _turnover(self, account: Account, month: date) -> int:
        return sum(entry.cents for entry in self._month(account, month))


def amended(ledger: Ledger, at_bank: Mapping[str, BankAccount]) -> Ledger:
    """Return a ledger with what befell its household's accounts; itself where nothing did, which is faster."""
    known = (at_bank.get(account.key) for account in ledger.household.accounts)
    is_touched = any(befallen is not None and (befallen.posted or befallen.withdrawn) for befallen in known)
    return Amended(ledger, at_bank) if is_touched else ledger


def _entry(posting: Posting, serial: int) -> Entry:
    party = Merchant(name=posting.counterparty, category=posting.category, town=posting.town, country=posting.country)
    return Entry(posting.id.bytes, posting.day, serial, posting.kind, cents(posting.amount), party, posting.text)
