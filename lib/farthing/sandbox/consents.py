"""Consents: agreements on what may be read, and requisitions, whose links an account holder opens once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from farthing.sandbox import refusals
from farthing.sandbox.institutions import INSTITUTIONS, Institution
from farthing.sandbox.refusals import wrong_field
from farthing.sandbox.state import SCOPES, Agreement, LinkedAccount, Requisition, State


class Consents:
    """The agreements and requisitions of a state.

    :param save: called after each change.
    """

    def __init__(self, state: State, *, clock: Callable[[], datetime], save: Callable[[], None]) -> None:
        self._state = state
        self._clock = clock
        self._save = save

    def create_agreement(
        self,
        institution_id: str,
        *,
        max_historical_days: int = 90,
        access_valid_for_days: int = 90,
        access_scope: Sequence[str] = SCOPES,
    ) -> Agreement:
        """Write down what an account holder will be asked.

        :raises Refusal: if the bank is unknown or does not go that far.
        """
        bank = _chosen_institution(institution_id)
        _check_days(
            max_historical_days,
            bank.transaction_total_days,
            "max_historical_days",
            f"{bank.institution_id} transaction_total_days ({bank.transaction_total_days})",
        )
        _check_days(
            access_valid_for_days,
            bank.max_access_valid_for_days,
            "access_valid_for_days",
            str(bank.max_access_valid_for_days),
        )
        if not access_scope or not set(access_scope) <= set(SCOPES):
            detail = f"Choose one or more from {list(SCOPES)}"
            raise wrong_field("access_scope", "Unknown access scope", detail)
        agreement = Agreement(
            id=uuid4(),
            created=self._clock(),
            institution_id=institution_id,
            max_historical_days=max_historical_days,
            access_valid_for_days=access_valid_for_days,
            access_scope=list(access_scope),
        )
        self._state.agreements[agreement.id] = agreement
        self._save()
        return agreement

    def agreements(self) -> list[Agreement]:
        """Return all agreements, the oldest first."""
        return list(self._state.agreements.values())

    def agreement(self, agreement_id: UUID) -> Agreement:
        """Return an agreement.

        :raises Refusal: if there is none of this id.
        """
        return _found(self._state.agreements.get(agreement_id))

    def delete_agreement(self, agreement_id: UUID) -> None:
        """Delete an agreement that nobody accepted.

        :raises Refusal: if there is none of this id, or it was accepted: then its requisition has to go.
        """
        if self.agreement(agreement_id).accepted is not None:
            detail = "The agreement was accepted. Delete its requisition instead"
            raise refusals.refusal(400, "Cannot delete End User Agreement", detail)
        del self._state.agreements[agreement_id]
        self._save()

    def create_requisition(
        self,
        institution_id: str,
        *,
        redirect: str,
        consent_url: Callable[[UUID], str],
        agreement_id: UUID | None = None,
        reference: str | None = None,
        user_language: str | None = None,
    ) -> Requisition:
        """Make a link under which an account holder can consent, once.

        :param consent_url: gives the address of the consent page from the link's id.
        :raises Refusal: if the bank, agreement or reference does not fit.
        """
        _chosen_institution(institution_id)
        if any(known.reference == reference for known in self.requisitions()):
            detail = f"Client reference: {reference} already exists"
            raise wrong_field("reference", "Client reference must be unique", detail)
        agreement = self._agreement_for_requisition(institution_id, agreement_id)
        requisition_id, link_id = uuid4(), uuid4()
        requisition = Requisition(
            id=requisition_id,
            created=self._clock(),
            redirect=redirect,
            institution_id=institution_id,
            agreement=agreement.id,
            reference=reference or str(requisition_id),
            user_language=user_language,
            link_id=link_id,
            link=consent_url(link_id),
        )
        self._state.requisitions[requisition_id] = requisition
        self._save()
        return requisition

    def requisitions(self) -> list[Requisition]:
        """Return all requisitions, the oldest first."""
        return list(self._state.requisitions.values())

    def requisition(self, requisition_id: UUID) -> Requisition:
        """Return a requisition.

        :raises Refusal: if there is none of this id.
        """
        return _found(self._state.requisitions.get(requisition_id))

    def requisition_status(self, requisition: Requisition) -> str:
        """Return a requisition's status code: a linked one expires with its agreement."""
        lapsed = self.agreement(requisition.agreement).has_expired(self._clock())
        return "EX" if requisition.status == "LN" and lapsed else requisition.status

    def delete_requisition(self, requisition_id: UUID) -> None:
        """Delete a requisition and its agreement, and so end the access to its accounts.

        :raises Refusal: if there is none of this id.
        """
        requisition = self.requisition(requisition_id)
        del self._state.requisitions[requisition_id]
        del self._state.agreements[requisition.agreement]
        self._save()

    def open_link(self, link_id: UUID, institution_id: str) -> Requisition:
        """Return the requisition of a link; the first visit moves it on to giving consent.

        :raises Refusal: if there is no such link.
        """
        wanted = (link_id, institution_id)
        requisition = _found(next((r for r in self.requisitions() if (r.link_id, r.institution_id) == wanted), None))
        if requisition.status == "CR":
            requisition.status = "GC"
            self._save()
        return requisition

    def authorise(self, requisition: Requisition, account_ids: Sequence[UUID]) -> None:
        """Take an account holder's consent: the agreement begins, the accounts are linked."""
        now = self._clock()
        self.agreement(requisition.agreement).accepted = now
        requisition.status = "LN"
        requisition.accounts = list(account_ids)
        for account_id in requisition.accounts:
            self._state.accounts.setdefault(account_id, LinkedAccount(created=now))
        self._save()

    def reject(self, requisition: Requisition) -> None:
        """Take an account holder's refusal: the link is used up."""
        requisition.status = "RJ"
        self._save()

    def latest_agreement(self, account_id: UUID) -> Agreement | None:
        """Return the agreement under which an account was last opened, None if its requisition is gone."""
        given = [self.agreement(r.agreement) for r in self.requisitions() if account_id in r.accounts]
        return max(given, key=lambda agreement: agreement.accepted or agreement.created, default=None)

    def _agreement_for_requisition(self, institution_id: str, agreement_id: UUID | None) -> Agreement:
        if agreement_id is None:
            return self.create_agreement(institution_id)
        agreement = self.agreement(agreement_id)
        if agreement.institution_id != institution_id:
            raise wrong_field("agreement", "Incorrect Institution ID", "The agreement is for another institution")
        taken = next((known for known in self.requisitions() if known.agreement == agreement_id), None)
        if taken is not None:
            detail = f"The agreement is already associated with requisition {taken.id}."
            raise wrong_field("agreement", f"Agreement {agreement_id} is already associated", detail)
        return agreement


def _chosen_institution(institution_id: str) -> Institution:
    if institution_id not in INSTITUTIONS:
        summary = "Unknown Institution ID " + institution_id
        raise wrong_field("institution_id", summary, "Get Institution IDs from /institutions/?country={$COUNTRY_CODE}")
    return INSTITUTIONS[institution_id]


def _found[T](thing: T | None) -> T:
    if thing is None:
        raise refusals.not_found()
    return thing


def _check_days(days: int, limit: int, name: str, limit_text: str) -> None:
    if not 0 < days <= limit:
        raise wrong_field(name, f"Incorrect {name}", f"{name} must be > 0 and <= {limit_text}")
