"""Whether an account may be asked: its consent, its state, its allowance, and then its bank."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from farthing.sandbox import faults, limits, refusals
from farthing.sandbox.amended import amended
from farthing.sandbox.books import Books
from farthing.sandbox.directory import Directory
from farthing.sandbox.faults import ACCOUNT_STATE, Faults
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.reconfirmations import lacks_confirmation
from farthing.sandbox.requisitions import Requisitions
from farthing.sandbox.state import Agreement, BankAccount, Fault, LinkedAccount, Requisition, State
from farthing.sandbox.statement import Statement

_SUSPENDING = 10  # failures in a row
_REAL_CONSENT = timedelta(days=30)  # of a bank that ends consents early
_REAL_SAVINGS_CONSENT = timedelta(seconds=5)  # of its savings accounts
_REAL_HISTORY = 365  # days, of a bank that promises more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """A call that got as far as the bank."""

    account_id: UUID
    scope: str
    account: Account
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
        shown: Faults,
        clock: Callable[[], datetime],
        save: Callable[[], None],
    ) -> None:
        self._state = known
        self._faults = shown
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

        :returns: what it tells, and the faults to show in a list of entries.
        :raises Refusal: if the account may not be asked, or the bank refuses.
        """
        linked, requisition, agreement = self.admit(account_id, scope)
        key, now = self.key(account_id), self._clock()
        account, ledger = self._books.of(key)
        bank, befallen = self._directory.of_key(account.institution_id), self._state.at_bank.get(key, BankAccount())
        asking = _Asking(
            account_id=account_id,
            scope=scope,
            account=account,
            bank=bank,
            linked=linked,
            requisition=requisition,
            agreement=agreement,
        )
        ids = {bank.institution_id, bank.key}
        shown = self._faults.take(faults.AT_BANK, scope, institutions=ids, account=account_id)
        for each in shown:
            if each.name == ACCOUNT_STATE:
                raise _account_state(asking, each.status)
            if each.name in faults.REFUSING:
                self._refuse(asking, each.name)
        if (name := _refusal_of(asking, befallen, now=now)) is not None:
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
        if faults.REFUSING[name].counts:
            linked.failures += 1
            linked.suspended = linked.failures >= _SUSPENDING
            self._save()
        raise faults.REFUSING[name].answer(asking.scope)


def _account_state(asking: _Asking, status: str) -> refusals.Refusal:
    return faults.account_state(
        account_id=str(asking.account_id),
        created=asking.linked.created,
        last_accessed=asking.linked.last_accessed,
        iban=asking.account.iban,
        institution=asking.bank.institution_id,
        status=status,
    )


def _refusal_of(asking: _Asking, befallen: BankAccount, *, now: datetime) -> str | None:
    """Return the name of the refusal that a bank answers with, None if it answers."""
    if befallen.closed:
        return "AccountInactiveError"
    accepted = asking.agreement.accepted or asking.agreement.created
    lasts = _REAL_SAVINGS_CONSENT if asking.account.cash_account_type == "SVGS" else _REAL_CONSENT
    ended_early = 33 in asking.bank.quirks and now >= accepted + lasts
    unconfirmed = lacks_confirmation(asking.agreement, asking.account_id, now=now)
    if asking.requisition.revoked or ended_early or unconfirmed:
        return "AccessExpiredError"
    too_long = 34 in asking.bank.quirks and asking.agreement.max_historical_days > _REAL_HISTORY
    return "UnknownRequestError" if too_long and asking.scope == "transactions" else None
