"""What money comes from and goes to on some accounts, as tables: what is drawn from them is in ``movements``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from farthing.sandbox.dice import seed_of
from farthing.sandbox.habits import EVERY_MONTH, Kind, Party, cents
from farthing.sandbox.household import Account, Household
from farthing.sandbox.merchants import Category, Merchant

REFUNDING = frozenset({Category.CLOTHES, Category.ELECTRONICS, Category.HOME})
CHANCE_BITS = 32  # what is sure has a chance of 1 and so many noughts
MILLION = 10**6  # exchange and interest rates are whole numbers of millionths
EPOCH = date(1970, 1, 1).toordinal()
KINDS = pl.Enum([kind.value for kind in Kind])
_NOBODY = Merchant(name="", category=Category.OTHER, town="")  # stands where the other side is an account

_OWN = ("place", "i8"), ("number", "i8"), ("source", "i8")
_CHANCES = ("low", "i8"), ("span", "u8"), ("seed", "u8")
_DUE = ("day_of_month", "i8"), ("on_the_day", "?"), ("months", "i8"), ("template", "i8")
TABLES = {
    "habits": np.dtype([
        *_OWN, ("shops", "u8"), ("refund", "i8"), ("step", "i8"), ("copies", "i8"), ("week", "u8", 7), *_CHANCES,
    ]),
    "trips": np.dtype([
        *_OWN, ("shops", "u8"), ("month", "i8"), ("first", "i8"), ("last", "i8"), ("rate", "i8"), ("a_day", "i8"),
        *_CHANCES,
    ]),
    "regulars": np.dtype([*_OWN, ("regular", "i8"), ("ends", "i8"), *_DUE]),
    "amounts": np.dtype([("place", "i8"), ("regular", "i8"), ("since", "i8"), ("cents", "i8")]),
    "interests": np.dtype([*_OWN, ("opening", "i8"), ("saved", "i8"), ("rate", "i8"), *_DUE]),
    "invoices": np.dtype([*_OWN, ("clients", "u8"), ("chance", "u8"), ("template", "i8"), *_CHANCES]),
    "transfers": np.dtype([*_OWN, ("cents", "i8"), *_DUE]),
    "settlements": np.dtype([*_OWN, ("card", "i8"), ("sign", "i8"), *_DUE]),
}  # fmt: skip
type Rows = NDArray[np.void]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a movement comes from: all that is the same in each that it makes.

    :ivar place: of the account on which it is, among those of the tables.
    :ivar currency: of the foreign prices, if there are any.
    :ivar regular: its number among the account's regular payments, if it is one.
    :ivar said: what the bank says in place of the text that it would make, if somebody wished for that.
    """

    place: int
    kind: Kind
    party: Party
    currency: str | None = None
    regular: int | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """All sources of some households' accounts, and by kind what decides when they move how much.

    ``place`` is an account's among all, ``source`` that of the first source of a row, ``number`` the row's among those
    of its account, from which the order on a day follows; ``template`` is the number of a text.
    """

    seed: int
    accounts: list[Account] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    templates: dict[str, int] = field(default_factory=lambda: {"": 0})
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    @classmethod
    def of(cls, households: Sequence[Household], *, seed: int) -> "Tables":
        """Make the tables of some households."""
        tables = cls(seed)
        for household in households:
            places = {account.key: len(tables.accounts) + at for at, account in enumerate(household.accounts)}
            tables.accounts.extend(household.accounts)
            for place in places.values():
                tables._add_account(place)
            tables._add_transfers(household, places)
        return tables

    def arrays(self) -> dict[str, Rows]:
        """Return each table as an array, and one of the seeds of the ids of each account's entries."""
        arrays: dict[str, Rows] = {name: np.array(self.rows[name], dtype) for name, dtype in TABLES.items()}
        seeds = [tuple(self._seed(account, half) for half in ("high", "low")) for account in self.accounts]
        return arrays | {"ids": np.array(seeds, [("high", "u8"), ("low", "u8")])}

    def _add_account(self, place: int) -> None:
        account, rows = self.accounts[place], self.rows
        for number, habit in enumerate(account.habits):
            source = self._add(*(Source(place=place, kind=habit.kind, party=shop) for shop in habit.merchants))
            refund = -1
            if habit.merchants[0].category in REFUNDING:  # the shops of a habit sell the same
                refund = self._add(*(Source(place=place, kind=Kind.REFUND, party=shop) for shop in habit.merchants))
            rows["habits"].append((
                place, number, source, len(habit.merchants), refund, habit.step, habit.copies,
                tuple(int(mean * 2**CHANCE_BITS) for mean in habit.week), habit.low, habit.high - habit.low + 1,
                self._seed(account, f"habit {number}"),
            ))  # fmt: skip
        for number, trip in enumerate(account.trips):
            shops = (Source(place=place, kind=Kind.CARD, party=shop, currency=trip.currency) for shop in trip.merchants)
            rows["trips"].append((
                place, number, self._add(*shops), len(trip.merchants), trip.month, trip.first, trip.last,
                int(trip.rate * MILLION), trip.a_day, trip.low, trip.high - trip.low + 1,
                self._seed(account, f"trip {number}"),
            ))  # fmt: skip
        for number, regular in enumerate(account.regulars):
            source = self._add(Source(place=place, kind=regular.kind, party=regular.payee, regular=number))
            at, ends = len(rows["regulars"]), regular.ends.toordinal() - EPOCH
            due = self._due(regular.day, regular.months, regular.text, waits=regular.kind is not Kind.CARD)
            rows["regulars"].append((place, number, source, at, ends, *due))
            steps = ((date.min, regular.amount), *regular.steps)
            rows["amounts"] += [(place, at, since.toordinal() - EPOCH, cents(amount)) for since, amount in steps]
        if (interest := account.interest) is not None:
            source = self._add(Source(place=place, kind=Kind.INTEREST, party=interest.bank))
            opening, saved, rate = cents(account.opening), cents(interest.saved), int(interest.rate * MILLION)
            due = self._due(31, frozenset({3, 6, 9, 12}), interest.text + " {month}", waits=False)
            rows["interests"].append((place, 0, source, opening, saved, rate, *due))
        for number, invoices in enumerate(account.invoices):
            clients = (Source(place=place, kind=Kind.TRANSFER_IN, party=client) for client in invoices.clients)
            chance, span = int(invoices.a_month / 21 * 2**CHANCE_BITS), invoices.high - invoices.low + 1
            rows["invoices"].append((
                place, number, self._add(*clients), len(invoices.clients), chance, self._template(invoices.text),
                invoices.low, span, self._seed(account, f"invoices {number}"),
            ))  # fmt: skip

    def _add_transfers(self, household: Household, places: dict[str, int]) -> None:
        for number, transfer in enumerate(household.transfers):
            for place, sign, source in self._sides(places[transfer.source], places[transfer.target]):
                due = self._due(transfer.day, transfer.months, transfer.text)
                self.rows["transfers"].append((place, number, source, sign * cents(transfer.amount), *due))
        for number, paid in enumerate(household.settlements):
            card, due = places[paid.card], self._due(paid.day, EVERY_MONTH, paid.text)
            for place, sign, source in self._sides(places[paid.source], card):
                self.rows["settlements"].append((place, number, source, card, sign, *due))

    def _sides(self, source: int, target: int) -> tuple[tuple[int, int, int], ...]:
        gives = Source(place=source, kind=Kind.STANDING_ORDER, party=self.accounts[target])
        takes = Source(place=target, kind=Kind.TRANSFER_IN, party=self.accounts[source])
        return (source, -1, self._add(gives)), (target, 1, self._add(takes))

    def _add(self, *sources: Source) -> int:
        self.sources.extend(sources)
        return len(self.sources) - len(sources)

    def _due(self, day: int, months: frozenset[int], text: str, *, waits: bool = True) -> tuple[int, bool, int, int]:
        return day, not waits, _bits_of(months), self._template(text)

    def _template(self, text: str) -> int:
        return self.templates.setdefault(text, len(self.templates))

    def _seed(self, account: Account, purpose: str) -> int:
        return seed_of(f"farthing/{self.seed}/{account.key}/{purpose}")


