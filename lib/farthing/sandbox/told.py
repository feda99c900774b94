"""What a bank's dialect and habits may look at: many entries at once, as expressions over their columns."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from typing import Any, ClassVar

import polars as pl

from farthing.sandbox.habits import BY_CARD, INCOMING
from farthing.sandbox.institutions import Institution
from farthing.sandbox.sources import EPOCH

_FIRST_DAY, _LAST_DAY = (date(year, 1, 1).toordinal() - EPOCH for year in (2022, 2100))  # a year before the ledger's
LAST_YEAR = 2098  # of a bank's clock: some entries are dated ahead of it

THIRD = "third"
"""The column of an entry's id as a number below three, on which the most depends."""

type Field = Any
"""Of an entry as a bank tells of it: a text for all entries, an expression, None where there is none, or an object
(:class:`dict`) or array (:class:`list`) of fields. What is null in an entry is not in its answer."""
type Fields = dict[str, Field]


def scaled(number: pl.Expr, places: int) -> pl.Expr:
    """Return a whole number of the smallest parts as a decimal of so many places."""
    return number.cast(pl.Decimal(19, 0)) * pl.lit(Decimal(1).scaleb(-places))


@dataclass(frozen=True, slots=True)
class Told:
    """The entries of :class:`farthing.sandbox.columns.Columns`, the bank that tells of them, and the day it does."""

    bank: Institution
    today: date

    day: ClassVar[pl.Expr] = pl.col("day")
    kind: ClassVar[pl.Expr] = pl.col("kind")
    text: ClassVar[pl.Expr] = pl.col("text")
    name: ClassVar[pl.Expr] = pl.col("party_name")
    is_by_card: ClassVar[pl.Expr] = pl.col("kind").is_in([kind.value for kind in BY_CARD])
    is_outgoing: ClassVar[pl.Expr] = ~pl.col("kind").is_in([kind.value for kind in INCOMING])
    is_merchant: ClassVar[pl.Expr] = pl.col("party_is_merchant")
    is_foreign: ClassVar[pl.Expr] = pl.col("foreign_currency").is_not_null()
    foreign_price: ClassVar[pl.Expr] = scaled(pl.col("price"), 2)
    foreign_rate: ClassVar[pl.Expr] = scaled(pl.col("rate"), 6)
    hex_id: ClassVar[pl.Expr] = pl.col("id").bin.encode("hex")

    @property
    def age(self) -> pl.Expr:
        """Days since an entry was booked."""
        return (pl.lit(self.today) - self.day).dt.total_days()

    def later(self, days: int) -> pl.Expr:
        """Return the day so many days after an entry's."""
        return self.day.dt.offset_by(f"{days}d")

    def number(self, below: int) -> pl.Expr:
        """Return an entry's id as a number below another (10^9 at most), the same one each time."""
        return pl.col(THIRD) if below == 3 else number(below)

    def one_in(self, number: int) -> pl.Expr:
        """Say whether an entry is one of about so many, the same ones each time."""
        return self.number(number) == 0


def number(below: int) -> pl.Expr:
    """Return an entry's id as a number below another, see :meth:`Told.number`."""
    high, low = pl.col("high") % below, pl.col("low") % below
    return (high * (2**64 % below) + low) % below


def padded(number: pl.Expr, digits: int) -> pl.Expr:
    """Write a number with noughts before it, so many digits in all: as the end of a longer one, which is quick."""
    longer: int = 10**digits
    return (number.cast(pl.Int64) + longer).cast(pl.String).str.slice(1)


def dated(day: pl.Expr, form: str, *, is_upper: bool = False) -> pl.Expr:
    """Write days in a form of :func:`time.strftime`: each is written once and for all, which takes long."""
    return pl.lit(_days(form, is_upper=is_upper)).gather(day.to_physical() - _FIRST_DAY)


def either(condition: pl.Expr, this: Field, that: Field) -> Field:
    """Give one field to the entries of a condition and another to all others; objects alike in both, part by part."""
    if isinstance(this, dict) or isinstance(that, dict):
        one, other = this or {}, that or {}
        return {name: either(condition, one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(this, list) or isinstance(that, list):
        return [either(condition, *pair) for pair in zip_longest(this or [], that or [])]
    return pl.when(condition).then(_expression(this)).otherwise(_expression(that))


def money(cents: pl.Expr, currency: Field = None) -> Fields:
    """Return an amount of cents with its currency, that of the account unless another is given."""
    return {"amount": scaled(cents, 2), "currency": pl.col("account_currency") if currency is None else currency}


@cache
def _days(form: str, *, is_upper: bool) -> pl.Series:
    days = pl.int_range(_FIRST_DAY, _LAST_DAY, dtype=pl.Int32, eager=True).cast(pl.Date).dt.to_string(form)
    return days.str.to_uppercase() if is_upper else days


def _expression(field: Field) -> pl.Expr:
    return field if isinstance(field, pl.Expr) else pl.lit(field)
