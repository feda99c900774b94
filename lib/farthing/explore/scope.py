"""What a page is about just now: the view, the days that its period means, and how its amounts are written."""

from dataclasses import dataclass, replace
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
    :ivar locale: in which amounts are written.
    :ivar base_currency: what totals are given in, too; null where that is the page's currency.
    """

    view: View
    period: Period
    locale: str
    base_currency: str | None = None

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

    def change(self, amount: Decimal) -> str:
        """Write an amount with its sign."""
        return format_change(amount, self.currency, locale=self.locale)
