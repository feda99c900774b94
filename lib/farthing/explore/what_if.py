"""What would change a forecast, and by how much: exact arithmetic, with no question to the marts."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Protocol, Self

import polars as pl
from babel.numbers import get_currency_precision

from farthing.explore.money import AmountError, read_amount
from farthing.explore.views import Params, join_values, values_of

PARAMETER = "change"  # of an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One payment that is expected, signed."""

    series_key: str
    name: str
    day: date
    amount: Decimal


class Change(Protocol):
    """One thing that would be otherwise than expected."""

    @property
    def name(self) -> str:
        """What it is, in words."""

    def effect(self, day: date) -> Decimal:
        """By how much it moves the balance at the end of a day, from the first day that is told on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChange:
    """A recurring payment that becomes larger or smaller, each time rounded to the currency's smallest unit.

    :ivar payments: when it is due; only its own.
    :ivar percent: 8 for a rent that rises by 8 %, -100 for what is cancelled.
    """

    payments: Sequence[Due]
    percent: Decimal
    currency: str

    @property
    def name(self) -> str:
        """What it is, in words."""
        whom = self.payments[0].name if self.payments else "A recurring payment"
        return f"{whom} {self.percent:+f} %"

    def effect(self, day: date) -> Decimal:
        """Add up what its payments to a day change by."""
        changed = (each.amount * self.percent / 100 for each in self.payments if each.day <= day)
        return sum((_rounded(each, self.currency) for each in changed), Decimal())


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChange:
    """A category of which more or less is spent than in the last year, recurring payments apart.

    :ivar moved: what it moved in so many days, signed.
    :ivar begin: the day after which it is otherwise.
    """

    category: str
    moved: Decimal
    days: int
    percent: Decimal
    begin: date
    currency: str

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"{self.category} {self.percent:+f} %"

    def effect(self, day: date) -> Decimal:
        """Share the change out over the days, rounded once, so that no rounding adds up."""
        gone = max((day - self.begin).days, 0)
        return _rounded(self.moved * self.percent * gone / (100 * self.days), self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """An amount that comes, or goes where it is negative, on one day."""

    amount: Decimal
    day: date

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"One-off on {self.day:%-d %B}"

    def effect(self, day: date) -> Decimal:
        """Give the amount from its day on."""
        return self.amount if day >= self.day else Decimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What the owner assumes; all of it fits an address. A percentage or an amount of zero changes nothing."""

    series_key: str = ""
    series_percent: int = 0
    category: str = ""
    category_percent: int = 0
    one_off: Decimal = Decimal()
    one_off_on: date | None = None

    @classmethod
    def decode(cls, params: Params) -> Self:
        """Read them from the parameters of an address; what makes no sense there is left out."""
        known: dict[str, Any] = {}
        for text in values_of(params, PARAMETER):
            match text.split(":", 2):
                case ["series", size, key] if (percent := _percent(size)) is not None:
                    known |= {"series_key": key, "series_percent": percent}
                case ["category", size, name] if (percent := _percent(size)) is not None:
                    known |= {"category": name, "category_percent": percent}
                case ["once", size, day]:
                    with suppress(ValueError, AmountError):
                        known |= {"one_off_on": date.fromisoformat(day), "one_off": read_amount(size)}
        return cls(**known)

    def changes(
        self, due: Sequence[Due], *, moved: Decimal, days: int, begin: date, currency: str
    ) -> list["SeriesChange | CategoryChange | OneOff"]:
        """Turn them into changes of the balance; what changes nothing is left out.

        :param due: all that is expected.
        :param moved: what the category moved in so many days before.
        :param begin: the newest day that is known.
        """
        found: list[SeriesChange | CategoryChange | OneOff] = []
        payments = [each for each in due if each.series_key == self.series_key]
        if self.series_percent and payments:
            found.append(SeriesChange(payments=payments, percent=Decimal(self.series_percent), currency=currency))
        if self.category_percent and self.category:
            percent = Decimal(self.category_percent)
            found.append(
                CategoryChange(
                    category=self.category, moved=moved, days=days, percent=percent, begin=begin, currency=currency
                )
            )
        if self.one_off and self.one_off_on:
            found.append(OneOff(amount=self.one_off, day=self.one_off_on))
        return found

    def encode(self) -> str:
        """Write what changes something, as the parameter :data:`PARAMETER`."""
        return join_values(
            [
                *([f"series:{self.series_percent}:{self.series_key}"] if self.series_percent else []),
                *([f"category:{self.category_percent}:{self.category}"] if self.category_percent else []),
                *([f"once:{self.one_off}:{self.one_off_on}"] if self.one_off and self.one_off_on else []),
            ]
        )


def series_choices(due: Sequence[Due]) -> dict[str, str]:
    """Give what each series that is due is called, and its key; the one that costs most comes first."""
    by_key = {each.series_key: each for each in sorted(due, key=lambda each: each.day, reverse=True)}
    ranked = sorted(by_key.values(), key=lambda each: (each.amount, each.name, each.series_key))
    names = [each.name for each in ranked]
    return {
        each.name if names.count(each.name) == 1 else f"{each.name} ({number})": each.series_key
        for number, each in enumerate(ranked, start=1)
    }


def changed(days: pl.DataFrame, changes: Sequence[Change]) -> pl.DataFrame:
    """Add ``changed`` to days: their ``balance`` with all changes, or null where there are none.

    :param days: rows of ``balance_date`` and ``balance``.
    """
    balances = [
        balance + sum((change.effect(day) for change in changes), Decimal()) if changes else None
        for day, balance in days.select("balance_date", "balance").iter_rows()
    ]
    return days.with_columns(changed=pl.Series(balances, dtype=pl.Decimal(38, 4)))


def explain(days: pl.DataFrame, due: Sequence[Due], changes: Sequence[Change], *, until: date) -> pl.DataFrame:
    """Say what a balance is made of: rows of ``day``, ``what`` and ``amount``, which add up to it exactly.

    :param days: as :func:`changed` takes them; its first row is what is known.
    :param until: one of its days.
    """
    origin, opening = days.row(0, named=True)["balance_date"], days.row(0, named=True)["balance"]
    balance = days.filter(pl.col("balance_date") == until)["balance"].item()
    expected = [each for each in due if origin < each.day <= until]
    rest = balance - opening - sum((each.amount for each in expected), Decimal())
    count = (until - origin).days
    rows = [
        (origin, "Balance, as it is known", opening),
        *((each.day, each.name, each.amount) for each in expected),
        (until, f"What usually moves besides in {count} days", rest),
        *((until, f"Changed: {change.name}", change.effect(until)) for change in changes),
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "day": pl.Date,
        "what": pl.String,
        "amount": pl.Decimal(38, 4),
    }
    return pl.DataFrame([row for row in rows if row[2]] or rows[:1], schema=schema, orient="row")


def _percent(text: str) -> int | None:
    """Read whole per cent from -100 to 100."""
    return int(text) if re.fullmatch(r"-?(\d{1,2}|100)", text, re.ASCII) else None


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), rounding=ROUND_HALF_EVEN)
