"""What happened on each account and day: a pure function of seed, account and date, so time only ever adds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from farthing.sandbox.habits import BY_CARD, Kind, Trip, euros, falls_due
from farthing.sandbox.household import Account, Household
from farthing.sandbox.merchants import Category, Merchant

LEDGER_START = date(2023, 1, 1)  # the day of the opening balances; banks here know nothing older
_REFUND_AFTER = timedelta(days=9)
_REFUNDING = frozenset({Category.CLOTHES, Category.ELECTRONICS, Category.HOME})
_CENT = Decimal("0.01")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The foreign price behind an amount: ``rate`` is euros for one unit of ``currency``."""

    currency: str
    price: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of money on an account, before the bank numbers it; outgoing amounts are negative."""

    kind: Kind
    amount: Decimal
    party: Merchant | Account
    text: str = ""
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A movement in the ledger, numbered within its day.

    :ivar generation: how often the bank has given it new ids.
    """

    entry_id: UUID
    day: date
    serial: int
    movement: Movement
    generation: int = 0


class Ledger:
    """All entries of a household; a month of an account is worked out when it is first asked for."""

    def __init__(self, household: Household, *, seed: int) -> None:
        self.household = household
        self._seed = seed
        self._months: dict[tuple[str, date], list[Entry]] = {}
        self._closings: dict[str, list[Decimal]] = {}

    def entries(self, account: Account, first: date, last: date) -> list[Entry]:
        """Return the entries of an account from one day to another, both included, in order."""
        found: list[Entry] = []
        month = max(first, LEDGER_START).replace(day=1)
        while month <= last:
            found += [entry for entry in self._month(account, month) if first <= entry.day <= last]
            month = _next_month(month)
        return found

    def pending(self, account: Account, today: date) -> list[Entry]:
        """Return what is known of a day before it is over: the payments by card."""
        return [entry for entry in self.entries(account, today, today) if entry.movement.kind in BY_CARD]

    def announced(self, account: Account, today: date, days: int) -> list[Entry]:
        """Return the direct debits of the coming days."""
        coming = self.entries(account, today + _DAY, today + timedelta(days=days))
        return [entry for entry in coming if entry.movement.kind is Kind.DEBIT]

    def balance(self, account: Account, day: date) -> Decimal:
        """Return what an account holds at the end of a day."""
        if day < LEDGER_START:
            return account.opening
        month = day.replace(day=1)
        before = self._closing(account, (month.year - LEDGER_START.year) * 12 + month.month - LEDGER_START.month)
        return before + sum((entry.movement.amount for entry in self.entries(account, month, day)), start=Decimal(0))

    def running(self, account: Account, first: date, last: date) -> Iterator[tuple[Entry, Decimal]]:
        """Return the entries from one day to another, each with what the account holds after it."""
        balance = self.balance(account, first - _DAY)
        for entry in self.entries(account, first, last):
            balance += entry.movement.amount
            yield entry, balance

    def _closing(self, account: Account, months: int) -> Decimal:
        """Return what an account holds after so many months."""
        closings = self._closings.setdefault(account.key, [account.opening])
        while len(closings) <= months:
            years, month = divmod(LEDGER_START.month - 1 + len(closings) - 1, 12)
            entries = self._month(account, date(LEDGER_START.year + years, month + 1, 1))
            closings.append(closings[-1] + sum((entry.movement.amount for entry in entries), start=Decimal(0)))
        return closings[months]

    def _month(self, account: Account, month: date) -> list[Entry]:
        place = (account.key, month)
        if place not in self._months:
            self._months[place] = [
                Entry(
                    entry_id=uuid5(NAMESPACE_URL, f"farthing/{self._seed}/{account.key}/{day}/{serial}"),
                    day=day,
                    serial=serial,
                    movement=movement,
                )
                for day in _days_of(month)
                for serial, movement in enumerate(self._movements(account, day), start=1)
            ]
        return self._months[place]

    def _movements(self, account: Account, day: date) -> Iterator[Movement]:
        yield from self._transfers(account, day)
        yield from _regulars(account, day)
        yield from _interest(account, day)
        yield from self._invoices(account, day)
        yield from self._purchases(account, day)
        yield from self._refunds(account, day)

    def _invoices(self, account: Account, day: date) -> Iterator[Movement]:
        for number, invoices in enumerate(account.invoices):
            paid = invoices.paid_on(day, self._dice(account, day, f"invoices {number}"))
            if paid is not None:
                client, amount, text = paid
                yield Movement(kind=Kind.TRANSFER_IN, amount=amount, party=client, text=text)

    def _transfers(self, account: Account, day: date) -> Iterator[Movement]:
        for transfer in self.household.transfers:
            if transfer.is_due(day):
                yield from self._sides(account, transfer.source, transfer.target, transfer.amount, transfer.text)
        for settlement in self.household.settlements:
            if account.key in (settlement.source, settlement.card) and falls_due(day, settlement.day):
                owed = self._spent_in_month_before(self.household.account(settlement.card), day)
                if owed > 0:
                    yield from self._sides(account, settlement.source, settlement.card, owed, settlement.text)

    def _sides(self, account: Account, source: str, target: str, amount: Decimal, text: str) -> Iterator[Movement]:
        if account.key == source:
            party = self.household.account(target)
            yield Movement(kind=Kind.STANDING_ORDER, amount=-amount, party=party, text=text)
        elif account.key == target:
            party = self.household.account(source)
            yield Movement(kind=Kind.TRANSFER_IN, amount=amount, party=party, text=text)

    def _spent_in_month_before(self, card: Account, day: date) -> Decimal:
        last = day.replace(day=1) - _DAY
        if last < LEDGER_START:
            return Decimal(0)
        return -sum(
            (
                movement.amount
                for number in range(1, last.day + 1)
                for part in (_regulars, self._purchases, self._refunds)
                for movement in part(card, last.replace(day=number))
            ),
            start=Decimal(0),
        )

    def _purchases(self, account: Account, day: date) -> Iterator[Movement]:
        dice = self._dice(account, day)
        trip = next((trip for trip in account.trips if trip.covers(day)), None)
        if trip is not None:  # away: the habits of home rest
            yield from _abroad(trip, dice)
            return
        for habit in account.habits:
            for merchant, amount in habit.purchases(day, dice):
                yield Movement(kind=habit.kind, amount=-amount, party=merchant)

    def _refunds(self, account: Account, day: date) -> Iterator[Movement]:
        returnable = [
            bought
            for bought in self._purchases(account, day - _REFUND_AFTER)
            if isinstance(bought.party, Merchant) and bought.party.category in _REFUNDING
        ]
        if not returnable:  # most days: throwing dice takes time
            return
        dice = self._dice(account, day, "refunds")
        for bought in returnable:
            if dice.random() < 0.15:
                yield Movement(kind=Kind.REFUND, amount=-bought.amount, party=bought.party)

    def _dice(self, account: Account, day: date, purpose: str = "purchases") -> Random:
        # Seeded so that each day can be thrown again; nothing is protected by it.
        return Random(f"{self._seed}/{account.key}/{day}/{purpose}")  # noqa: S311 - made-up payments


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _days_of(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += _DAY


def _regulars(account: Account, day: date) -> Iterator[Movement]:
    for regular in account.regulars:
        amount = regular.amount_on(day)
        if amount is not None:
            text = regular.text.format(month=f"{day:%m/%Y}", year=day.year)
            yield Movement(kind=regular.kind, amount=amount, party=regular.payee, text=text)


def _interest(account: Account, day: date) -> Iterator[Movement]:
    interest, tomorrow = account.interest, day + _DAY
    if interest is None or tomorrow.day != 1 or tomorrow.month not in (1, 4, 7, 10):
        return
    months = (day.year - LEDGER_START.year) * 12 + day.month
    base = account.opening + months * interest.saved
    amount = (base * interest.rate / 4).quantize(_CENT, ROUND_HALF_EVEN)
    yield Movement(kind=Kind.INTEREST, amount=amount, party=interest.bank, text=f"{interest.text} {day:%m/%Y}")


def _abroad(trip: Trip, dice: Random) -> Iterator[Movement]:
    for _ in range(trip.a_day):
        price = euros(min(dice.randint(trip.low, trip.high), dice.randint(trip.low, trip.high)))
        rate = trip.rate * (Decimal(1) + Decimal(dice.randint(-200, 200)).scaleb(-4))
        rate = rate.quantize(Decimal("0.000001"))
        amount = (price * rate).quantize(_CENT, ROUND_HALF_EVEN)
        exchange = Exchange(currency=trip.currency, price=price, rate=rate)
        yield Movement(kind=Kind.CARD, amount=-amount, party=dice.choice(trip.merchants), exchange=exchange)
