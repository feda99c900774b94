"""The kinds of money movement a household has: when money moves, between whom and how much."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from farthing.sandbox.merchants import Merchant

if TYPE_CHECKING:
    from farthing.sandbox.household import Account  # which is made of what is here

REFUND_AFTER = timedelta(days=9)  # of the purchase
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
INCOMING = frozenset({Kind.REFUND, Kind.TRANSFER_IN, Kind.SALARY, Kind.INTEREST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The foreign price behind an amount: ``rate`` is euros for one unit of ``currency``."""

    currency: str
    price: Decimal
    rate: Decimal


type Party = Merchant | Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Purchases that come by chance.

    :param merchants: shops that sell the same.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """A payment of the same amount in each month (or some), out if negative; what is not by card waits out weekends.

    :param day: of the month, 25 at most.
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


def euros(cents: int) -> Decimal:
    """Return an amount of cents in euros, with two decimals."""
    return Decimal(cents).scaleb(-2)


def cents(amount: Decimal) -> int:
    """Return an amount of two decimals in cents."""
    return int(amount.scaleb(2))
