"""Periods as people write them: ``2025-Q1``, ``last 90 days``, ``year to date``. Today is passed in."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from farthing.errors import FarthingError

EVERYTHING = "everything"
PRESETS = (
    "this month",
    "last month",
    "last 90 days",
    "last 12 months",
    "year to date",
    "last year",
    EVERYTHING,
)

_UNITS = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}  # in months, as far as that goes
_MAX_COUNT = 10_000


class PeriodError(FarthingError):
    """What was typed is no period; the message gives examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in a row, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def is_whole_months(self) -> bool:
        """Whether it begins with a month and ends with one."""
        return self.first.day == 1 and self.last == _month_end(self.last)

    @property
    def label(self) -> str:
        """The period in words, as ``March 2025`` or ``3 Jan 2025 to 9 Feb 2025``."""
        if self.first == date.min and self.last == date.max:
            return "all time"
        if self == _months(self.first, 12) and self.first.month == 1:
            return f"{self.first.year}"
        if self == _months(self.first, 3) and self.first.month % 3 == 1:
            return f"Q{self.first.month // 3 + 1} {self.first.year}"
        if self == _months(self.first, 1):
            return f"{self.first:%B %Y}"
        if self.first == self.last:
            return f"{self.first:%-d %B %Y}"
        return f"{self.first:%-d %b %Y} to {self.last:%-d %b %Y}"

    @property
    def when(self) -> str:
        """The period within a sentence, as ``in March 2025`` or ``from 3 Jan 2025 to 9 Feb 2025``."""
        if self.first == date.min and self.last == date.max:
            return "at any time"
        if self.first == self.last:
            return f"on {self.label}"
        return f"from {self.label}" if " to " in self.label else f"in {self.label}"

    def before(self) -> "Period":
        """Give the period before this one, as long: in months if it begins with one, else in days."""
        if self.first == date.min:
            return self
        count = _month_number(self.last) - _month_number(self.first) + 1
        if self.is_whole_months:
            return _months(_add_months(self.first, -count), count)
        if self.first.day == 1:
            return Period(first=_add_months(self.first, -count), last=_add_months(self.last, -count))
        return Period(first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1))

    def year_before(self) -> "Period":
        """Give the same days of the year before; the 29th of February becomes the 28th."""
        if self.first == date.min:
            return self
        last = _add_months(self.last, -12)
        return Period(
            first=_add_months(self.first, -12), last=_month_end(last) if self.last == _month_end(self.last) else last
        )

    def within(self, first: date, last: date) -> "Period":
        """Cut the period to days of which something is known; unchanged where it lies apart from them."""
        cut = Period(first=max(self.first, first), last=min(self.last, last))
        return cut if cut.first <= cut.last else self


def parse_period(text: str, *, today: date) -> Period:
    """Read a period.

    :param text: a year, quarter, month or day (``2025``, ``2025-Q1``, ``2025-03``, ``2025-03-14``), two of them with
        ``to`` between, ``last N days|weeks|months|years``, ``this|last week|month|quarter|year``,
        ``month|quarter|year to date``, ``today``, ``yesterday`` or ``everything``.
    :raises PeriodError: if it is none of these, or ends before it begins.
    """
    words = " ".join(text.casefold().replace("..", " to ").split())
    try:
        period = _relative(words, today) or _absolute(words)
    except (ValueError, OverflowError):
        period = None
    if period is None or period.first > period.last:
        raise PeriodError(
            "That is no period. Try 2025-Q1, 2025-03, 2025-03-01 to 2025-04-15, last 90 days or year to date."
        )
    return period


def _relative(words: str, today: date) -> Period | None:  # noqa: PLR0911 - a table of forms
    match words.split():
        case ["everything" | "all"] | ["all", "time"]:
            return Period(first=date.min, last=date.max)
        case ["today"]:
            return Period(first=today, last=today)
        case ["yesterday"]:
            return _around("day", today - timedelta(days=1))
        case [("week" | "month" | "quarter" | "year") as unit, "to", "date"]:
            return Period(first=_around(unit, today).first, last=today)
        case ["this", unit] if unit in _UNITS:
            return _around(unit, today)
        case ["last", unit] if unit in _UNITS:
            return _around(unit, _around(unit, today).first - timedelta(days=1))
        case ["last", count, unit] if count.isdecimal() and unit.removesuffix("s") in _UNITS:
            return _last(min(int(count), _MAX_COUNT), unit.removesuffix("s"), today)
    return None


def _last(count: int, unit: str, today: date) -> Period | None:
    """Count back from today: days and weeks to the day, the others from the first day of a month."""
    if not count:
        return None
    if months := _UNITS[unit]:
        return Period(first=_add_months(today.replace(day=1), 1 - count * months), last=today)
    return Period(first=today - timedelta(days=count * (7 if unit == "week" else 1) - 1), last=today)


def _around(unit: str, day: date) -> Period:
    match unit:
        case "day":
            return Period(first=day, last=day)
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Period(first=monday, last=monday + timedelta(days=6))
        case _:
            months = _UNITS[unit]
            return _months(date(day.year, (day.month - 1) // months * months + 1, 1), months)


def _absolute(words: str) -> Period | None:
    parts = [_named(part) for part in words.split(" to ")]
    match parts:
        case [Period() as only]:
            return only
        case [Period() as begin, Period() as end]:
            return Period(first=begin.first, last=end.last)
    return None


def _named(word: str) -> Period | None:
    if re.fullmatch(r"\d{4}", word, re.ASCII):
        return _months(date(int(word), 1, 1), 12)
    if quarter := re.fullmatch(r"(\d{4})-?q([1-4])", word, re.ASCII):
        return _months(date(int(quarter[1]), int(quarter[2]) * 3 - 2, 1), 3)
    if month := re.fullmatch(r"(\d{4})-(\d\d)", word, re.ASCII):
        return _months(date(int(month[1]), int(month[2]), 1), 1)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word, re.ASCII):
        return _around("day", date.fromisoformat(word))
    return None


def _months(first: date, count: int) -> Period:
    return Period(first=first, last=_month_end(_add_months(first, count - 1)))


def _add_months(day: date, count: int) -> date:
    year, month = divmod(_month_number(day) + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
