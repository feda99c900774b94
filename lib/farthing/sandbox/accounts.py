"""Accounts that consents opened: who may ask what of them, how often, and what goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from farthing.sandbox import faults, limits, refusals, state
from farthing.sandbox.books import Books
from farthing.sandbox.directory import Directory
from farthing.sandbox.institutions import Institution
from farthing.sandbox.reconfirmations import lacks_confirmation
from farthing.sandbox.requisitions import Requisitions
from farthing.sandbox.state import Agreement, BankAccount, Fault, LinkedAccount, Requisition
from farthing.sandbox.statement import Statement
from farthing.sandbox.wire import Document

_SUSPENDING = 10  # failures in a row
_REAL_CONSENT = timedelta(days=30)  # of a bank that ends consents early
_REAL_HISTORY = 365  # days, of a bank that promises more
_DISCOVERY = timedelta(seconds=20)  # before the end of a delivery


@dataclass(slots=True, kw_only=True)
class Answer:
    """A document, the headers that tell what is left, and the faults to show on the way out."""

    document: Document
    headers: dict[str, str]
    faults: list[Fault] = field(default_factory=list)


class Accounts:
    """The linked accounts of a state.

    :param save: called after each change.
    """

    def __init__(
        self,
        known: state.State,
        *,
        books: Books,
        directory: Directory,
        requisitions: Requisitions,
        clock: Callable[[], datetime],
        save: Callable[[], None],
    ) -> None:
        self._state = known
        self._books = books
        self._directory = directory
        self._requisitions = requisitions
        self._clock = clock
        self._save = save

    def key(self, account_id: UUID) -> str:
        """Return which account an id names.

        :raises KeyError: if no consent ever gave it.
        """
        key = self._state.accounts[account_id].key or self._books.key_of(account_id)
        if key is None:
            raise KeyError(account_id)
        return key

    def institution_id(self, account_id: UUID) -> str:
        """Return today's id of the bank that an account is at."""
        account, _ = self._books.of(self.key(account_id))
        return self._directory.of_key(account.institution_id).institution_id

    def metadata(self, account_id: UUID) -> Document:
        """Return what is known of an account without asking its bank.

        :raises Refusal: if no consent ever opened it.
        """
        linked = self._state.accounts.get(account_id)
        if linked is None:
            raise refusals.no_account()
        account, _ = self._books.of(self.key(account_id))
        bank = self._directory.of_key(account.institution_id)
        accessed = timestamp(linked.last_accessed) if linked.last_accessed else None
        document: Document = {
            "id": str(account_id),
            "created": timestamp(linked.created),
            "last_accessed": accessed,
            "iban": account.iban,
            "bban": None,
            "status": self.status(account_id),
            "institution_id": bank.institution_id,
            "owner_name": "" if 50 in bank.quirks else account.owner,
            "name": account.name,
        }
        if 55 in bank.quirks and accessed is None:
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
        with_bank, shown = self._ask(account_id, "details")
        return self._count(account_id, "details", {"account": with_bank.details()}, shown)

    def balances(self, account_id: UUID) -> Answer:
        """Return an account's balances.

        :raises Refusal: if the consent, the allowance or the bank does not let it.
        """
        with_bank, shown = self._ask(account_id, "balances")
        return self._count(account_id, "balances", {"balances": with_bank.balances()}, shown)

    def transactions(self, account_id: UUID, *, date_from: str | None, date_to: str | None) -> Answer:
        """Return an account's entries; history before what the agreement allows is left out.

        :raises Refusal: if the consent, the allowance or the bank does not let it, or the dates make no range.
        """
        linked, agreement = self._admit(account_id, "transactions")
        first_wanted, last_wanted = _range(date_from, date_to, today=self._clock().date())
        with_bank, shown = self._ask(account_id, "transactions")
        oldest = with_bank.today - timedelta(days=agreement.max_historical_days)
        first = max(first_wanted, oldest) if first_wanted else oldest
        last = min(last_wanted or with_bank.today, with_bank.today)
        booked = with_bank.booked(first, last, undated=first_wanted is None and last_wanted is None)
        pending = with_bank.pending() if last == with_bank.today else []
        booked = _cut(booked, shown)
        document: Document = {"transactions": {"booked": booked, "pending": pending}}
        updated = linked.frozen_at or self._clock()
        return self._count(account_id, "transactions", document | {"last_updated": timestamp(updated)}, shown)

    def _admit(self, account_id: UUID, scope: str) -> tuple[LinkedAccount, Agreement]:
        """Look whether an account may be asked at all."""
        linked, now = self._state.accounts.get(account_id), self._clock()
        if linked is None:
            raise refusals.account_not_found(str(account_id))
        consent = self._requisitions.latest_for(account_id)
        if consent is None:
            raise refusals.no_valid_agreement()
        agreement = consent[1]
        if agreement.expires is not None and agreement.has_expired(now):
            days = agreement.access_valid_for_days
            raise refusals.agreement_expired(str(agreement.id), days=days, at=agreement.expires)
        if scope not in agreement.access_scope:
            raise refusals.scope_not_agreed(scope)
        if linked.suspended:
            raise refusals.account_suspended()
        if linked.processing_until is not None and now < linked.processing_until:
            raise faults.REFUSING["AccountProcessing"].answer(scope)
        limits.check_daily(linked.calls.get(scope), limit=self._state.company.daily_calls, now=now)
        return linked, agreement

    def _ask(self, account_id: UUID, scope: str) -> tuple[Statement, list[Fault]]:
        """Go to the bank, which may refuse."""
        linked, agreement = self._admit(account_id, scope)
        key, now = self.key(account_id), self._clock()
        account, ledger = self._books.of(key)
        bank, befallen = self._directory.of_key(account.institution_id), self._state.at_bank.get(key, BankAccount())
        consent = self._requisitions.latest_for(account_id)
        shown = self._take_faults(account_id, bank, scope)
        for name in [each.name for each in shown if each.name in faults.REFUSING or each.name == "AccountState"]:
            self._refuse(account_id, scope, name, bank=bank, iban=account.iban)
        if befallen.closed:
            self._refuse(account_id, scope, "AccountInactiveError", bank=bank, iban=account.iban)
        if consent and _is_over(consent[0], agreement, bank, account_id, now=now):
            self._refuse(account_id, scope, "AccessExpiredError", bank=bank, iban=account.iban)
        too_long = 34 in bank.quirks and agreement.max_historical_days > _REAL_HISTORY
        if too_long and scope == "transactions":
            self._refuse(account_id, scope, "UnknownRequestError", bank=bank, iban=account.iban)
        if scope == "transactions" and 32 in bank.quirks and agreement.max_historical_days > 90:
            linked.frozen_at = linked.frozen_at or now
        asked = linked.frozen_at if scope == "transactions" and linked.frozen_at else now
        return Statement(account=account, ledger=ledger, bank=bank, befallen=befallen, today=asked.date()), shown

    def _refuse(self, account_id: UUID, scope: str, name: str, *, bank: Institution, iban: str | None) -> None:
        linked = self._state.accounts[account_id]
        if name == "AccountState":
            raise faults.account_state(
                account_id=str(account_id),
                created=linked.created,
                last_accessed=linked.last_accessed,
                iban=iban,
                institution=bank.institution_id,
                status="ERROR",
            )
        if faults.REFUSING[name].counts:
            linked.failures += 1
            linked.suspended = linked.failures >= _SUSPENDING
            self._save()
        raise faults.REFUSING[name].answer(scope)

    def _take_faults(self, account_id: UUID, bank: Institution, scope: str) -> list[Fault]:
        """Return the faults that this call shows, and count them."""
        shown = [
            each
            for each in self._state.faults
            if each.institution in (None, bank.institution_id, bank.key)
            and each.account in (None, account_id)
            and each.scope in (None, scope)
        ]
        for each in shown:
            if each.times is not None:
                each.times -= 1
        if any(each.times == 0 for each in shown):
            self._state.faults[:] = [each for each in self._state.faults if each.times != 0]
            self._save()
        return shown

    def _count(self, account_id: UUID, scope: str, document: Document, shown: list[Fault]) -> Answer:
        now, linked, limit = self._clock(), self._state.accounts[account_id], self._state.company.daily_calls
        window = limits.check_daily(linked.calls.get(scope), limit=limit, now=now)
        window.count += 1
        linked.calls[scope], linked.last_accessed, linked.failures = window, now, 0
        self._save()
        return Answer(document=document, headers=limits.daily_headers(window, limit=limit, now=now), faults=shown)


def timestamp(moment: datetime) -> str:
    """Write a UTC time as the API does: microseconds and ``Z``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _is_over(
    requisition: Requisition, agreement: Agreement, bank: Institution, account_id: UUID, *, now: datetime
) -> bool:
    """Say whether the bank gives no access though the agreement stands."""
    accepted = agreement.accepted or agreement.created
    ends_early = 33 in bank.quirks and now >= accepted + _REAL_CONSENT
    return requisition.revoked or ends_early or lacks_confirmation(agreement, account_id, now=now)


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


def _cut(booked: list[Document], shown: list[Fault]) -> list[Document]:
    names = {each.name for each in shown}
    if "EmptyList" in names:
        return []
    return booked[: len(booked) // 2] if "CutList" in names else booked
