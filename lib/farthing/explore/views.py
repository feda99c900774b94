"""What is looked at: period, currency, accounts, categories and how deep one has drilled. All of it fits an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

DEFAULT_PERIOD = "last 12 months"
DIMENSIONS = ("year", "month", "day", "group", "category", "merchant", "account", "series")

type Params = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a drill: into one value of a dimension, such as the month ``2025-03``."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to look at the books.

    :ivar period: as typed, see :func:`farthing.explore.periods.parse_period`.
    :ivar currency: ISO 4217 code; empty for the one that is used most.
    :ivar accounts: account keys; none for all.
    :ivar categories: names; none for all.
    :ivar path: the drill, outermost first; each dimension once.
    """

    period: str = DEFAULT_PERIOD
    currency: str = ""
    accounts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    path: tuple[Step, ...] = ()

    @classmethod
    def decode(cls, params: Params) -> Self:
        """Read a view from the parameters of an address; what makes no sense there is left out."""
        path: dict[str, Step] = {}
        for text in _all(params, "in"):
            dimension, _, value = text.partition(":")
            if dimension in DIMENSIONS and value:
                path.setdefault(dimension, Step(dimension=dimension, value=value))
        return cls(
            period=_one(params, "period").strip() or DEFAULT_PERIOD,
            currency=_one(params, "currency"),
            accounts=tuple(dict.fromkeys(_all(params, "account"))),
            categories=tuple(dict.fromkeys(_all(params, "category"))),
            path=tuple(path.values()),
        )

    def encode(self) -> dict[str, str | list[str]]:
        """Write the view as parameters of an address, with nothing in it that goes without saying."""
        params: dict[str, str | list[str]] = {
            "period": "" if self.period == DEFAULT_PERIOD else self.period,
            "currency": self.currency,
            "account": list(self.accounts),
            "category": list(self.categories),
            "in": [f"{step.dimension}:{step.value}" for step in self.path],
        }
        return {name: value for name, value in params.items() if value}

    def address(self, page: str, *, with_path: bool = True) -> str:
        """Give the address of a page with this view.

        :param with_path: whether the drill is kept; another notebook may know nothing of it.
        """
        shown = self if with_path else replace(self, path=())
        query = urlencode(shown.encode(), doseq=True)
        return f"{page}?{query}" if query else page

    def into(self, *steps: Step) -> Self:
        """Drill further; a dimension that is in the path already is replaced."""
        path = {step.dimension: step for step in self.path} | {step.dimension: step for step in steps}
        return replace(self, path=tuple(path.values()))

    def up_to(self, depth: int) -> Self:
        """Go back to the first ``depth`` steps."""
        return replace(self, path=self.path[:depth])


def _one(params: Params, name: str) -> str:
    return next(iter(_all(params, name)), "")


def _all(params: Params, name: str) -> list[str]:
    value = params.get(name, [])
    return [value] if isinstance(value, str) else [each for each in value if each]
