"""Whether an account may be asked: its consent, its state, its allowance, and then its bank."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from farthing.sandbox import faults, limits, refusals
from farthing.sandbox.amended import amended
from farthing.sandbox.books import Books
from farthing.sandbox.directory import Directory
from farthing.sandbox.institutions import Institution
from farthing.sandbox.reconfirmations import lacks_confirmation
from farthing.sandbox.requisitions import Requisitions
from farthing.sandbox.state import Agreement, BankAccount, Fault, LinkedAccount, Requisition, State
from farthing.sandbox.statement import Statement

_SUSPENDING = 10  # failures in a row
_REAL_CONSENT = timedelta(days=30)  # of a bank that ends consents early
_REAL_HISTORY = 365  # days, of a bank that promises more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """A call that got as far as the bank."""

    account_id: UUID
    scope: str
    iban: str | None
    bank: Institution
    linked: LinkedAccount
    requisition: Requisition
    agreement: Agreement


class Admission:
    """Who may ask what of the linked accounts of a state.

    :param save: called after each change.
    """

    def __init__(
        self,
        known: State,
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

    def admit(self, account_id: UUID, scope: str) -> tuple[LinkedAccount, Requisition, Agreement]:
        """Look whether an account may be asked at all.

        :raises Refusal: if the consent, the account's state or the allowance does not let it.
        """
        linked, now = self._state.accounts.get(account_id), self._clock()
        if linked is None:
            raise refusals.account_not_found(str(account_id))
        consent = self._requisitions.latest_for(account_id)
        if consent is None:
            raise refusals.no_valid_agreement()
        requisition, agreement = consent
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
        return linked, requisition, agreement

    def ask(self, account_id: UUID, scope: str) -> tuple[Statement, list[Fault]]:
        """Go to the bank.

        :returns: what it tells, and the faults to show on the way out.
        :raises Refusal: if the account may not be asked, or the bank refuses.
        """
        linked, requisition, agreement = self.admit(account_id, scope)
        key, now = self.key(account_id), self._clock()
        account, ledger = self._books.of(key)
        bank, befallen = self._directory.of_key(account.institution_id), self._state.at_bank.get(key, BankAccount())
        asking = _Asking(
            account_id=account_id,
            scope=scope,
            iban=account.iban,
            bank=bank,
            linked=linked,
            requisition=requisition,
            agreement=agreement,
        )
        shown = self._take_faults(asking)
        if (name := _refusal_of(asking, befallen, shown, now=now)) is not None:
            self._refuse(asking, name)
        if scope == "transactions" and 32 in bank.quirks and agreement.max_historical_days > 90:
            linked.frozen_at = linked.frozen_at or now
        at_bank: Mapping[str, BankAccount] = self._state.at_bank
        if scope == "transactions" and linked.frozen_at:  # the first answer again, whatever happened since
            now = linked.frozen_at
            at_bank = {each: known.before(now) for each, known in at_bank.items()}
            befallen = befallen.before(now)
        happened = amended(ledger, at_bank)
        return Statement(account=account, ledger=happened, bank=bank, befallen=befallen, today=now.date()), shown

    def _refuse(self, asking: _Asking, name: str) -> None:
        linked = asking.linked
        if name == "AccountState":
            raise faults.account_state(
                account_id=str(asking.account_id),
                created=linked.created,
                last_accessed=linked.last_accessed,
                iban=asking.iban,
                institution=asking.bank.institution_id,
                status="ERROR",
            )
        if faults.REFUSING[name].counts:
            linked.failures += 1
            linked.suspended = linked.failures >= _SUSPENDING
            self._save()
        raise faults.REFUSING[name].answer(asking.scope)

    def _take_faults(self, asking: _Asking) -> list[Fault]:
        """Return the faults that this call shows, and count them."""
        shown = [
            each
            for each in self._state.faults
            if each.institution in (None, asking.bank.institution_id, asking.bank.key)
            and each.account in (None, asking.account_id)
            and each.scope in (None, asking.scope)
        ]
        counted = [each for each in shown if each.times is not None]
        for each in counted:
            each.times = (each.times or 1) - 1
        if counted:
            self._state.faults[:] = [each for each in self._state.faults if each.times != 0]
            self._save()
        return shown


def _refusal_of(asking: _Asking, befallen: BankAccount, shown: list[Fault], *, now: datetime) -> str | None:
    """Return the name of the refusal that a bank answers with, None if it answers."""
    for each in shown:
        if each.name in faults.REFUSING or each.name == "AccountState":
            return each.name
    if befallen.closed:
        return "AccountInactiveError"
    accepted = asking.agreement.accepted or asking.agreement.created
    ended_early = 33 in asking.bank.quirks and now >= accepted + _REAL_CONSENT
    unconfirmed = lacks_confirmation(asking.agreement, asking.account_id, now=now)
    if asking.requisition.revoked or ended_early or unconfirmed:
        return "AccessExpiredError"
    too_long = 34 in asking.bank.quirks and asking.agreement.max_historical_days > _REAL_HISTORY
    return "UnknownRequestError" if too_long and asking.scope == "transactions" else None
