"""Reconfirmation (Great Britain): the second yes, by day 90, that a longer consent needs."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from farthing.sandbox import refusals
from farthing.sandbox.agreements import Agreements
from farthing.sandbox.refusals import refusal
from farthing.sandbox.requisitions import Requisitions
from farthing.sandbox.state import Agreement, Reconfirmation, Requisition, State

DUE = timedelta(days=90)
_MARGIN = timedelta(days=14)


class Reconfirmations:
    """The reconfirmations of a state's agreements.

    :param save: called after each change.
    """

    def __init__(
        self,
        state: State,
        *,
        agreements: Agreements,
        requisitions: Requisitions,
        clock: Callable[[], datetime],
        save: Callable[[], None],
    ) -> None:
        self._state = state
        self._agreements = agreements
        self._requisitions = requisitions
        self._clock = clock
        self._save = save

    def create(
        self, agreement_id: UUID, *, redirect: str | None, page_url: Callable[[UUID], str]
    ) -> tuple[Agreement, Reconfirmation]:
        """Make the page on which an account holder can confirm; the same one if it was made before.

        :raises Refusal: if the agreement cannot be confirmed (any more).
        """
        agreement = self._enabled(agreement_id)
        if agreement.accepted is None:
            detail = f"EUA '{agreement_id}' is not accepted."
            raise refusal(400, "End user agreement needs to be accepted.", detail)
        requisition = self.requisition_of(agreement)
        if not requisition or not requisition.accounts:
            associated = requisition.id if requisition else ""
            detail = f"For associated requisition '{associated}', there are no accounts linked."
            raise refusal(400, "No accounts linked.", detail)
        until = _naive(valid_to(agreement))
        if self._clock() > valid_to(agreement):
            detail = f"For EUA '{agreement_id}' reconfirmation period was until {until}."
            raise refusal(400, "Reconfirmation requested after acceptance period.", detail)
        known = agreement.confirmed
        if known is not None and not set(requisition.accounts) - set(known.reconfirmed):
            days = agreement.access_valid_for_days
            detail = (
                f"For EUA '{agreement_id}' with access valid for {days} days "
                f"there are no accounts left to reconfirm after {until}."
            )
            raise refusal(400, "No accounts left to reconfirm.", detail)
        if known is None:
            link_id = uuid4()
            known = Reconfirmation(link_id=link_id, url=page_url(link_id), created=self._clock())
            agreement.confirmed = known
        known.redirect = redirect or known.redirect
        self._save()
        return agreement, known

    def get(self, agreement_id: UUID) -> tuple[Agreement, Reconfirmation]:
        """Return what was made.

        :raises Refusal: if reconfirmation is not enabled, or none was made.
        """
        agreement = self._enabled(agreement_id)
        if agreement.confirmed is None:
            raise refusals.not_found()
        return agreement, agreement.confirmed

    def of_link(self, link_id: UUID) -> Agreement | None:
        """Return the agreement whose confirmation page has this id, if it is open now."""
        for agreement in self._agreements.all():
            known = agreement.confirmed
            if known and known.link_id == link_id and valid_from(agreement) <= self._clock() <= valid_to(agreement):
                known.last_accessed = self._clock()
                return agreement
        return None

    def submit(self, agreement: Agreement, confirmed: Collection[UUID]) -> Requisition:
        """Take an account holder's answer: the accounts confirmed; the others are rejected."""
        known, requisition, now = agreement.confirmed, self.requisition_of(agreement), self._clock()
        assert known is not None  # noqa: S101 - of_link gave the agreement
        assert requisition is not None  # noqa: S101 - create refused otherwise, and they go together
        for account_id in requisition.accounts:
            (known.reconfirmed if account_id in confirmed else known.rejected)[account_id] = now
        known.last_submitted = now
        self._save()
        return requisition

    def requisition_of(self, agreement: Agreement) -> Requisition | None:
        """Return the requisition that an agreement serves."""
        return next((each for each in self._requisitions.all() if each.agreement == agreement.id), None)

    def _enabled(self, agreement_id: UUID) -> Agreement:
        agreement = self._agreements.get(agreement_id)
        if not self._state.company.may_reconfirm:
            raise refusals.no_permission("", "You do not have permission to perform this action.")
        if not agreement.reconfirmation:
            detail = f"Reconfirmation is not enabled for agreement '{agreement_id}'."
            raise refusal(400, "Reconfirmation is not enabled.", detail)
        return agreement


def valid_from(agreement: Agreement) -> datetime:
    """Return when the page opens: 14 days before day 90."""
    return (agreement.accepted or agreement.created) + DUE - _MARGIN


def valid_to(agreement: Agreement) -> datetime:
    """Return when the page closes: 14 days after day 90."""
    return (agreement.accepted or agreement.created) + DUE + _MARGIN


def lacks_confirmation(agreement: Agreement, account_id: UUID, *, now: datetime) -> bool:
    """Say whether an account gives no data because its confirmation is overdue or was refused."""
    if not agreement.reconfirmation or agreement.accepted is None:
        return False
    known = agreement.confirmed
    if known is not None and account_id in known.reconfirmed:
        return False
    return now > agreement.accepted + DUE


def _naive(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"
