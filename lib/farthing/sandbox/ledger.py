"""What happened on each account and day: a pure function of seed, account and date, so time only ever adds."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import polars as pl

from farthing.sandbox.dice import thrown
from farthing.sandbox.habits import BY_CARD, Exchange, Kind, Party, cents, euros
from farthing.sandbox.household import Account, Household
from farthing.sandbox.movements import LEDGER_START, movements
from farthing.sandbox.sources import EPOCH, Source, Tables, described

_DAY = timedelta(days=1)
_OF_ENTRY = ("source", "day", "cents", "text", "price", "rate", "serial", "high", "low")


class Entry(NamedTuple):
    """A movement in the ledger, numbered within its day.

    :ivar digest: the 16 bytes of its id.
    :ivar cents: hundredths of the account's currency, negative if they go out.
    :ivar regular: the number of the account's regular payment that it is, None if it is none.
    """

    digest: bytes
    day: date
    serial: int
    kind: Kind
    cents: int
    party: Party
    text: str = ""
    exchange: Exchange | None = None
    regular: int | None = None

    @property
    def entry_id(self) -> UUID:
        """Its id."""
        return UUID(bytes=self.digest)

    @property
    def amount(self) -> Decimal:
        """What moved, negative if it went out."""
        return euros(self.cents)


class Ledger:
    """All entries of some households; a window of them is worked out, in columns, each time it is asked for."""

    def __init__(self, *households: Household, seed: int) -> None:
        self.households = households
        self.seed = seed
        self._years: dict[int, pl.DataFrame] = {}
        self._closings: dict[str, list[int]] = {}

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """All accounts by key; an account's place is that among them."""
        return {account.key: account for household in self.households for account in household.accounts}

    @cached_property
    def _tables(self) -> Tables:
        return Tables.of(self.households, seed=self.seed)

    @cached_property
    def _frames(self) -> dict[str, pl.DataFrame]:
        return self._tables.frames()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.accounts)}

    @property
    def sources(self) -> Sequence[Source]:
        """What entries come from."""
        return self._tables.sources

    @cached_property
    def described(self) -> pl.DataFrame:
        """The sources as rows, see :func:`farthing.sandbox.sources.described`."""
        return described(self.sources, list(self.accounts.values()))

    def place(self, account: Account) -> int:
        """Return the place of an account among all."""
        return self._places[account.key]

    def columns(self, accounts: Sequence[Account], first: date, last: date) -> pl.DataFrame:
        """Return the entries of some accounts from one day to another, both included, account by account in order.

        :returns: ``place``, ``day`` (since 1970), ``source``, ``cents``, ``text``, of payments abroad ``price``
            (hundredths) and ``rate`` (millionths), ``serial``, and the halves ``high`` and ``low`` of its id.
        """
        first, places = max(first, LEDGER_START), [self._places[account.key] for account in accounts]
        if len(self.households) > 1:
            return self._drawn(places, first, last)
        is_wanted = pl.col("day").is_between(first.toordinal() - EPOCH, last.toordinal() - EPOCH)
        known = pl.concat(self._years_of(first, max(first, last))).lazy()
        return known.filter(is_wanted & pl.col("place").is_in(places)).sort("place", maintain_order=True).collect()

    def entries(self, account: Account, first: date, last: date) -> list[Entry]:
        """Return the entries of an account from one day to another, both included, in order."""
        return [self._entry(row) for row in self.columns([account], first, last).select(_OF_ENTRY).iter_rows()]

    def pending(self, account: Account, today: date) -> list[Entry]:
        """Return what is known of a day before it is over: the payments by card."""
        return [entry for entry in self.entries(account, today, today) if entry.kind in BY_CARD]

    def balance(self, account: Account, day: date) -> Decimal:
        """Return what an account holds at the end of a day."""
        if day < LEDGER_START:
            return account.opening
        closings = self._closings.get(account.key, [])
        if len(closings) <= (day - LEDGER_START).days:
            closings = self._closings[account.key] = self._closed(account, date(day.year, 12, 31))
        return euros(closings[(day - LEDGER_START).days])

    def running(self, account: Account, first: date, last: date) -> Iterator[tuple[Entry, Decimal]]:
        """Return the entries from one day to another, each with what the account holds after it."""
        balance = self.balance(account, first - _DAY)
        for entry in self.entries(account, first, last):
            balance += entry.amount
            yield entry, balance

    def _closed(self, account: Account, last: date) -> list[int]:
        """Work out the cents that an account holds at the end of each day up to one."""
        turnover = [0] * ((last - LEDGER_START).days + 1)
        moved = self.columns([account], LEDGER_START, last).group_by("day").agg(pl.col("cents").sum())
        for day, amount in moved.iter_rows():
            turnover[day + EPOCH - LEDGER_START.toordinal()] = amount
        return list(accumulate(turnover, initial=cents(account.opening)))[1:]

    def _years_of(self, first: date, last: date) -> list[pl.DataFrame]:
        """Keep the years of a household: to draw one takes hardly longer than a day, and who asks once asks again."""
        years = range(first.year, last.year + 1)
        if missing := [year for year in years if year not in self._years]:
            drawn = self._drawn(list(self._places.values()), date(missing[0], 1, 1), date(missing[-1], 12, 31))
            year_of = pl.col("day").cast(pl.Date).dt.year()
            self._years |= {year: drawn.filter(year_of == year) for year in missing}
        return [self._years[year] for year in years]

    def _drawn(self, places: Sequence[int], first: date, last: date) -> pl.DataFrame:
        tables, is_wanted = self._frames, pl.col("place").is_in(places)
        if len(places) < len(self.accounts):
            cards = tables["settlements"].filter(is_wanted)["card"].unique().to_list()
            are_needed = pl.col("place").is_in([*places, *cards])
            tables = {
                name: each.filter(are_needed) if "place" in each.columns else each for name, each in tables.items()
            }
        return numbered(movements(tables, first, last).filter(is_wanted), self._frames["accounts"])

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        place, day, cents, text, price, rate, serial, high, low = row
        source = self.sources[place]
        exchange = None
        if source.currency is not None:
            exchange = Exchange(currency=source.currency, price=euros(price), rate=Decimal(rate).scaleb(-6))
        return Entry(
            digest_of(high, low), date.fromordinal(day + EPOCH), serial, source.kind, cents, source.party, text,
            exchange, source.regular,
        )  # fmt: skip


def numbered(moved: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Order movements, number them within their days, and give each an id that follows from account, day and number."""
    row, day = pl.int_range(pl.len()), pl.col("key") // 2**16
    begins = pl.when(day.ne_missing(day.shift())).then(row).forward_fill()
    key = (pl.col("place").cast(pl.Int64) * 2**16 + pl.col("day")) * 2**16 + pl.col("order")
    ordered = moved.lazy().with_columns(key=key).sort("key").with_columns(serial=(row - begins + 1).cast(pl.Int32))
    ordered = ordered.join(accounts.lazy(), on="place", how="left", maintain_order="left")
    for number in ("day", "serial"):
        ordered = thrown(ordered, high=("high", pl.col(number)), low=("low", pl.col(number)))
    return ordered.drop("key", "order").collect()


def digest_of(high: int, low: int) -> bytes:
    """Return the bytes of an id from its halves."""
    return high.to_bytes(8, "little") + low.to_bytes(8, "little")


def halves_of(digest: bytes) -> tuple[int, int]:
    """Return the halves of an id from its bytes."""
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
