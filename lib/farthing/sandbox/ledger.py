"""What happened on each account and day: a pure function of seed, account and date, so time only ever adds."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from random import Random
from typing import NamedTuple
from uuid import UUID

from farthing.sandbox.habits import BY_CARD, Exchange, Kind, Movement, Party, Transfer, Trip, cents, due_day, euros
from farthing.sandbox.household import Account, Household
from farthing.sandbox.merchants import Category, Merchant

LEDGER_START = date(2023, 1, 1)  # the day of the opening balances; banks here know nothing older
REFUND_AFTER = timedelta(days=9)  # of the purchase
_REFUNDING = frozenset({Category.CLOTHES, Category.ELECTRONICS, Category.HOME})
_CENT = Decimal("0.01")
_DAY = timedelta(days=1)


class Entry(NamedTuple):
    """A movement in the ledger, numbered within its day.

    :ivar digest: the 16 bytes of its id.
    :ivar cents: hundredths of the account's currency, negative if they go out.
    """

    digest: bytes
    day: date
    serial: int
    kind: Kind
    cents: int
    party: Party
    text: str = ""
    exchange: Exchange | None = None

    @property
    def entry_id(self) -> UUID:
        """Its id."""
        return UUID(bytes=self.digest)

    @property
    def amount(self) -> Decimal:
        """What moved, negative if it went out."""
        return euros(self.cents)


class Ledger:
    """All entries of a household; a month of an account is worked out when it is first asked for."""

    def __init__(self, household: Household, *, seed: int) -> None:
        self.household = household
        self.seed = seed
        self._months: dict[tuple[str, date], list[Entry]] = {}
        self._bought: dict[tuple[str, date], list[Movement]] = {}
        self._closings: dict[str, list[int]] = {}

    def entries(self, account: Account, first: date, last: date) -> list[Entry]:
        """Return the entries of an account from one day to another, both included, in order."""
        found: list[Entry] = []
        month = max(first, LEDGER_START).replace(day=1)
        while month <= last:
            entries, after = self._month(account, month), _next_month(month)
            is_whole = first <= month and after <= last
            found += entries if is_whole else [entry for entry in entries if first <= entry.day <= last]
            month = after
        return found

    def pending(self, account: Account, today: date) -> list[Entry]:
        """Return what is known of a day before it is over: the payments by card."""
        return [entry for entry in self.entries(account, today, today) if entry.kind in BY_CARD]

    def announced(self, account: Account, today: date, days: int) -> list[Entry]:
        """Return the direct debits of the coming days."""
        coming = self.entries(account, today + _DAY, today + timedelta(days=days))
        return [entry for entry in coming if entry.kind is Kind.DEBIT]

    def balance(self, account: Account, day: date) -> Decimal:
        """Return what an account holds at the end of a day."""
        if day < LEDGER_START:
            return account.opening
        month = day.replace(day=1)
        before = self._closing(account, (month.year - LEDGER_START.year) * 12 + month.month - LEDGER_START.month)
        return euros(before + sum(entry.cents for entry in self.entries(account, month, day)))

    def running(self, account: Account, first: date, last: date) -> Iterator[tuple[Entry, Decimal]]:
        """Return the entries from one day to another, each with what the account holds after it."""
        balance = self.balance(account, first - _DAY)
        for entry in self.entries(account, first, last):
            balance += entry.amount
            yield entry, balance

    def _closing(self, account: Account, months: int) -> int:
        """Return how many cents an account holds after so many months."""
        closings = self._closings.setdefault(account.key, [cents(account.opening)])
        while len(closings) <= months:
            years, month = divmod(LEDGER_START.month - 1 + len(closings) - 1, 12)
            closings.append(closings[-1] + self._turnover(account, date(LEDGER_START.year + years, month + 1, 1)))
        return closings[months]

    def _turnover(self, account: Account, month: date) -> int:
        """Sum up a month; one that nobody asked the entries of needs no numbers and ids for that."""
        entries = self._months.get((account.key, month))
        if entries is not None:
            return sum(entry.cents for entry in entries)
        return sum(amount for _, _, amount, _, _, _ in self._movements(account, month))

    def _month(self, account: Account, month: date) -> list[Entry]:
        place = (account.key, month)
        if place not in self._months:
            movements = sorted(self._movements(account, month), key=itemgetter(0))
            self._months[place] = list(_numbered(f"farthing/{self.seed}/{account.key}", movements))
        return self._months[place]

    def _movements(self, account: Account, month: date) -> Iterator[Movement]:
        """Work out a month, kind by kind: on each day, entries are in this order."""
        yield from self._transfers(account, month)
        yield from _regulars(account, month)
        yield from _interest(account, month)
        yield from self._invoices(account, month)
        yield from self._purchases(account, month)
        yield from self._refunds(account, month)

    def _transfers(self, account: Account, month: date) -> Iterator[Movement]:
        for transfer in self.household.transfers:
            if month.month in transfer.months:
                yield from self._sides(account, transfer, month)
        for paid in self.household.settlements:
            if account.key in (paid.source, paid.card):
                owed = euros(self._spent(self.household.account(paid.card), _month_before(month)))
                if owed > 0:
                    settled = Transfer(source=paid.source, target=paid.card, day=paid.day, amount=owed, text=paid.text)
                    yield from self._sides(account, settled, month)

    def _sides(self, account: Account, transfer: Transfer, month: date) -> Iterator[Movement]:
        day, amount, text = due_day(month, transfer.day), cents(transfer.amount), transfer.text
        if account.key == transfer.source:
            yield day, Kind.STANDING_ORDER, -amount, self.household.account(transfer.target), text, None
        elif account.key == transfer.target:
            yield day, Kind.TRANSFER_IN, amount, self.household.account(transfer.source), text, None

    def _spent(self, card: Account, month: date) -> int:
        """Sum up a card's month; its settlements are left out, which would lead back to the first month of all."""
        if month < LEDGER_START:
            return 0
        bought = chain(_regulars(card, month), self._purchases(card, month), self._refunds(card, month))
        return -sum(amount for _, _, amount, _, _, _ in bought)

    def _invoices(self, account: Account, month: date) -> Iterator[Movement]:
        for number, invoices in enumerate(account.invoices):
            dice = self._dice(account, month, f"invoices {number}")
            for day in _days_of(month):
                paid = invoices.paid_on(day, dice)
                if paid is not None:
                    client, amount, text = paid
                    yield day, Kind.TRANSFER_IN, amount, client, text, None

    def _purchases(self, account: Account, month: date) -> list[Movement]:
        place = (account.key, month)
        if place not in self._bought:
            spends = month >= LEDGER_START and (account.habits or account.trips)
            self._bought[place] = list(self._bought_in(account, month)) if spends else []
        return self._bought[place]

    def _bought_in(self, account: Account, month: date) -> Iterator[Movement]:
        dice, at_home = self._dice(account, month, "purchases"), _days_of(month)
        for trip in account.trips:
            away = [day for day in at_home if trip.covers(day)]
            yield from (bought for day in away for bought in _abroad(trip, day, dice))
            at_home = [day for day in at_home if day not in away]  # the habits of home rest meanwhile
        weekdays = [day.weekday() for day in at_home]
        for habit in account.habits:
            yield from habit.purchases(at_home, weekdays, dice)

    def _refunds(self, account: Account, month: date) -> Iterator[Movement]:
        bought = chain(self._purchases(account, _month_before(month)), self._purchases(account, month))
        first, after = month - REFUND_AFTER, _next_month(month) - REFUND_AFTER
        due = [
            (day + REFUND_AFTER, amount, shop)
            for day, _, amount, shop, _, _ in bought
            if first <= day < after and isinstance(shop, Merchant) and shop.category in _REFUNDING
        ]
        if due:  # taking dice up takes time
            dice = self._dice(account, month, "refunds")
            for day, amount, shop in due:
                if dice.random() < 0.15:
                    yield day, Kind.REFUND, -amount, shop, "", None

    def _dice(self, account: Account, month: date, purpose: str) -> Random:
        # Seeded so that each month can be thrown again; nothing is protected by it.
        return Random(f"{self.seed}/{account.key}/{month}/{purpose}")  # noqa: S311 - made-up payments


