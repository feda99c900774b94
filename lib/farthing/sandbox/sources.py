"""What money comes from and goes to on some accounts, as tables: what is drawn from them is in ``movements``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from farthing.sandbox.dice import seed_of
from farthing.sandbox.habits import Kind, Party, cents
from farthing.sandbox.household import Account, Household
from farthing.sandbox.merchants import Category, Merchant

REFUNDING = frozenset({Category.CLOTHES, Category.ELECTRONICS, Category.HOME})
CHANCE = 2**32  # of what is sure
MILLION = 10**6  # exchange and interest rates are whole numbers of millionths
EPOCH = date(1970, 1, 1).toordinal()
KINDS = pl.Enum([kind.value for kind in Kind])
_NOBODY = Merchant(name="", category=Category.OTHER, town="")  # stands where the other side is an account

_U32, _I32, _I64, _U64, _TEXT = pl.UInt32, pl.Int32, pl.Int64, pl.UInt64, pl.String
_OWN = {"place": _U32, "number": _I64, "source": _U32}
TABLES: dict[str, dict[str, type[pl.DataType]]] = {
    "habits": {
        **_OWN, "shops": _U64, "refund": _I64, "low": _I64, "span": _U64, "step": _I64, "copies": _I64,
        "seed": _U64,
    },
    "weeks": {"habit": _U32, "weekday": _I32, "chance": _U64},
    "trips": {
        **_OWN, "shops": _U64, "month": pl.Int8, "first": pl.Int8, "last": pl.Int8, "rate": _I64, "a_day": _I64,
        "low": _I64, "span": _U64, "seed": _U64,
    },
    "regulars": {
        **_OWN, "regular": _U32, "day_of_month": _I32, "on_the_day": pl.Boolean, "months": _I64, "ends": _I32,
        "template": _TEXT,
    },
    "amounts": {"regular": _U32, "since": _I32, "cents": _I64},
    "interests": {**_OWN, "opening": _I64, "saved": _I64, "rate": _I64, "template": _TEXT},
    "invoices": {
        **_OWN, "clients": _U64, "chance": _U64, "low": _I64, "span": _U64, "seed": _U64, "template": _TEXT,
    },
    "transfers": {**_OWN, "day_of_month": _I32, "months": _I64, "cents": _I64, "template": _TEXT},
    "settlements": {**_OWN, "day_of_month": _I32, "card": _U32, "sign": _I64, "template": _TEXT},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a movement comes from: all that is the same in each that it makes.

    :ivar place: of the account on which it is, among those of the tables.
    :ivar currency: of the foreign prices, if there are any.
    :ivar regular: its number among the account's regular payments, if it is one.
    """

    place: int
    kind: Kind
    party: Party
    currency: str | None = None
    regular: int | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """All sources of some households' accounts, and by kind what decides when they move how much.

    ``place`` is an account's among all, ``source`` that of the first source of a row, ``number`` the row's among those
    of its account, from which the order on a day follows.
    """

    seed: int
    accounts: list[Account] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
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

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return each table as a frame, and one of the accounts, with the seeds of the ids of their entries."""
        frames = {name: pl.DataFrame(self.rows[name], schema, orient="row") for name, schema in TABLES.items()}
        seeds = [[self._seed(account, half) for account in self.accounts] for half in ("high", "low")]
        accounts = pl.DataFrame(seeds, {"high": pl.UInt64, "low": pl.UInt64}).with_row_index("place")
        habits = frames["habits"].with_row_index("habit")
        refunds = habits.filter(pl.col("refund") >= 0)
        return frames | {"habits": habits, "refunds": refunds, "accounts": accounts}

    def _add_account(self, place: int) -> None:
        account, rows = self.accounts[place], self.rows
        for number, habit in enumerate(account.habits):
            source = self._add(*(Source(place=place, kind=habit.kind, party=shop) for shop in habit.merchants))
            refund = -1
            if habit.merchants[0].category in REFUNDING:  # the shops of a habit sell the same
                refund = self._add(*(Source(place=place, kind=Kind.REFUND, party=shop) for shop in habit.merchants))
            span, seed = habit.high - habit.low + 1, self._seed(account, f"habit {number}")
            rows["weeks"] += [
                (len(rows["habits"]), weekday, int(mean * CHANCE)) for weekday, mean in enumerate(habit.week) if mean
            ]
            rows["habits"].append(
                (place, number, source, len(habit.merchants), refund, habit.low, span, habit.step, habit.copies, seed)
            )
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
            is_by_card, months = regular.kind is Kind.CARD, bits_of(regular.months)
            rows["regulars"].append((place, number, source, at, regular.day, is_by_card, months, ends, regular.text))
            steps = ((date.min, regular.amount), *regular.steps)
            rows["amounts"] += [(at, since.toordinal() - EPOCH, cents(amount)) for since, amount in steps]
        if (interest := account.interest) is not None:
            source = self._add(Source(place=place, kind=Kind.INTEREST, party=interest.bank))
            opening, saved, rate = cents(account.opening), cents(interest.saved), int(interest.rate * MILLION)
            rows["interests"].append((place, 0, source, opening, saved, rate, interest.text + " {month}"))
        for number, invoices in enumerate(account.invoices):
            clients = (Source(place=place, kind=Kind.TRANSFER_IN, party=client) for client in invoices.clients)
            chance, span = int(invoices.a_month / 21 * CHANCE), invoices.high - invoices.low + 1
            rows["invoices"].append((
                place, number, self._add(*clients), len(invoices.clients), chance, invoices.low, span,
                self._seed(account, f"invoices {number}"), invoices.text,
            ))  # fmt: skip

    def _add_transfers(self, household: Household, places: dict[str, int]) -> None:
        for number, transfer in enumerate(household.transfers):
            for place, sign, source in self._sides(places[transfer.source], places[transfer.target]):
                months, amount = bits_of(transfer.months), sign * cents(transfer.amount)
                self.rows["transfers"].append((place, number, source, transfer.day, months, amount, transfer.text))
        for number, paid in enumerate(household.settlements):
            card = places[paid.card]
            for place, sign, source in self._sides(places[paid.source], card):
                self.rows["settlements"].append((place, number, source, paid.day, card, sign, paid.text))

    def _sides(self, source: int, target: int) -> tuple[tuple[int, int, int], ...]:
        gives = Source(place=source, kind=Kind.STANDING_ORDER, party=self.accounts[target])
        takes = Source(place=target, kind=Kind.TRANSFER_IN, party=self.accounts[source])
        return (source, -1, self._add(gives)), (target, 1, self._add(takes))

    def _add(self, *sources: Source) -> int:
        self.sources.extend(sources)
        return len(self.sources) - len(sources)

    def _seed(self, account: Account, purpose: str) -> int:
        return seed_of(f"farthing/{self.seed}/{account.key}/{purpose}")


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


def bits_of(months: Iterable[int]) -> int:
    """Return months as a number, each as a bit."""
    return sum(1 << month for month in months)
