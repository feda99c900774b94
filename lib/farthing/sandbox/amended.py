"""What really happened on accounts: the ledger as it was worked out, with what was done to it since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import polars as pl

from farthing.sandbox.habits import BY_CARD, cents
from farthing.sandbox.household import Account
from farthing.sandbox.ledger import Entry, Ledger, halves_of
from farthing.sandbox.merchants import Merchant
from farthing.sandbox.sources import EPOCH, MILLION, Source
from farthing.sandbox.state import Amendment, BankAccount, Posting

_SERIAL = 900  # of the first entry posted on a day: behind all others
_MOVED = 2000  # that of the first one that was moved to another day

type _Made = tuple[Source, dict[str, Any]]  # an entry's row, and where it comes from


class Amended(Ledger):
    """A household's ledger without the entries that its bank withdrew, with those posted, and with those changed."""

    def __init__(self, ledger: Ledger, at_bank: Mapping[str, BankAccount]) -> None:
        """Take a ledger, which stays as it is, and what befell accounts, by their keys."""
        super().__init__(*ledger.households, seed=ledger.seed)
        self._ledger = ledger
        self._at_bank = {key: at_bank[key] for key in self.accounts if key in at_bank}

    @property
    def sources(self) -> Sequence[Source]:
        """What entries come from; what was posted or changed, each from a source of its own, comes last."""
        return self._sources

    @cached_property
    def original(self) -> Ledger:
        """The ledger before anything in it was changed: without what was withdrawn, and with what was posted."""
        unchanged = {key: known.model_copy(update={"amended": []}) for key, known in self._at_bank.items()}
        return Amended(self._ledger, unchanged) if self._changed else self

    def columns(self, accounts: Sequence[Account], first: date, last: date) -> pl.DataFrame:
        """Return the entries of some accounts, see :meth:`Ledger.columns`."""
        rows = self._ledger.columns(accounts, first, last)
        posted, changed = (
            pl.DataFrame([row for _, row in made], rows.schema) for made in (self._posted, self._changed)
        )
        gone = [each for befallen in self._at_bank.values() for each in befallen.withdrawn]
        known = pl.concat([_without(pl.concat([rows, posted]), list(self._amendments)), changed])
        is_wanted = pl.col("day").is_between(first.toordinal() - EPOCH, last.toordinal() - EPOCH)
        is_theirs = pl.col("place").is_in([self.place(account) for account in accounts])
        return _without(known.filter(is_wanted & is_theirs), gone).sort("place", "day", "serial")

    def entries(self, account: Account, first: date, last: date) -> list[Entry]:
        """Return the entries of an account; those that were changed know what they had been."""
        known = super().entries(account, first, last)
        return [each._replace(amended=self._originals.get(each.digest)) for each in known] if self._changed else known

    @cached_property
    def _sources(self) -> list[Source]:
        return [*self._ledger.sources, *(source for source, _ in [*self._posted, *self._changed])]

    @cached_property
    def _posted(self) -> list[_Made]:
        found: list[_Made] = []
        for account in self.accounts.values():
            befallen, place = self._at_bank.get(account.key), self.place(account)
            for serial, posting in enumerate(befallen.posted if befallen else (), start=_SERIAL):
                source, day = len(self._ledger.sources) + len(found), posting.day.toordinal() - EPOCH
                high, low = halves_of(posting.id.bytes)
                row = {
                    "place": place, "day": day, "source": source, "cents": cents(posting.amount), "text": posting.text,
                    "price": 0, "rate": 0, "serial": serial, "high": high, "low": low,
                }  # fmt: skip
                said = (posting.text or None) if posting.kind in BY_CARD else None
                found.append((Source(place=place, kind=posting.kind, party=_party(posting), said=said), row))
        return found

    @cached_property
    def _amendments(self) -> dict[UUID, tuple[Account, Amendment]]:
        """What became of each entry in the end."""
        found: dict[UUID, tuple[Account, Amendment]] = {}
        for key, befallen in self._at_bank.items():
            for each in befallen.amended:
                _, before = found.get(each.entry, (None, each))
                found[each.entry] = self.accounts[key], _after(before, each)
        return found

    @cached_property
    def _originals(self) -> dict[bytes, Entry]:
        return {
            entry.digest: entry
            for account, each in self._amendments.values()
            for entry in self.original.entries(account, each.was, each.was)
            if entry.entry_id == each.entry
        }

    @cached_property
    def _changed(self) -> list[_Made]:
        sources = [*self._ledger.sources, *(source for source, _ in self._posted)]
        found: list[_Made] = []
        for account, amendment in self._amendments.values():
            before = self._row(account, amendment)
            row = before | {"source": len(sources) + len(found)} | dict(_changes(before, amendment))
            if row["day"] != before["day"]:
                row["serial"] = _MOVED + len(found)
            source = sources[before["source"]]
            found.append((replace(source, said=source.said if amendment.text is None else amendment.text), row))
        return found

    def _row(self, account: Account, amendment: Amendment) -> dict[str, Any]:
        high, low = halves_of(amendment.entry.bytes)
        known = self._ledger.columns([account], amendment.was, amendment.was).iter_rows(named=True)
        rows = [*known, *(row for _, row in self._posted)]
        return next(row for row in rows if (row["high"], row["low"]) == (high, low))


def amended(ledger: Ledger, at_bank: Mapping[str, BankAccount]) -> Ledger:
    """Return a ledger with what befell its household's accounts; itself where nothing did, which is faster."""
    known = [at_bank[key] for key in ledger.accounts if key in at_bank]
    is_touched = any(befallen.posted or befallen.withdrawn or befallen.amended for befallen in known)
    return Amended(ledger, at_bank) if is_touched else ledger


def _after(before: Amendment, after: Amendment) -> Amendment:
    """Put two amendments of an entry into one."""
    return before.model_copy(update=after.model_dump(exclude_none=True))


def _changes(row: Mapping[str, Any], amendment: Amendment) -> Iterator[tuple[str, object]]:
    """Return what is new in a row; the price abroad goes with the amount."""
    if amendment.day is not None:
        yield "day", amendment.day.toordinal() - EPOCH
    if amendment.text is not None:
        yield "text", amendment.text
    if amendment.amount is not None:
        yield "cents", cents(amendment.amount)
        if row["rate"]:
            yield "price", round(Decimal(-cents(amendment.amount)) * MILLION / row["rate"])


def _without(rows: pl.DataFrame, entries: Sequence[UUID]) -> pl.DataFrame:
    gone = [halves_of(each.bytes) for each in entries]
    return rows.join(
        pl.DataFrame(gone, {"high": pl.UInt64, "low": pl.UInt64}, orient="row"), on=["high", "low"], how="anti"
    )


def _party(posting: Posting) -> Merchant:
    return Merchant(name=posting.counterparty, category=posting.category, town=posting.town, country=posting.country)
