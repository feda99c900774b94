"""What passes between a person, their bank and our records when accounts are linked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session, sessionmaker

from farthing.errors import FarthingError
from farthing.gocardless.client import BankDataClient
from farthing.gocardless.errors import UnexpectedResponseError
from farthing.gocardless.models import Institution
from farthing.state import operations, queries
from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import RequisitionStatus


class UnknownReferenceError(FarthingError):
    """The reference belongs to no consent that was begun here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """An institution that can be linked, and the most it allows (days)."""

    id: str
    name: str
    countries: tuple[str, ...]
    history_days: int
    access_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """How one attempt to link a bank stands."""

    institution_name: str
    status: Literal["linked", "failed", "waiting"]
    accounts: int
    problem: str | None = None


class Consents:
    """Links accounts: agreement, requisition, the bank's own page, and what the bank then says of it."""

    def __init__(
        self,
        client: BankDataClient,
        new_session: sessionmaker[Session],
        *,
        provider: str,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._new_session = new_session
        self._provider = provider
        self._now = now

    async def institutions(self, country: str) -> Sequence[Bank]:
        """List the banks of a country (ISO 3166, two letters), by name."""
        found = await self._client.institutions(country)
        return sorted((_bank(institution) for institution in found), key=lambda bank: bank.name.casefold())

    async def begin(self, institution_id: str, *, redirect_url: str) -> str:
        """Begin a consent and return the bank's page for it.

        The requisition is recorded before the provider hears of it, with a reference that nobody can guess.

        :param redirect_url: where the bank's page sends the person afterwards.
        """
        bank = _bank(await self._client.institution(institution_id))
        with self._new_session.begin() as session:
            begun = operations.begin_requisition(
                session,
                provider=self._provider,
                institution_id=bank.id,
                institution_name=bank.name,
                history_days=bank.history_days,
                access_days=bank.access_days,
                created_at=self._now(),
            )
            requisition_id, reference = begun.id, begun.reference
        agreement = await self._client.create_agreement(
            bank.id, max_historical_days=bank.history_days, access_valid_for_days=bank.access_days
        )
        made = await self._client.create_requisition(
            bank.id, agreement_id=agreement.id, redirect=redirect_url, reference=reference
        )
        if made.link is None:
            raise UnexpectedResponseError("GoCardless made a requisition without a link: try again later.")
        with self._new_session.begin() as session:
            operations.record_link(
                session,
                requisition_id=requisition_id,
                provider_requisition_id=made.id,
                agreement_id=agreement.id,
                link=made.link,
            )
        return made.link

    async def finish(self, reference: str, *, error: str | None = None) -> LinkResult:
        """Read from the provider how a consent ended, for the redirect itself proves nothing.

        :param error: the error type that came with the redirect, if any.
        :raises UnknownReferenceError: if no consent of that reference was begun here.
        """
        with self._new_session() as session:
            try:
                known = queries.requisition_by_reference(session, reference)
            except RequisitionNotFoundError:
                raise UnknownReferenceError("No consent of that reference was begun here: start again.") from None
            requisition_id, name = known.id, known.institution_name
            provider_id, access_days = known.provider_requisition_id, known.access_days
            if known.status is RequisitionStatus.LINKED:
                return LinkResult(institution_name=name, status="linked", accounts=len(known.accounts))
        if provider_id is None:
            return LinkResult(institution_name=name, status="failed", accounts=0, problem="NeverBegun")
        found = await self._client.requisition(provider_id)
        now = self._now()
        with self._new_session.begin() as session:
            if found.status == "LN" and found.accounts:
                operations.mark_linked(
                    session,
                    requisition_id=requisition_id,
                    account_ids=found.accounts,
                    linked_at=now,
                    expires_at=now + timedelta(days=access_days),
                )
                return LinkResult(institution_name=name, status="linked", accounts=len(found.accounts))
            if error is not None or found.status in {"RJ", "EX", "SU", "ER"}:
                problem = error or "UserSessionRejected"
                operations.mark_failed(session, requisition_id=requisition_id, failure=problem[:64])
                return LinkResult(institution_name=name, status="failed", accounts=0, problem=problem)
        return LinkResult(institution_name=name, status="waiting", accounts=0)


def _bank(institution: Institution) -> Bank:
    return Bank(
        id=institution.id,
        name=institution.name,
        countries=institution.countries,
        history_days=institution.transaction_total_days,
        access_days=institution.max_access_valid_for_days or 90,
    )
