"""What really happened on accounts: the ledger as it was worked out, with what was done to it since."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import polars as pl

from farthing.sandbox.habits import cents
from farthing.sandbox.household import Account
from farthing.sandbox.ledger import Ledger, halves_of
from farthing.sandbox.merchants import Merchant
from farthing.sandbox.sources import EPOCH, Source
from farthing.sandbox.state import BankAccount, Posting

_SERIAL = 900  # of the first entry posted on a day: behind all others


class Amended(Ledger):
    """A household's ledger without the entries that its bank withdrew, and with those posted at somebody's wish."""

    def __init__(self, ledger: Ledger, at_bank: Mapping[str, BankAccount]) -> None:
        """Take a ledger, which stays as it is, and what befell accounts, by their keys."""
        super().__init__(*ledger.households, seed=ledger.seed)
        self._ledger = ledger
        self._at_bank = at_bank

    @property
    def sources(self) -> Sequence[Source]:
        """What entries come from; what was posted, each from a source of its own, comes last."""
        return [*self._ledger.sources, *(source for source, _ in self._posted)]

    def columns(self, accounts: Sequence[Account], first: date, last: date) -> pl.DataFrame:
        """Return the entries of some accounts, see :meth:`Ledger.columns`."""
        rows = self._ledger.columns(accounts, first, last)
        posted = pl.DataFrame([row for _, row in self._posted], rows.schema)
        is_wanted = pl.col("day").is_between(first.toordinal() - EPOCH, last.toordinal() - EPOCH)
        is_theirs = pl.col("place").is_in([self.place(account) for account in accounts])
        gone = [halves_of(each.bytes) for befallen in self._at_bank.values() for each in befallen.withdrawn]
        withdrawn = pl.DataFrame(gone, {"high": pl.UInt64, "low": pl.UInt64}, orient="row")
        known = pl.concat([rows, posted.filter(is_wanted & is_theirs)])
        return known.join(withdrawn, on=["high", "low"], how="anti").sort("place", "day", "serial")

    @cached_property
    def _posted(self) -> list[tuple[Source, dict[str, object]]]:
        """Return the source and the row of each posting."""
        found: list[tuple[Source, dict[str, object]]] = []
        for account in self.accounts.values():
            befallen, place = self._at_bank.get(account.key), self.place(account)
            for serial, posting in enumerate(befallen.posted if befallen else (), start=_SERIAL):
                source, day = len(self._ledger.sources) + len(found), posting.day.toordinal() - EPOCH
                high, low = halves_of(posting.id.bytes)
                row = {
                    "place": place, "day": day, "source": source, "cents": cents(posting.amount), "text": posting.text,
                    "price": 0, "rate": 0, "serial": serial, "high": high, "low": low,
                }  # fmt: skip
                found.append((Source(place=place, kind=posting.kind, party=_party(posting)), row))
        return found


def amended(ledger: Ledger, at_bank: Mapping[str, BankAccount]) -> Ledger:
    """Return a ledger with what befell its household's accounts; itself where nothing did, which is faster."""
    known = (at_bank.get(account.key) for account in ledger.accounts.values())
    is_touched = any(befallen is not None and (befallen.posted or befallen.withdrawn) for befallen in known)
    return Amended(ledger, at_bank) if is_touched else ledger


def _party(posting: Posting) -> Merchant:
    return Merchant(name=posting.counterparty, category=posting.category, town=posting.town, country=posting.country)