def _numbered(prefix: str, movements: list[Movement]) -> Iterator[Entry]:
    """Number movements within their days, and give each an id that follows from account, day and number."""
    today, serial, known, make = date.min, 0, blake2b(digest_size=16), Entry._make
    for day, kind, amount, party, text, exchange in movements:
        if day != today:
            today, serial, known = day, 0, blake2b(f"{prefix}/{day}/".encode(), digest_size=16)
        serial += 1
        hashed = known.copy()  # what is the same all day has been hashed by then
        hashed.update(b"%d" % serial)
        yield make((hashed.digest(), day, serial, kind, amount, party, text, exchange))


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _month_before(month: date) -> date:
    return (month - _DAY).replace(day=1)


def _days_of(month: date) -> list[date]:
    first = month.toordinal()
    return [date.fromordinal(number) for number in range(first, _next_month(month).toordinal())]


def _regulars(account: Account, month: date) -> Iterator[Movement]:
    for regular in account.regulars:
        due = regular.due_in(month)
        if due is not None:
            day, amount = due
            text = regular.text.format(month=f"{day.month:02}/{day.year}", year=day.year)
            yield day, regular.kind, cents(amount), regular.payee, text, None


def _interest(account: Account, month: date) -> Iterator[Movement]:
    interest = account.interest
    if interest is None or month.month not in (3, 6, 9, 12):
        return
    months = (month.year - LEDGER_START.year) * 12 + month.month
    base = account.opening + months * interest.saved
    amount = (base * interest.rate / 4).quantize(_CENT, ROUND_HALF_EVEN)
    text = f"{interest.text} {month:%m/%Y}"
    yield _next_month(month) - _DAY, Kind.INTEREST, cents(amount), interest.bank, text, None


def _abroad(trip: Trip, day: date, dice: Random) -> Iterator[Movement]:
    for _ in range(trip.a_day):
        price = euros(min(dice.randint(trip.low, trip.high), dice.randint(trip.low, trip.high)))
        rate = trip.rate * (Decimal(1) + Decimal(dice.randint(-200, 200)).scaleb(-4))
        rate = rate.quantize(Decimal("0.000001"))
        amount = (price * rate).quantize(_CENT, ROUND_HALF_EVEN)
        exchange = Exchange(currency=trip.currency, price=price, rate=rate)
        yield day, Kind.CARD, -cents(amount), dice.choice(trip.merchants), "", exchange
