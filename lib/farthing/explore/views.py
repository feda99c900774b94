"""What is looked at: period, currency, accounts, categories and how deep one has drilled. All of it fits an address."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
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
        for text in values_of(params, "in"):
            dimension, _, value = text.partition(":")
            if dimension in DIMENSIONS and value:
                path.setdefault(dimension, Step(dimension=dimension, value=value))
        return cls(
            period=_text(params, "period").strip() or DEFAULT_PERIOD,
            currency=_text(params, "currency"),
            accounts=tuple(dict.fromkeys(values_of(params, "account"))),
            categories=tuple(dict.fromkeys(values_of(params, "category"))),
            path=tuple(path.values()),
        )

    def encode(self) -> dict[str, str]:
        """Write the view as parameters of an address, with nothing in it that goes without saying."""
        params = {
            "period": "" if self.period == DEFAULT_PERIOD else self.period,
            "currency": self.currency,
            "account": join_values(self.accounts),
            "category": join_values(self.categories),
            "in": join_values([f"{step.dimension}:{step.value}" for step in self.path]),
        }
        return {name: value for name, value in params.items() if value}

    def address(self, page: str, *, with_path: bool = True) -> str:
        """Give the address of a page with this view.

        :param with_path: whether the drill is kept; another notebook may know nothing of it.
        """
        shown = self if with_path else replace(self, path=())
        query = urlencode(shown.encode())
        return f"{page}?{query}" if query else page

    def into(self, *steps: Step) -> Self:
        """Drill further; a dimension that is in the path already is replaced."""
        path = {step.dimension: step for step in self.path} | {step.dimension: step for step in steps}
        return replace(self, path=tuple(path.values()))

    def up_to(self, depth: int) -> Self:
        """Go back to the first ``depth`` steps."""
        return replace(self, path=self.path[:depth])


def join_values(values: Iterable[str]) -> str:
    """Write several values as one parameter, with commas between, as in a line of CSV.

    Marimo passes on only the last of parameters that have the same name.
    """
    line = StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().removesuffix("\r\n")


def values_of(params: Params, name: str) -> list[str]:
    """Read the values of a parameter, whether they stand in one or in several of its name."""
    found = params.get(name, [])
    lines = [found] if isinstance(found, str) else found
    return [value for line in lines for row in csv.reader([line]) for value in row if value]


def _text(params: Params, name: str) -> str:
    found = params.get(name, "")
    return found if isinstance(found, str) else next(iter(found), "")
