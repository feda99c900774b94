"""What a bank answers about an account: its ledger in its dialect, through its habits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid5

from farthing.sandbox import quirks, wire
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.ledger import LEDGER_START, Entry, Ledger
from farthing.sandbox.quirks import Told
from farthing.sandbox.state import BankAccount
from farthing.sandbox.wire import Document

_DAY = timedelta(days=1)
_MARGIN, _LONG_MARGIN = timedelta(days=5), timedelta(days=70)
_KEEPS_ANNOUNCED = 21  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account as its bank tells of it on a day; banks book overnight, so today's entries are pending or unknown.

    :ivar ledger: with what was withdrawn and posted, see :func:`farthing.sandbox.amended.amended`.
    """

    account: Account
    ledger: Ledger
    bank: Institution
    befallen: BankAccount
    today: date

    def booked(self, first: date, last: date, *, undated: bool) -> list[Document]:
        """Return the booked entries of which either date lies within a range, the newest first.

        :param undated: also those which the bank gives without a date.
        """
        # Some habits move a date, so look further and filter by what the bank says.
        margin = _LONG_MARGIN if 18 in self.bank.quirks else _MARGIN
        known = self._known(first - margin, min(last + margin, self.today - _DAY))
        first_day, last_day = first.isoformat(), last.isoformat()
        within = [
            document
            for entry, balance in known
            for document in self._tell(entry, balance)
            if _is_within(document, first_day, last_day, undated=undated and first <= entry.day <= last)
        ]
        return quirks.arrange(within[::-1], self.bank)

    def pending(self) -> list[Document]:
        """Return what is announced and not booked."""
        waiting = self.ledger.pending(self.account, self.today)
        if 11 in self.bank.quirks:
            waiting += self.ledger.announced(self.account, self.today, _KEEPS_ANNOUNCED)
        documents = (wire.pending_entry(entry, self.account, self.bank.dialect) for entry in waiting)
        return [
            changed
            for entry, document in zip(waiting, documents, strict=True)
            for changed in quirks.pending(document, self._told(entry))
        ]

    def balances(self) -> list[Document]:
        """Return the balances."""
        waiting = (entry.movement.amount for entry in self.ledger.pending(self.account, self.today))
        closed = self.ledger.balance(self.account, self.today - _DAY)
        documents = wire.balances(
            self.account,
            self.bank.dialect,
            today=self.today,
            closed=closed,
            month_closed=self.ledger.balance(self.account, self.today.replace(day=1) - _DAY),
            pending=sum(waiting, start=Decimal(0)),
        )
        return quirks.balances(documents, self.account, self.bank, closed=closed)

    def details(self) -> Document:
        """Return the details."""
        document = quirks.details(wire.details(self.account, self.bank.bic), self.account, self.bank)
        return document | ({"status": "deleted"} if self.befallen.closed else {})

    def _known(self, first: date, last: date) -> Iterator[tuple[Entry, Decimal | None]]:
        """Return entries under the ids they have by now."""
        anew = self.befallen.reissued
        tells_balance = 30 in self.bank.quirks
        first = max(first, LEDGER_START)
        balance = self.ledger.balance(self.account, first - _DAY) if tells_balance else Decimal(0)
        for entry in self.ledger.entries(self.account, first, last):
            balance += entry.movement.amount
            shown = entry
            if anew:
                shown = entry._replace(entry_id=uuid5(entry.entry_id, str(anew)), generation=anew)
            yield shown, balance if tells_balance else None

    def _tell(self, entry: Entry, balance: Decimal | None) -> list[Document]:
        document = wire.booked_entry(entry, self.account, self.bank.dialect, balance)
        return quirks.booked(document, self._told(entry))

    def _told(self, entry: Entry) -> Told:
        return Told(entry, self.account, self.bank, self.today)


def _is_within(document: Document, first: str, last: str, *, undated: bool) -> bool:
    booking, value = str(document.get("bookingDate", "")), str(document.get("valueDate", ""))
    if not booking and not value:
        return undated
    return first <= booking <= last or first <= value <= last
