"""What a bank answers about an account: its ledger in its dialect, through its habits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid5

import polars as pl

from farthing.sandbox import documents, quirks, wire
from farthing.sandbox.columns import Booked, columns_of
from farthing.sandbox.documents import Document
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.ledger import LEDGER_START, Ledger
from farthing.sandbox.state import BankAccount
from farthing.sandbox.told import Fields, Told

_DAY = timedelta(days=1)
_MARGIN, _LONG_MARGIN = timedelta(days=5), timedelta(days=70)
_KEEPS_ANNOUNCED = 21  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account as its bank tells of it on a day; banks book overnight, so today's entries are pending or unknown.

    :ivar ledger: with what was withdrawn and posted, see :func:`farthing.sandbox.amended.amended`.
    """

    account: Account
    ledger: Ledger
    bank: Institution
    befallen: BankAccount
    today: date

    def booked(self, first: date, last: date, *, undated: bool) -> pl.Series:
        """Return the booked entries of which either date lies within a range, as JSON, the newest first.

        :param undated: also those which the bank gives without a date.
        """
        return booked_on([self], first, last, undated=undated)["json"]

    def pending(self) -> pl.Series:
        """Return what is announced and not booked, as JSON."""
        return pending_on([self])["json"]

    def balances(self) -> list[Document]:
        """Return the balances."""
        waiting = (entry.amount for entry in self.ledger.pending(self.account, self.today))
        closed = self.ledger.balance(self.account, self.today - _DAY)
        told = documents.balances(
            self.account,
            self.bank.dialect,
            today=self.today,
            closed=closed,
            month_closed=self.ledger.balance(self.account, self.today.replace(day=1) - _DAY),
            pending=sum(waiting, start=Decimal(0)),
        )
        return quirks.balances(told, self.account, self.bank, closed=closed)

    def details(self) -> Document:
        """Return the details."""
        document = quirks.details(documents.details(self.account, self.bank.bic), self.account, self.bank)
        return document | ({"status": "deleted"} if self.befallen.closed else {})

    def known(self, first: date, last: date) -> Booked:
        """Return the entries of a range before any habit, under the ids they have by now."""
        first, anew = max(first, LEDGER_START), self.befallen.reissued
        entries = self.ledger.entries(self.account, first, min(last, self.today - _DAY))
        if anew:
            entries = [entry._replace(digest=uuid5(entry.entry_id, str(anew)).bytes) for entry in entries]
        before = self.ledger.balance(self.account, first - _DAY) if 30 in self.bank.quirks else Decimal(0)
        return Booked(account=self.account, entries=entries, generation=anew, before=before)

    def waiting(self) -> Booked:
        """Return what is announced before any habit."""
        waiting = self.ledger.pending(self.account, self.today)
        if 11 in self.bank.quirks:
            waiting += self.ledger.announced(self.account, self.today, _KEEPS_ANNOUNCED)
        return Booked(account=self.account, entries=waiting)


def booked_on(statements: Sequence[Statement], first: date, last: date, *, undated: bool) -> pl.DataFrame:
    """Tell of the booked entries of some accounts at the same bank on the same day, as :meth:`Statement.booked`.

    :returns: ``place`` (that of the statement), ``id`` (the ledger's) and ``json``, in the bank's order: mostly the
        newest first, and then the last statement.
    """
    bank, today = statements[0].bank, statements[0].today
    # Some habits move a date, so look further and filter by what the bank says.
    margin = _LONG_MARGIN if 18 in bank.quirks else _MARGIN
    frame, told = columns_of([each.known(first - margin, last + margin) for each in statements]), Told(bank, today)

    def wanted(fields: Fields) -> pl.Expr:
        dates: list[pl.Expr] = [fields[name] for name in ("bookingDate", "valueDate")]
        is_within = pl.any_horizontal(*(each.is_between(first, last).fill_null(value=False) for each in dates))
        is_undated = pl.all_horizontal(*(each.is_null() for each in dates))
        return is_within | (is_undated & pl.lit(undated) & told.day.is_between(first, last))

    said = quirks.booked(frame, wire.booked_entry(told), told, wanted=wanted)
    return said if 53 in bank.quirks else said.reverse()


def pending_on(statements: Sequence[Statement]) -> pl.DataFrame:
    """Tell of the pending entries of some accounts at the same bank on the same day, as :func:`booked_on`."""
    told = Told(statements[0].bank, statements[0].today)
    frame = columns_of([each.waiting() for each in statements])
    return quirks.pending(frame, wire.pending_entry(told), told)
