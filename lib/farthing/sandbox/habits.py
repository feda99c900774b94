"""The kinds of money movement a household has; each says what happens on a day, given that day's dice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from farthing.sandbox.merchants import Merchant

if TYPE_CHECKING:
    from farthing.sandbox.household import Account  # which is made of what is here

EVERY_MONTH = frozenset(range(1, 13))
Week = tuple[float, float, float, float, float, float, float]


class Kind(StrEnum):
    """How money moved; the value is the ISO 20022 bank transaction code."""

    CARD = "PMNT-CCRD-POSD"
    CASH = "PMNT-CCRD-CWDL"
    REFUND = "PMNT-CCRD-RIMB"
    DEBIT = "PMNT-RDDT-ESDD"
    STANDING_ORDER = "PMNT-ICDT-STDO"
    TRANSFER_OUT = "PMNT-ICDT-ESCT"
    TRANSFER_IN = "PMNT-RCDT-ESCT"
    SALARY = "PMNT-RCDT-SALA"
    FEE = "ACMT-MDOP-CHRG"
    INTEREST = "ACMT-MCOP-INTR"

    __hash__ = str.__hash__  # as it compares; the enum's own is slow, and kinds are looked up for every entry


BY_CARD = frozenset({Kind.CARD, Kind.CASH, Kind.REFUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The foreign price behind an amount: ``rate`` is euros for one unit of ``currency``."""

    currency: str
    price: Decimal
    rate: Decimal


type Party = Merchant | Account
type Movement = tuple[date, Kind, int, Party, str, Exchange | None]
"""Money that moved on an account, before its bank numbers it: day, kind, cents (negative if they go out), other side,
text and foreign price. A bare tuple, as it is made by the hundred million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Purchases that come by chance.

    :param week: the mean number of purchases on each day from Monday to Sunday.
    :param low: least amount in cents; small amounts are likelier than large ones.
    :param high: greatest amount in cents.
    :param step: amounts are multiples of so many cents.
    :param copies: how many equal payments one purchase makes (two tickets, bought one by one).
    """

    merchants: tuple[Merchant, ...]
    week: Week
    low: int
    high: int
    step: int = 1
    copies: int = 1
    kind: Kind = Kind.CARD

    def purchases(self, days: Sequence[date], weekdays: Sequence[int], dice: Random) -> list[Movement]:
        """Throw the dice for each of some days: when whom is paid, and how much.

        :param weekdays: that of each day, 0 for a Monday.
        """
        # The other throws take ten times as long, and this is where most entries come from.
        throw, low, span = dice.random, self.low, self.high - self.low + 1
        kind, step, merchants, choice = self.kind, self.step, self.merchants, len(self.merchants)
        bought: list[Movement] = []
        for day, mean in zip(days, [self.week[weekday] for weekday in weekdays], strict=True):
            number = mean + throw()
            while number >= 1:
                number -= 1
                one, other = throw(), throw()
                cents = low + int((one if one < other else other) * span)
                merchant = merchants[int(throw() * choice)]
                bought += [(day, kind, cents % step - cents, merchant, "", None)] * self.copies
        return bought


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A yearly holiday, whose purchases are in another currency.

    :param rate: euros for one unit of the currency, about.
    :param low: least price in hundredths of the currency's unit.
    :param high: greatest price, the same.
    """

    month: int
    first: int
    last: int
    currency: str
    rate: Decimal
    merchants: tuple[Merchant, ...]
    a_day: int
    low: int
    high: int

    def covers(self, day: date) -> bool:
        """Say whether the household is away on a day."""
        return day.month == self.month and self.first <= day.day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """A payment of the same amount in each month (or some), out if negative.

    :param steps: new amounts, each with the day from which it holds, in order.
    :param ends: the last day on which it may fall due.
    """

    payee: Merchant
    kind: Kind
    day: int
    amount: Decimal
    text: str
    months: frozenset[int] = EVERY_MONTH
    steps: tuple[tuple[date, Decimal], ...] = ()
    ends: date = date.max

    def due_in(self, month: date) -> tuple[date, Decimal] | None:
        """Return when in a month it is paid and how much, None if nothing is due.

        :param month: its first day.
        """
        if month.month not in self.months:
            return None
        day = month.replace(day=self.day) if self.kind is Kind.CARD else due_day(month, self.day)
        if day > self.ends:
            return None
        return day, next((amount for since, amount in reversed(self.steps) if day >= since), self.amount)

    def amount_on(self, day: date) -> Decimal | None:
        """Return what is paid on a day, None if nothing is due."""
        due = self.due_in(day.replace(day=1))
        return due[1] if due is not None and due[0] == day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoices:
    """What a freelancer's clients pay, now and then.

    :param a_month: the mean number of payments a month.
    :param low: least amount in hundreds of cents; all amounts are such round ones.
    :param high: greatest amount, the same.
    :param text: with ``{year}`` and ``{number}``.
    """

    clients: tuple[Merchant, ...]
    a_month: float
    low: int
    high: int
    text: str

    def paid_on(self, day: date, dice: Random) -> tuple[Merchant, int, str] | None:
        """Throw the dice for a day's payment: who pays, how many cents, for which invoice."""
        if day.weekday() > 4 or dice.random() >= self.a_month / 21:
            return None
        text = self.text.format(year=day.year, number=f"{day.timetuple().tm_yday:03}")
        return dice.choice(self.clients), dice.randint(self.low, self.high) * 100, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A standing order between two of the household's own accounts, named by their keys."""

    source: str
    target: str
    day: int
    amount: Decimal
    text: str
    months: frozenset[int] = EVERY_MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The monthly payment of a credit card's purchases of the month before from another account."""

    source: str
    card: str
    day: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """Quarterly simple interest on the opening balance and what is saved each month.

    :param rate: a year's interest on one euro.
    :param saved: euros a month that the interest is reckoned to grow by.
    """

    bank: Merchant
    rate: Decimal
    saved: Decimal
    text: str


def due_day(month: date, day_of_month: int) -> date:
    """Return when a payment of a day of the month (25 at most) is made: weekends wait for Monday."""
    due = month.replace(day=day_of_month)
    return due + timedelta(days=7 - due.weekday()) if due.weekday() > 4 else due


def euros(cents: int) -> Decimal:
    """Return an amount of cents in euros, with two decimals."""
    return Decimal(cents).scaleb(-2)


def cents(amount: Decimal) -> int:
    """Return an amount of two decimals in cents."""
    return int(amount.scaleb(2))
