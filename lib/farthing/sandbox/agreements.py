"""End user agreements: what an account holder will be asked, within what the bank and the API allow."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from farthing.sandbox import refusals
from farthing.sandbox.directory import Directory
from farthing.sandbox.institutions import Institution
from farthing.sandbox.refusals import fault, field_refusal
from farthing.sandbox.state import SCOPES, Agreement, Scopes, State


class Agreements:
    """The agreements of a state.

    :param save: called after each change.
    """

    def __init__(
        self, state: State, *, directory: Directory, clock: Callable[[], datetime], save: Callable[[], None]
    ) -> None:
        self._state = state
        self._directory = directory
        self._clock = clock
        self._save = save

    def create(
        self,
        institution_id: str,
        *,
        max_historical_days: int = 90,
        access_valid_for_days: int = 90,
        access_scope: Sequence[str] = SCOPES,
        reconfirmation: bool = False,
    ) -> Agreement:
        """Write down what an account holder will be asked.

        :raises Refusal: if the bank is unknown or does not go that far; all wrong fields at once.
        """
        bank = self._directory.chosen(institution_id)
        refuse_if_not_operational(self._state, bank)
        refuse_beyond_quota(self._state, bank, now=self._clock())
        if reconfirmation and not self._state.company.may_reconfirm:
            raise refusals.no_permission("", "You do not have permission to enable reconfirmation.")
        wrong = {
            "max_historical_days": _history_fault(bank, max_historical_days),
            "access_valid_for_days": _access_fault(bank, access_valid_for_days, reconfirmation=reconfirmation),
            "access_scope": _scope_faults(bank, access_scope, self._state.scopes.get(bank.key, Scopes())),
            "reconfirmation": _reconfirmation_fault(bank, access_valid_for_days) if reconfirmation else None,
        }
        if any(wrong.values()):
            raise field_refusal(**{name: what for name, what in wrong.items() if what})
        agreement = Agreement(
            id=uuid4(),
            created=self._clock(),
            institution_id=institution_id,
            max_historical_days=max_historical_days,
            access_valid_for_days=access_valid_for_days,
            access_scope=list(access_scope),
            reconfirmation=reconfirmation,
        )
        self._state.agreements[agreement.id] = agreement
        self._save()
        return agreement

    def create_usual(self, institution_id: str) -> Agreement:
        """Write down what an account holder will be asked where nobody said what: 90 days, and all that there is.

        :raises Refusal: if the bank is unknown or takes no consents now.
        """
        known = self._state.scopes.get(self._directory.chosen(institution_id).key, Scopes())
        return self.create(institution_id, access_scope=known.supported)

    def all(self) -> list[Agreement]:
        """Return all agreements, the oldest first."""
        return list(self._state.agreements.values())

    def get(self, agreement_id: UUID) -> Agreement:
        """Return an agreement.

        :raises Refusal: if there is none of this id.
        """
        agreement = self._state.agreements.get(agreement_id)
        if agreement is None:
            raise refusals.not_found()
        return agreement

    def delete(self, agreement_id: UUID) -> None:
        """Delete an agreement that nobody accepted and no requisition uses.

        :raises Refusal: if there is none of this id, or it is in use: then its requisition has to go.
        """
        if self.get(agreement_id).accepted is not None:
            detail = "The agreement was accepted. Delete its requisition instead"
            raise refusals.refusal(400, "Cannot delete End User Agreement", detail)
        user = next((each for each in self._state.requisitions.values() if each.agreement == agreement_id), None)
        if user is not None:
            detail = f"The agreement is associated with requisition {user.id}. Delete that requisition instead"
            raise refusals.refusal(400, "Cannot delete End User Agreement", detail)
        del self._state.agreements[agreement_id]
        self._save()

    def accept(self, agreement_id: UUID) -> Agreement:
        """Accept an agreement by API, which few companies may.

        :raises Refusal: if the company may not, there is none of this id, or it was accepted before.
        """
        agreement = self.get(agreement_id)
        if not self._state.company.may_accept:
            detail = (
                "Your company doesn't have permission to accept EUA. "
                "You'll have to use our default form for this action."
            )
            raise refusals.no_permission("Insufficient permissions", detail)
        if agreement.accepted is not None:
            detail = "End User Agreements cannot be accepted more than once"
            raise refusals.refusal(405, "EUA cannot be accepted more than once", detail)
        agreement.accepted = self._clock()
        self._save()
        return agreement


def refuse_if_not_operational(state: State, bank: Institution) -> None:
    """Let no consent begin at a bank under maintenance.

    :raises Refusal: if it is.
    """
    if bank.key in state.not_operational:
        raise refusals.not_operational(bank.institution_id)


def refuse_beyond_quota(state: State, bank: Institution, *, now: datetime) -> None:
    """Let no consent begin once the company's connections are used up: those of consents that live.

    :raises Refusal: if they are; GoCardless's own sandbox bank is not counted.
    """
    limit = state.company.connections
    if limit is None or _is_free(bank.key):
        return
    counted = [
        each
        for each in state.requisitions.values()
        if each.status == "LN"
        and not _is_free(each.institution_id)
        and not state.agreements[each.agreement].has_expired(now)
    ]
    if len(counted) >= limit:
        raise refusals.payment_required()


def _is_free(institution_id: str) -> bool:
    return institution_id.startswith("SANDBOXFINANCE_SFIN000")


def _history_fault(bank: Institution, days: int) -> object:
    limit = bank.transaction_total_days
    if 0 < days <= limit:
        return None
    text = f"max_historical_days must be > 0 and <= {bank.institution_id} transaction_total_days ({limit})"
    return fault("Incorrect max_historical_days", text)


def _access_fault(bank: Institution, days: int, *, reconfirmation: bool) -> object:
    longest = bank.max_access_valid_for_days
    if reconfirmation and bank.reconfirmable_days is not None:
        longest = bank.reconfirmable_days
    if 0 < days <= longest:
        return None
    return fault("Incorrect access_valid_for_days", f"access_valid_for_days must be > 0 and <= {longest}")


def _reconfirmation_fault(bank: Institution, days: int) -> object:
    if bank.reconfirmable_days is None:
        return fault("Reconfirmation not supported", f"Reconfirmation not supported for {bank.institution_id}")
    if days <= 90:
        text = "Reconfirmation is not allowed when access_valid_for_days <= 90 days."
        return fault("Reconfirmation is not allowed", text)
    return None


def _scope_faults(bank: Institution, scopes: Sequence[str], known_to_bank: Scopes) -> list[object]:
    known = list(SCOPES)
    if not scopes:
        text = f"Please choose one or several of {known}."
        return [fault("Field 'access_scope' may not be an empty list.", text)]
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        detail = f"Choose one or several from {known}"
        return [fault(f"Unknown value '{scope}' in access_scope", detail) for scope in unknown]
    wrong: list[object] = []
    if 0 < len(set(bank.scopes_together) & set(scopes)) < len(bank.scopes_together):
        detail = f"For this institution the following scopes are required together: {list(bank.scopes_together)}"
        wrong.append(fault("Institution access scope dependencies error", detail))
    if set(known_to_bank.mandatory) - set(scopes):
        detail = f"The following scopes are mandatory for this institution: {known_to_bank.mandatory}"
        wrong.append(fault("Institution access scope dependencies error", detail))
    if unsupported := [scope for scope in scopes if scope not in known_to_bank.supported]:
        detail = (
            f"The access scopes supported by the institution are {known_to_bank.supported}. "
            f"The following scopes are not supported: {unsupported}"
        )
        wrong.append(fault("Unsupported access scope selected.", detail))
    return wrong
