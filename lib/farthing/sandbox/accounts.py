"""Accounts that consents opened: what the API answers about them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import polars as pl

from farthing.sandbox import documents, limits, refusals, state
from farthing.sandbox.admission import Admission
from farthing.sandbox.books import Books
from farthing.sandbox.directory import Directory
from farthing.sandbox.documents import Document
from farthing.sandbox.requisitions import Requisitions
from farthing.sandbox.state import Fault

_DISCOVERY = timedelta(seconds=20)  # before the end of a delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A document, and the headers that tell what is left."""

    document: Document
    headers: dict[str, str]


class Accounts:
    """The linked accounts of a state.

    :param save: called after each change.
    """

    def __init__(
        self,
        known: state.State,
        *,
        admission: Admission,
        books: Books,
        directory: Directory,
        requisitions: Requisitions,
        clock: Callable[[], datetime],
        save: Callable[[], None],
    ) -> None:
        self._state = known
        self._admission = admission
        self._books = books
        self._directory = directory
        self._requisitions = requisitions
        self._clock = clock
        self._save = save

    def key(self, account_id: UUID) -> str:
        """Return which account an id names.

        :raises KeyError: if no consent ever gave it.
        """
        return self._admission.key(account_id)

    def institution_ids(self, account_id: UUID) -> set[str]:
        """Return all ids of the bank of an account, none if no consent ever gave it."""
        if account_id not in self._state.accounts:
            return set()
        bank = self._directory.of_key(self.institution_key(account_id))
        return {bank.institution_id, bank.key}

    def institution_key(self, account_id: UUID) -> str:
        """Return the key of the bank that an account is at."""
        account, _ = self._books.of(self.key(account_id))
        return account.institution_id

    def metadata(self, account_id: UUID) -> Document:
        """Return what is known of an account without asking its bank.

        :raises Refusal: if no consent ever opened it.
        """
        linked = self._state.accounts.get(account_id)
        if linked is None:
            raise refusals.no_account()
        account, _ = self._books.of(self.key(account_id))
        bank = self._directory.of_key(account.institution_id)
        document = documents.metadata(account, bank, account_id, created=linked.created, status=self.status(account_id))
        document["last_accessed"] = documents.timestamp(linked.last_accessed) if linked.last_accessed else None
        if 55 in bank.quirks and linked.last_accessed is None:
            del document["last_accessed"]
        return document

    def status(self, account_id: UUID) -> str:
        """Return the status of an account, worked out anew from its consent and its last calls."""
        linked, now = self._state.accounts[account_id], self._clock()
        consent = self._requisitions.latest_for(account_id)
        if linked.suspended:
            return "SUSPENDED"
        if consent is None or consent[1].has_expired(now):
            return "EXPIRED"
        if linked.processing_until is not None and now < linked.processing_until:
            return "DISCOVERED" if linked.processing_until - now > _DISCOVERY else "PROCESSING"
        return "ERROR" if linked.failures else "READY"

    def details(self, account_id: UUID) -> Answer:
        """Return an account's details.

        :raises Refusal: if the consent, the allowance or the bank does not let it.
        """
        with_bank, _ = self._admission.ask(account_id, "details")
        return self._count(account_id, "details", {"account": with_bank.details()})

    def balances(self, account_id: UUID) -> Answer:
        """Return an account's balances.

        :raises Refusal: if the consent, the allowance or the bank does not let it.
        """
        with_bank, _ = self._admission.ask(account_id, "balances")
        return self._count(account_id, "balances", {"balances": with_bank.balances()})

    def transactions(self, account_id: UUID, *, date_from: str | None, date_to: str | None) -> Answer:
        """Return an account's entries; history before what the agreement allows is left out.

        :raises Refusal: if the consent, the allowance or the bank does not let it, or the dates make no range.
        """
        linked, _, agreement = self._admission.admit(account_id, "transactions")
        first_wanted, last_wanted = _range(date_from, date_to, today=self._clock().date())
        with_bank, shown = self._admission.ask(account_id, "transactions")
        oldest = with_bank.today - timedelta(days=agreement.max_historical_days)
        first = max(first_wanted, oldest) if first_wanted else oldest
        last = min(last_wanted or with_bank.today, with_bank.today)
        booked = with_bank.booked(first, last, undated=first_wanted is None and last_wanted is None)
        pending = with_bank.pending() if last == with_bank.today else pl.Series(dtype=pl.String)
        lists = {"booked": documents.array(_cut(booked, shown)), "pending": documents.array(pending)}
        document: Document = {"transactions": lists}
        updated = linked.frozen_at or self._clock()
        return self._count(account_id, "transactions", document | {"last_updated": documents.timestamp(updated)})

    def _count(self, account_id: UUID, scope: str, document: Document) -> Answer:
        now, linked, limit = self._clock(), self._state.accounts[account_id], self._state.company.daily_calls
        window = limits.check_daily(linked.calls.get(scope), limit=limit, now=now)
        window.count += 1
        linked.calls[scope], linked.last_accessed, linked.failures = window, now, 0
        self._save()
        return Answer(document=document, headers=limits.daily_headers(window, limit=limit, now=now))


def _range(date_from: str | None, date_to: str | None, *, today: date) -> tuple[date | None, date | None]:
    given = {name: text for name, text in {"date_from": date_from, "date_to": date_to}.items() if text}
    dates: dict[str, date | None] = {}
    wrong: dict[str, object] = {}
    for name, text in given.items():
        try:
            dates[name] = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            wrong[name] = ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]
    if wrong:
        raise refusals.field_refusal(**wrong)
    if future := refusals.dates_in_future(today, **dates):
        raise future
    first, last = dates.get("date_from"), dates.get("date_to")
    if first is not None and first > (last or today):
        raise refusals.incorrect_range(first, last or today)
    return first, last


def _cut(booked: pl.Series, shown: list[Fault]) -> pl.Series:
    names = {each.name for each in shown}
    if "EmptyList" in names:
        return booked.clear()
    return booked.head(len(booked) // 2) if "CutList" in names else booked
