"""A bank of one account that knows its own ledger: what it answers, and what the truth was when it did."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

type Fact = tuple[str, date, date | None, Decimal, int]  # serial number, dates, amount, and Entry.changes

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATE = timedelta(days=10)  # how far back a bank still books and corrects; less than the lookback


@dataclass(slots=True, kw_only=True)
class Entry:
    """One payment; ``serial`` is the oracle's and travels in a field that decides nothing."""

    serial: str
    amount: Decimal
    text: str
    booked_on: date | None  # null as long as it is pending
    value_on: date | None
    transaction_id: str | None
    internal_id: str | None
    changes: int = 0  # of text, dates, money, neighbours: whatever may cost it its name

    def fact(self) -> Fact:
        assert self.booked_on is not None
        return self.serial, self.booked_on, self.value_on, self.amount, self.changes

    def body(self) -> dict[str, object]:
        day = {"bookingDate": self.booked_on.isoformat()} if self.booked_on else {}
        value = {"valueDate": self.value_on.isoformat()} if self.value_on else {}
        ids = {"transactionId": self.transaction_id, "internalTransactionId": self.internal_id}
        return {
            **{name: text for name, text in ids.items() if text is not None},
            **day,
            **value,
            "transactionAmount": {"amount": str(self.amount), "currency": "EUR"},
            "creditorName" if self.amount < 0 else "debtorName": self.text,
            "remittanceInformationUnstructured": f"{self.text} thanks you",
            "purposeCode": self.serial,
        }


@dataclass(slots=True, kw_only=True)
class Account:
    """An account at the bank: its numbers, and its entries in the order in which they came."""

    name: str
    evidence: str  # by what it is known again: iban, resource or card
    entries: list[Entry] = field(default_factory=list)
    serials: int = 0

    @property
    def booked(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.booked_on is not None]

    @property
    def pending(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.booked_on is None]

    def open_entry(
        self, *, amount: str, text: str, booked_on: date | None, value_on: date | None, id_: str | None
    ) -> Entry:
        self.serials += 1
        serial = f"{self.name}-{self.serials}"
        entry = Entry(
            serial=serial,
            amount=Decimal(amount),
            text=text,
            booked_on=booked_on,
            value_on=value_on,
            transaction_id=serial if id_ == "own" else id_,
            internal_id=f"i-{serial}" if id_ == "own" and booked_on else None,
        )
        self.entries.append(entry)
        return entry

    def details(self) -> dict[str, object]:
        known = {
            "iban": {"iban": f"DE{int.from_bytes(self.name.encode()) % 10**20:020}"},
            "resource": {"resourceId": f"r-{self.name}"},
            "card": {
                "maskedPan": f"****{int.from_bytes(self.name.encode()) % 10**12:012}",
                "product": f"Card {self.name}",
            },
        }
        return {"account": {"currency": "EUR", "cashAccountType": "CACC", **known[self.evidence]}}

    def metadata(self, account_id: str) -> dict[str, object]:
        iban = self.details()["account"].get("iban")  # type: ignore[attr-defined]  # made just above
        return {"id": account_id, "status": "READY", "institution_id": f"BANK_{self.name}", "iban": iban}

    def shown(self, date_from: date, date_to: date) -> list[Entry]:
        """List the booked entries of a window, the newest first."""
        inside = [entry for entry in self.booked if date_from <= entry.booked_on <= date_to]  # type: ignore[operator]  # booked: it has a day
        return sorted(inside, key=lambda entry: entry.booked_on or date.min, reverse=True)


def lists(booked: Iterable[Entry], pending: Iterable[Entry]) -> dict[str, Any]:
    """Write the body of an answer about transactions."""
    return {"transactions": {"booked": [each.body() for each in booked], "pending": [each.body() for each in pending]}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One good answer about transactions: what it covers, what it showed, and what the ledger held at that moment.

    ``as_of`` is that of asking, but for a long history: it is told as it was when it was first asked for.
    """

    extract_id: str
    requested_at: datetime
    as_of: datetime
    days: frozenset[date]
    shown: Counter[date]
    facts: tuple[Fact, ...]
    pending: frozenset[str]
    is_faulty: bool


def covered_days(shown: Iterable[date], *, date_from: date, date_to: date) -> frozenset[date]:
    """Say which days an answer speaks of: banks keep no promise of more than 90 days before their first entry."""
    reliable = date_to - timedelta(days=90)
    first = max(date_from, min([reliable, *shown]))
    return frozenset(first + timedelta(days=each) for each in range((date_to - first).days + 1))


def looks_like_an_outage(told: Told, others: Iterable[Told]) -> bool:
    """Say whether an answer lost so much that it is not believed: over half, and all of it or more than one entry.

    It is held against those that know less than it does, or of the same moment more of a day.
    """
    most: Counter[date] = Counter()
    known: set[date] = set()
    for other in others:
        if other.as_of <= told.as_of:
            days = other.days & told.days
            if other.as_of == told.as_of:
                days = frozenset(day for day in days if _told_more(other, told, day))
            known |= days
            most |= Counter({day: entries for day, entries in other.shown.items() if day in days})
    had = most.total()
    has = sum(told.shown[day] for day in known)
    return 2 * has < had and (had - has > 1 or not told.shown.total())


def _told_more(other: Told, told: Told, day: date) -> bool:
    """Say which of two answers of one moment counts as the earlier: the fuller."""
    return (-other.shown[day], other.extract_id) < (-told.shown[day], told.extract_id)


def believed(told: Sequence[Told]) -> list[Told]:
    """Keep the answers that are believed."""
    return [each for each in told if not looks_like_an_outage(each, told)]


def owners(told: Iterable[Told]) -> dict[date, Told]:
    """Say which answer each day is taken from: of those that cover it what knows most, of one moment the fuller."""
    covering: dict[date, list[Told]] = {}
    for each in told:
        for day in each.days:
            covering.setdefault(day, []).append(each)
    return {
        day: max(answers, key=lambda each: (each.as_of, each.shown[day], each.extract_id))
        for day, answers in covering.items()
    }


def settled_until(told: Sequence[Told]) -> date | None:
    """Say until which day a build finds all days covered, from the first one on; as the mart of coverage does."""
    days = sorted(set[date]().union(*(each.days for each in believed(told))))
    gaps = [earlier for earlier, later in pairwise(days) if later - earlier > timedelta(days=1)]
    return gaps[-1] if gaps else max(days, default=None)