@cache
def _bits_of(months: frozenset[int]) -> int:
    return sum(1 << month for month in months)


def described(sources: Sequence[Source], accounts: Sequence[Account]) -> pl.DataFrame:
    """Return a row for each source.

    Columns that begin with ``party`` are about the other side, those that begin with ``account`` about ours.
    """
    parties = [source.party for source in sources]
    shops = [party if isinstance(party, Merchant) else _NOBODY for party in parties]
    ours = [accounts[source.place] for source in sources]
    schema_and_rows: dict[str, tuple[type[pl.DataType] | pl.DataType, list[object]]] = {
        "place": (pl.UInt32, [source.place for source in sources]),
        "kind": (KINDS, [source.kind.value for source in sources]),
        "foreign_currency": (pl.String, [source.currency for source in sources]),
        "said": (pl.String, [source.said for source in sources]),
        "party_is_merchant": (pl.Boolean, [isinstance(party, Merchant) for party in parties]),
        "party_name": (pl.String, [party.name for party in parties]),
        "party_owner": (pl.String, [party.name if isinstance(party, Merchant) else party.owner for party in parties]),
        "party_iban": (pl.String, [party.iban for party in parties]),
        "party_masked_pan": (
            pl.String,
            [None if isinstance(party, Merchant) else party.masked_pan for party in parties],
        ),
        "party_category": (pl.String, [shop.category.value for shop in shops]),
        "party_number": (pl.Int64, [shop.number for shop in shops]),
        "party_country": (pl.String, [shop.country for shop in shops]),
        "party_town": (pl.String, [shop.town for shop in shops]),
        "party_slip_name": (pl.String, [shop.slip_name for shop in shops]),
        "party_slip_town": (pl.String, [shop.slip_town for shop in shops]),
        "account_is_card": (pl.Boolean, [account.is_card for account in ours]),
        "account_is_savings": (pl.Boolean, [account.cash_account_type == "SVGS" for account in ours]),
        "account_owner": (pl.String, [account.owner for account in ours]),
        "account_currency": (pl.String, [account.currency for account in ours]),
        "account_household": (pl.String, [account.key.rpartition("/")[0] for account in ours]),
    }
    return pl.DataFrame([pl.Series(name, rows, dtype) for name, (dtype, rows) in schema_and_rows.items()])
