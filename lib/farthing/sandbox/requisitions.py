"""Requisitions: attempts to link accounts, each with a link that an account holder uses once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from farthing.sandbox import refusals
from farthing.sandbox.agreements import Agreements, refuse_beyond_quota, refuse_if_not_operational
from farthing.sandbox.directory import Directory, unknown_institution
from farthing.sandbox.institutions import Institution
from farthing.sandbox.refusals import fault, field_not_found, field_refusal, wrong_field
from farthing.sandbox.requests import NewRequisition
from farthing.sandbox.state import Agreement, LinkedAccount, Requisition, State

OPEN = ("CR", "GC", "UA", "SA", "GA")
LANGUAGES = frozenset(
    "bg cs da de el en es et fi fr hr hu is it lt lv mt nb nl no pl pt ro ru sk sl sv uk".split()  # noqa: SIM905 - a list of words is easier read so
)
_DELIVERY = timedelta(seconds=30)


class Requisitions:
    """The requisitions of a state.

    :param account_id: gives the id under which an agreement opens an account, from its key.
    :param save: called after each change.
    """

    def __init__(
        self,
        state: State,
        *,
        agreements: Agreements,
        directory: Directory,
        account_id: Callable[[str, Agreement], UUID],
        clock: Callable[[], datetime],
        save: Callable[[], None],
    ) -> None:
        self._state = state
        self._agreements = agreements
        self._directory = directory
        self._account_id = account_id
        self._clock = clock
        self._save = save

    def create(self, wanted: NewRequisition, *, consent_url: Callable[[UUID], str]) -> Requisition:
        """Make a link under which an account holder can consent, once.

        :param consent_url: gives the address of the consent page from the link's id.
        :raises Refusal: if the bank, agreement, reference or an option does not fit.
        """
        bank = self._directory.chosen(wanted.institution_id)
        refuse_if_not_operational(self._state, bank)
        refuse_beyond_quota(self._state, bank, now=self._clock())
        if wrong := self._wrong_options(wanted, bank):
            raise field_refusal(**wrong)
        agreement = self._agreement_for(wanted)
        requisition_id, link_id = uuid4(), uuid4()
        requisition = Requisition(
            id=requisition_id,
            created=self._clock(),
            redirect=wanted.redirect,
            institution_id=wanted.institution_id,
            agreement=agreement.id,
            reference=wanted.reference or str(requisition_id),
            user_language=wanted.user_language,
            ssn=wanted.ssn,
            account_selection=wanted.account_selection,
            redirect_immediate=wanted.redirect_immediate,
            link_id=link_id,
            link=consent_url(link_id),
        )
        self._state.requisitions[requisition_id] = requisition
        self._save()
        return requisition

    def all(self) -> list[Requisition]:
        """Return all requisitions, the oldest first."""
        return list(self._state.requisitions.values())

    def get(self, requisition_id: UUID) -> Requisition:
        """Return a requisition.

        :raises Refusal: if there is none of this id.
        """
        requisition = self._state.requisitions.get(requisition_id)
        if requisition is None:
            raise refusals.not_found()
        return requisition

    def status(self, requisition: Requisition) -> str:
        """Return a requisition's status code: a linked one can expire, or be suspended with its accounts."""
        if requisition.status != "LN":
            return requisition.status
        if self._agreements.get(requisition.agreement).has_expired(self._clock()):
            return "EX"
        linked = [self._state.accounts[account_id] for account_id in requisition.accounts]
        return "SU" if linked and all(account.suspended for account in linked) else "LN"

    def delete(self, requisition_id: UUID) -> None:
        """Delete a requisition and its agreement, and so end the access to its accounts.

        :raises Refusal: if there is none of this id.
        """
        requisition = self.get(requisition_id)
        del self._state.requisitions[requisition_id]
        del self._state.agreements[requisition.agreement]
        self._save()

    def of_link(self, link_id: UUID) -> Requisition | None:
        """Return the requisition of a link."""
        return next((each for each in self.all() if each.link_id == link_id), None)

    def proceed(self, requisition: Requisition, status: str) -> None:
        """Move an open requisition on; the account holder's agreement is accepted on the way to the bank."""
        requisition.status = status
        agreement = self._agreements.get(requisition.agreement)
        if status == "UA" and agreement.accepted is None:
            agreement.accepted = self._clock()
        self._save()

    def authorise(self, requisition: Requisition, keys: Sequence[str]) -> None:
        """Take an account holder's consent: the agreement begins, the accounts of some keys are linked."""
        now = self._clock()
        agreement = self._agreements.get(requisition.agreement)
        agreement.accepted = agreement.accepted or now
        requisition.status = "LN"
        until = now + _DELIVERY if requisition.redirect_immediate else None
        for key in keys:
            account_id = self._account_id(key, agreement)
            linked = self._state.accounts.setdefault(account_id, LinkedAccount(created=now, key=key))
            linked.failures, linked.suspended, linked.processing_until, linked.frozen_at = 0, False, until, None
            requisition.accounts.append(account_id)
        if self._directory.once(requisition.institution_id).has_single_consent:
            self._end_earlier(requisition, keys)
        self._save()

    def reject(self, requisition: Requisition) -> None:
        """Take an account holder's or a bank's refusal: the link is used up."""
        requisition.status = "RJ"
        self._save()

    def latest_for(self, account_id: UUID) -> tuple[Requisition, Agreement] | None:
        """Return the consent under which an account was last opened, None if it is gone."""
        given = [(each, self._agreements.get(each.agreement)) for each in self.all() if account_id in each.accounts]
        # Of two at the same time the later one counts, and max takes the first.
        return max(reversed(given), key=lambda pair: pair[1].accepted or pair[1].created, default=None)

    def _end_earlier(self, requisition: Requisition, keys: Sequence[str]) -> None:
        """End the other consents of an account holder, as banks do that keep one for each: the API does not know."""
        households = {key.rpartition("/")[0] for key in keys}
        for each in self.all():
            theirs = {(self._state.accounts[account].key or "").rpartition("/")[0] for account in each.accounts}
            if each is not requisition and theirs & households:
                each.revoked = True

    def _wrong_options(self, wanted: NewRequisition, bank: Institution) -> dict[str, object]:
        wrong: dict[str, object] = {}
        if wanted.reference is not None and any(known.reference == wanted.reference for known in self.all()):
            detail = f"Client reference: {wanted.reference} already exists"
            wrong["reference"] = fault("Client reference must be unique", detail)
        language = wanted.user_language
        if language is not None and language.lower().partition("-")[0] not in LANGUAGES:
            detail = f"'{language}' is an invalid or unsupported language"
            wrong["user_language"] = fault("Provided user_language is invalid or not supported", detail)
        if wanted.ssn and "ssn_verification" not in bank.features:
            detail = f"SSN verification not supported for {bank.institution_id}"
            wrong["ssn"] = [fault("SSN verification not supported", detail)]
        elif wanted.ssn and "verified" in wanted.ssn:
            wrong["ssn"] = [fault("verified not allowed", "'ssn' contains verified")]
        if wanted.account_selection and "account_selection" not in bank.features:
            detail = f"Account selection not supported for {bank.institution_id}"
            wrong["account_selection"] = fault("Account selection not supported", detail)
        return wrong

    def _agreement_for(self, wanted: NewRequisition) -> Agreement:
        if wanted.agreement is None:
            return self._agreements.create_usual(wanted.institution_id)
        agreement_id = _uuid(wanted.agreement)
        agreement = self._state.agreements.get(agreement_id)
        if agreement is None:
            what = fault(f"ID {agreement_id} not found", "Please check whether you specified a valid ID")
            raise field_not_found(agreement=what)
        theirs, ours = agreement.institution_id, wanted.institution_id
        if self._directory.find(theirs) is None:  # the bank has another id by now
            raise field_refusal(agreement=[unknown_institution(theirs)])
        if theirs != ours:
            detail = (
                f"Provided Institution ID: '{ours}' for requisition does not match EUA institution ID '{theirs}'. "
                f"Please provide correct institution ID: '{theirs}'"
            )
            raise wrong_field("agreement", f"Incorrect Institution ID {ours}", detail)
        taken = next((known for known in self.all() if known.agreement == agreement_id), None)
        if taken is not None:
            detail = (
                f"The agreement is already associated with requisition {taken.id}. "
                "Please provide a valid agreement or use a different requisition."
            )
            raise field_refusal(agreement=[fault(f"Agreement {agreement_id} is already associated", detail)])
        return agreement


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        detail = (
            f"{text} is not a valid EndUserAgreement UUID.  "
            "Please specify valid agreement from /api/agreements/enduser/ or create a new one"
        )
        raise field_refusal(agreement=[fault("Invalid EndUserAgreement ID", detail)]) from None
