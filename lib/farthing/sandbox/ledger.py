"""What happened on each account and day: a pure function of seed, account and date, so time only ever adds."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import polars as pl

from farthing.sandbox.dice import Numbers, thrown
from farthing.sandbox.habits import BY_CARD, Exchange, Kind, Party, cents, euros
from farthing.sandbox.household import Account, Household
from farthing.sandbox.movements import LEDGER_START, counted, movements
from farthing.sandbox.sources import EPOCH, Rows, Source, Tables, described

_DAY = timedelta(days=1)
_OF_ENTRY = ("source", "day", "cents", "text", "price", "rate", "serial", "high", "low")
_COLUMNS = {
    "place": pl.UInt32, "day": pl.Int32, "source": pl.UInt32, "cents": pl.Int64, "price": pl.Int64, "rate": pl.Int64,
    "serial": pl.Int32, "high": pl.UInt64, "low": pl.UInt64,
}  # fmt: skip


class Entry(NamedTuple):
    """A movement in the ledger, numbered within its day.

    :ivar digest: the 16 bytes of its id.
    :ivar cents: hundredths of the account's currency, negative if they go out.
    :ivar regular: the number of the account's regular payment that it is, None if it is none.
    :ivar amended: what it was before its bank changed it, None if it never did.
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
    amended: "Entry | None" = None

    @property
    def original(self) -> "Entry":
        """What it was at first, from which follows what it has to do with others."""
        return self.amended or self

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
        self._closings = np.empty((len(self.accounts), 0), np.int64)

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """All accounts by key; an account's place is that among them."""
        return {account.key: account for household in self.households for account in household.accounts}

    @cached_property
    def _tables(self) -> Tables:
        return Tables.of(self.households, seed=self.seed)

    @cached_property
    def _arrays(self) -> dict[str, Rows]:
        return self._tables.arrays()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.accounts)}

    @property
    def sources(self) -> Sequence[Source]:
        """What entries come from."""
        return self._tables.sources

    @property
    def original(self) -> "Ledger":
        """The ledger before anything in it was changed."""
        return self

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
        places = [self._places[account.key] for account in accounts]
        moved = movements(self._arrays, places, _number(max(first, LEDGER_START)), _number(last))
        return numbered(moved, self._arrays["ids"], list(self._tables.templates))

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
        at = (day - LEDGER_START).days
        if at >= self._closings.shape[1]:
            self._closings = self._closed(day.replace(day=monthrange(day.year, day.month)[1]))
        return euros(int(self._closings[self._places[account.key], at]))

    def running(self, account: Account, first: date, last: date) -> Iterator[tuple[Entry, Decimal]]:
        """Return the entries from one day to another, each with what the account holds after it."""
        balance = self.balance(account, first - _DAY)
        for entry in self.entries(account, first, last):
            balance += entry.amount
            yield entry, balance

    def _closed(self, last: date) -> Numbers:
        """Work out the cents that each account (row) holds at the end of each day up to one (column)."""
        accounts, start = list(self.accounts.values()), _number(LEDGER_START)
        moved = self.columns(accounts, LEDGER_START, last)
        closings = np.zeros((len(accounts), _number(last) - start + 1), np.int64)
        np.add.at(closings, (moved["place"].to_numpy(), moved["day"].to_numpy() - start), moved["cents"].to_numpy())
        np.cumsum(closings, axis=1, out=closings)
        closings += [[cents(account.opening)] for account in accounts]
        return closings

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


def numbered(moved: Rows, ids: Rows, templates: Sequence[str]) -> pl.DataFrame:
    """Order movements, number them within their days, and give each an id that follows from account, day and number.

    :param ids: the seeds of the ids of each account's entries.
    :param templates: texts, to be dated.
    """
    rows = moved[np.argsort((moved["place"] << 32) + (moved["day"] << 16) + moved["order"])]
    place, day = rows["place"], rows["day"]
    begins = np.flatnonzero(np.diff(day, prepend=-1) | np.diff(place, prepend=-1))
    serial = counted(np.diff(begins, append=len(rows)))[1] + 1
    halves = {half: thrown(thrown(ids[half][place], day), serial) for half in ("high", "low")}
    columns = {name: rows[name] for name in ("place", "day", "source", "cents", "price", "rate")}
    frame = pl.DataFrame(columns | {"serial": serial} | halves, _COLUMNS)
    return frame.with_columns(text=_dated(rows["template"], day, templates))


def _dated(template: Numbers, day: Numbers, templates: Sequence[str]) -> pl.Series:
    """Put its day into the text of each entry that has one, once for all of the same day."""
    at = np.flatnonzero(template)
    known, number = np.unique((template[at] << 32) + day[at], return_inverse=True)
    texts = [_text(templates[code >> 32], date.fromordinal(code % 2**32 + EPOCH)) for code in known.tolist()]
    which = np.zeros(len(template), np.uint32)
    which[at] = number + 1
    return pl.Series(["", *texts], dtype=pl.String).gather(which)


def _text(template: str, day: date) -> str:
    number = (day - day.replace(month=1, day=1)).days + 1
    return template.format(month=f"{day.month:02}/{day.year}", year=day.year, number=f"{number:03}")


def _number(day: date) -> int:
    return day.toordinal() - EPOCH


def digest_of(high: int, low: int) -> bytes:
    """Return the bytes of an id from its halves."""
    return high.to_bytes(8, "little") + low.to_bytes(8, "little")


def halves_of(digest: bytes) -> tuple[int, int]:
    """Return the halves of an id from its bytes."""
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
