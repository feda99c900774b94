"""What a bank answers about an account: its ledger in its dialect, through its habits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import polars as pl

from farthing.sandbox import documents, quirks, thorough, wire
from farthing.sandbox.columns import Columns, columns_of
from farthing.sandbox.documents import Document
from farthing.sandbox.habits import BY_CARD, Kind, cents
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.ledger import Ledger
from farthing.sandbox.movements import LEDGER_START
from farthing.sandbox.sources import EPOCH
from farthing.sandbox.state import BankAccount
from farthing.sandbox.told import Fields, Told

_DAY, _MONTH = timedelta(days=1), timedelta(days=31)
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
        month_closed = self.ledger.balance(self.account, self.today.replace(day=1) - _DAY)
        pending = sum(waiting, start=Decimal(0))
        if self.bank.is_thorough:
            tell = partial(thorough.balances, last_entry=self._last_entry())
        else:
            tell = partial(documents.balances, dialect=self.bank.dialect)
        told = tell(self.account, today=self.today, closed=closed, month_closed=month_closed, pending=pending)
        return quirks.balances(told, self.account, self.bank, closed=closed)

    def details(self) -> Document:
        """Return the details."""
        document = documents.details(self.account, self.bank.bic)
        if self.bank.is_thorough:
            document = thorough.details(document, self.account)
        document = quirks.details(document, self.account, self.bank)
        return document | ({"status": "blocked"} if self.befallen.blocked else {})

    def _last_entry(self) -> str | None:
        """Return the id of the newest booked entry of a month."""
        newest = known_to([self], self.today - _MONTH, self.today - _DAY).rows.tail(1)
        return next(iter(newest.select(wire.transaction_id(Told(self.bank, self.today))).to_series()), None)


def booked_on(
    statements: Sequence[Statement], first: date, last: date, *, undated: bool, is_quoted: bool = False
) -> pl.DataFrame:
    """Tell of the booked entries of some accounts at the same bank on the same day, as :meth:`Statement.booked`.

    :param statements: of accounts in the same ledger.
    :param is_quoted: whether the JSON is to stand in a text within JSON.
    :returns: ``place`` (of the account in the ledger), ``id`` (the ledger's) and ``json``, in the bank's order: mostly
        the newest first, and then the last account.
    """
    bank, today = statements[0].bank, statements[0].today
    # Some habits move a date, so look further and filter by what the bank says.
    margin = _LONG_MARGIN if 18 in bank.quirks else _MARGIN
    columns, told = known_to(statements, first - margin, last + margin), Told(bank, today)

    def wanted(fields: Fields) -> pl.Expr:
        dates: list[pl.Expr] = [fields[name] for name in ("bookingDate", "valueDate")]
        is_within = pl.any_horizontal(*(each.is_between(first, last).fill_null(value=False) for each in dates))
        is_undated = pl.all_horizontal(*(each.is_null() for each in dates))
        return is_within | (is_undated & pl.lit(undated) & told.day.is_between(first, last))

    said = quirks.booked(columns, wire.booked_entry(told), told, wanted=wanted, is_quoted=is_quoted)
    return said if 53 in bank.quirks else said.reverse()


def pending_on(statements: Sequence[Statement], *, is_quoted: bool = False) -> pl.DataFrame:
    """Tell of the pending entries of some accounts at the same bank on the same day, as :func:`booked_on`."""
    ledger, bank, today = statements[0].ledger, statements[0].bank, statements[0].today
    last = today + timedelta(days=_KEEPS_ANNOUNCED) if 11 in bank.quirks else today
    rows = ledger.columns([each.account for each in statements], today, last)
    kind = ledger.described["kind"].gather(rows["source"])
    is_today, is_by_card = rows["day"] == today.toordinal() - EPOCH, kind.is_in([each.value for each in BY_CARD])
    waiting = rows.filter((is_today & is_by_card) | (~is_today & (kind == Kind.DEBIT.value)))
    columns, told = columns_of(waiting, ledger.described, generations={}, before=None), Told(bank, today)
    return quirks.pending(columns, wire.pending_entry(told), told, is_quoted=is_quoted)


def known_to(statements: Sequence[Statement], first: date, last: date) -> Columns:
    """Return the booked entries of a range before any habit, under the ids they have by now."""
    ledger, bank, today = statements[0].ledger, statements[0].bank, statements[0].today
    places = {ledger.place(each.account): each for each in statements}
    first = max(first, LEDGER_START)
    rows = ledger.columns([each.account for each in places.values()], first, min(last, today - _DAY))
    before = None
    if 30 in bank.quirks:
        before = {place: cents(ledger.balance(each.account, first - _DAY)) for place, each in places.items()}
    generations = {place: each.befallen.reissued for place, each in places.items()}
    return columns_of(rows, ledger.described, generations=generations, before=before)
