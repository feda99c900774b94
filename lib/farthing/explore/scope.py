"""What a page is about just now: the view, the days that its period means, and how its amounts are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from farthing.explore.money import format_change, format_money
from farthing.explore.periods import Period
from farthing.explore.queries import Condition, condition
from farthing.explore.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A view of some published books, read once for all that a page shows of it.

    :ivar view: its currency is set.
    :ivar period: what the view's period means today.
    :ivar locale: in which amounts of several accounts are written.
    :ivar locale_of: in which those of one are, by its key.
    :ivar base_currency: what totals are given in, too; null where that is the page's currency.
    :ivar rate: the newest to that currency, for amounts that are still to come, and its day; null where none is known.
    """

    view: View
    period: Period
    locale: str
    locale_of: Mapping[str, str] = field(default_factory=dict)
    base_currency: str | None = None
    rate: tuple[Decimal, date] | None = None

    @property
    def currency(self) -> str:
        """The currency that all amounts of the page have."""
        return self.view.currency

    def where(self, *also: str, day: str = "booking_date") -> Condition:
        """Make the condition that keeps what belongs here.

        :param also: further conditions without parameters.
        :param day: the column that the period is about.
        """
        return condition(self.view, self.period, currency=self.currency, also=also, day=day)

    def over(self, period: Period) -> "Scope":
        """Look at other days."""
        return replace(self, period=period)

    def from_outside(self) -> "Scope":
        """Look from before the first step of the drill."""
        return replace(self, view=self.view.up_to(0))

    def money(self, amount: Decimal) -> str:
        """Write an amount."""
        return format_money(amount, self.currency, locale=self.locale)

    def beside(self, base: Decimal | None, words: str) -> str:
        """Write what stands beside an amount: the same in the base currency, where that is another, and some words.

        :param base: null where it is not known.
        """
        if self.base_currency is None or base is None:
            return words
        return f"{format_money(base, self.base_currency, locale=self.locale)} · {words}"

    def at_newest(self, amount: Decimal) -> Decimal | None:
        """Convert an amount that is still to come to the base currency; null where no rate is known, or none needed."""
        return None if self.rate is None else (amount * self.rate[0]).quantize(Decimal("0.0001"))

    def to_come(self, name: str, amount: Decimal, words: str) -> tuple[str, str, str]:
        """Make a card of an amount that is still to come: its name, itself, and what stands beneath."""
        return name, self.money(amount), self.beside(self.at_newest(amount), words)

    @property
    def rate_in_words(self) -> str:
        """Say by which rate amounts to come are converted; empty where none are."""
        if self.rate is None:
            return ""
        rate, day = self.rate
        return f"In {self.base_currency} by the rate of {day:%-d %B %Y}: 1 {self.currency} is {rate.normalize():f}."

    def change(self, amount: Decimal) -> str:
        """Write an amount with its sign."""
        return format_change(amount, self.currency, locale=self.locale)
