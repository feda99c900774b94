"""Linking, renewing and disconnecting banks."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from farthing.consent.results import Bank, Begun, LinkedBank, LinkResult, bank_of, linked_banks, result_of
from farthing.consent.terms import SCOPES, Terms, with_fallbacks
from farthing.errors import FarthingError
from farthing.gocardless.client import BankDataClient, Scope
from farthing.gocardless.errors import (
    BankDataError,
    NotPermittedError,
    RequestRefusedError,
    UnavailableError,
    UnexpectedResponseError,
)
from farthing.gocardless.models import Agreement
from farthing.state import operations, queries
from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Purpose, Requisition, RequisitionStatus

# The requisition's statuses that mean it came to nothing; all others but LN are steps on the way.
_FAILED = {"RJ": "UserSessionRejected", "ER": "UnknownError", "EX": "Expired", "SU": "Suspended"}
_SCOPE = "access_scope"
_RECONFIRM_WITHIN = timedelta(days=90)  # of the consent
_RECONFIRMATION_OPENS = timedelta(days=14)  # before that


class UnknownReferenceError(FarthingError):
    """The reference belongs to no consent that was begun here."""


class UnknownConsentError(FarthingError):
    """There is no such consent: `farthing status` lists those there are."""


class Consents:
    """Links accounts: agreement, requisition, the bank's own page, and what the bank then says of it."""

    def __init__(
        self,
        client: BankDataClient,
        new_session: sessionmaker[Session],
        *,
        provider: str,
        identify: Callable[[str], str],
        now: Callable[[], datetime],
    ) -> None:
        """Bring together whom to ask and where to keep it.

        :param provider: whose consents these are, as our records name it.
        :param identify: makes a digest of an account's number that tells nobody which it is.
        :param now: reads the clock.
        """
        self._client = client
        self._new_session = new_session
        self._provider = provider
        self._identify = identify
        self._now = now

    async def institutions(self, country: str) -> Sequence[Bank]:
        """List the banks of a country (ISO 3166, two letters), by name."""
        found = await self._client.institutions(country)
        return sorted((bank_of(institution) for institution in found), key=lambda bank: bank.name.casefold())

    async def institution(self, institution_id: str) -> Bank:
        """Look up one bank.

        :raises UnavailableError: if there is no such bank.
        """
        return bank_of(await self._client.institution(institution_id))

    async def begin(self, institution_id: str, *, redirect_url: str, renews_id: UUID | None = None) -> Begun:
        """Begin a consent: the next that the bank needs, or one in place of an earlier one.

        The requisition is recorded before the provider hears of it, with a reference that nobody can guess.

        :param redirect_url: where the bank's page sends the person afterwards.
        :param renews_id: the requisition to replace; its purpose is kept.
        :raises RequestRefusedError: if the bank refuses even the least that can be asked.
        """
        bank = bank_of(await self._client.institution(institution_id))
        terms = self._next_terms(bank, renews_id)
        with self._new_session.begin() as session:
            begun = operations.begin_requisition(
                session,
                provider=self._provider,
                institution_id=bank.id,
                institution_name=bank.name,
                history_days=terms.history_days,
                access_days=terms.access_days,
                created_at=self._now(),
                purpose=terms.purpose,
                renews_id=renews_id,
            )
            requisition_id, reference = begun.id, begun.reference
        agreed, agreement = await self._agree(bank, terms)
        made = await self._client.create_requisition(bank.id, agreement.id, redirect_url, reference)
        if made.link is None:
            raise UnexpectedResponseError("GoCardless made a requisition without a link: try again later.")
        with self._new_session.begin() as session:
            operations.record_link(
                session,
                requisition_id=requisition_id,
                provider_requisition_id=made.id,
                agreement_id=agreement.id,
                link=made.link,
                history_days=agreed.history_days,
                access_days=agreed.access_days,
            )
        return Begun(reference=reference, link=made.link, institution_name=bank.name, terms=agreed)

    async def finish(self, reference: str, *, error: str | None = None) -> LinkResult:
        """Read from the provider how a consent stands, for a redirect proves nothing; may be asked again and again.

        :param error: the error type that came with the redirect, if any.
        :raises UnknownReferenceError: if no consent of that reference was begun here.
        """
        with self._new_session() as session:
            try:
                known = queries.requisition_by_reference(session, reference)
            except RequisitionNotFoundError:
                raise UnknownReferenceError("No consent of that reference was begun here: begin again.") from None
            session.expunge(known)
        if known.status is RequisitionStatus.LINKED:
            if known.reconfirm_by is not None:
                known = await self._record_reconfirmed(known)
            return await self._linked(known, known.account_ids)
        if known.provider_requisition_id is None:
            return result_of(known, "failed", problem="NeverBegun")
        found = await self._client.requisition(known.provider_requisition_id)
        if found.status == "LN" and found.accounts:
            return await self._linked(await self._record_linked(known, found.accounts), found.accounts)
        problem = error or _FAILED.get(found.status)
        if problem is None:
            return result_of(known, "waiting")
        with self._new_session.begin() as session:
            operations.mark_failed(session, requisition_id=known.id, failure=problem[:64])
        return result_of(known, "failed", problem=problem)

    async def settle(self) -> int:
        """Finish the consents whose person never came back to us, and expire those whose time is over.

        :returns: how many were found linked.
        """
        with self._new_session.begin() as session:
            operations.expire_lapsed(session, now=self._now())
            waiting = [
                known.reference
                for known in queries.requisitions(session)
                if known.provider == self._provider and self._is_open(known)
            ]
        linked = 0
        for reference in waiting:
            try:
                linked += (await self.finish(reference)).status == "linked"
            except UnavailableError:  # deleted at the provider meanwhile
                with self._new_session.begin() as session:
                    gone = queries.requisition_by_reference(session, reference)
                    operations.mark_failed(session, requisition_id=gone.id, failure="UnknownError")
        return linked

    def linked_banks(self) -> list[LinkedBank]:
        """List the consents that were given and neither replaced nor ended, the oldest first."""
        with self._new_session() as session:
            return linked_banks(session, provider=self._provider, now=self._now())

    async def renew(self, requisition_id: UUID, *, redirect_url: str) -> Begun:
        """Begin to renew a consent, by reconfirmation where the bank has it and it is the time, else by a new link.

        The accounts keep their history and names: they are known by what they are, not by the link.

        :raises UnknownConsentError: if there is none of that id.
        """
        known = self._known(requisition_id)
        if self._is_reconfirmable(known):
            asked = await self._reconfirm(known, redirect_url)
            if asked is not None:
                return asked
        return await self.begin(known.institution_id, redirect_url=redirect_url, renews_id=known.id)

    async def disconnect(self, requisition_id: UUID) -> tuple[str, ...]:
        """End a consent at the provider and in our records.

        :returns: the ids of the accounts that it opened.
        :raises UnknownConsentError: if there is none of that id.
        """
        known = self._known(requisition_id)
        if known.provider_requisition_id is not None:
            with suppress(UnavailableError):  # gone already, which is what was wanted
                await self._client.delete_requisition(known.provider_requisition_id)
        with self._new_session.begin() as session:
            operations.mark_ended(session, requisition_id=known.id, ended_at=self._now())
        return tuple(known.account_ids)

    def _known(self, requisition_id: UUID) -> Requisition:
        with self._new_session() as session:
            for known in queries.requisitions(session):
                if known.id == requisition_id and known.provider == self._provider:
                    session.expunge(known)
                    return known
        raise UnknownConsentError("There is no such consent: `farthing status` lists those there are.")

    def _is_open(self, known: Requisition) -> bool:
        """Whether the person may have done something at the bank that we have not heard of."""
        if known.status is RequisitionStatus.LINKED:
            return self._is_reconfirmable(known)
        return known.status is RequisitionStatus.CREATED and known.provider_requisition_id is not None

    def _is_reconfirmable(self, known: Requisition) -> bool:
        """Whether it is the time to say once more that access may go on."""
        return known.reconfirm_by is not None and known.reconfirm_by - self._now() <= _RECONFIRMATION_OPENS

    def _next_terms(self, bank: Bank, renews_id: UUID | None) -> Terms:
        """Choose among a bank's consents: the renewed one's kind, else the first that is not live yet."""
        with self._new_session() as session:
            known = queries.requisitions(session)
            if renews_id is not None:
                wanted = next(each.purpose for each in known if each.id == renews_id)
                return next((terms for terms in bank.terms if terms.purpose is wanted), bank.terms[-1])
            has_history = any(
                each.purpose is Purpose.HISTORY
                and each.institution_id == bank.id
                and each.provider == self._provider
                and each.status is RequisitionStatus.LINKED
                for each in known
            )
        return bank.terms[-1] if has_history else bank.terms[0]

    async def _agree(self, bank: Bank, terms: Terms) -> tuple[Terms, Agreement]:
        """Draw up the agreement, about less where the bank does not give all."""
        *more, least = SCOPES
        for scopes in more:
            try:
                return await self._agree_on_days(bank, terms, scopes)
            except RequestRefusedError as exc:
                if _SCOPE not in exc.fields:
                    raise
        return await self._agree_on_days(bank, terms, least)

    async def _agree_on_days(self, bank: Bank, terms: Terms, scopes: tuple[Scope, ...]) -> tuple[Terms, Agreement]:
        """Draw up the agreement, for less time where the bank refuses the most."""
        refusal: BankDataError | None = None
        for wanted in with_fallbacks(terms):
            try:
                agreement = await self._client.create_agreement(
                    bank.id,
                    wanted.history_days,
                    wanted.access_days,
                    access_scope=scopes,
                    reconfirmation=wanted.reconfirmation,
                )
            except RequestRefusedError as exc:  # of which a missing permission to reconfirm is one
                refusal = exc
                if exc.fields == (_SCOPE,):  # fewer days are no help
                    break
            else:
                return wanted, agreement
        assert refusal is not None  # noqa: S101 - there is always something to ask for
        raise refusal

    async def _record_linked(self, known: Requisition, account_ids: Sequence[str]) -> Requisition:
        now = self._now()
        accepted, reconfirmation = now, False
        if known.agreement_id is not None:
            agreement = await self._client.agreement(known.agreement_id)
            accepted, reconfirmation = agreement.accepted or now, agreement.reconfirmation
        identities = {account_id: await self._identity(account_id) for account_id in account_ids}
        with self._new_session.begin() as session:
            return operations.mark_linked(
                session,
                requisition_id=known.id,
                identities=identities,
                linked_at=now,
                expires_at=accepted + timedelta(days=known.access_days),
                reconfirm_by=accepted + _RECONFIRM_WITHIN if reconfirmation else None,
            )

    async def _identity(self, account_id: str) -> str | None:
        """Tell by which number an account is known, if the metadata has one: details would cost an allowance."""
        try:
            account = await self._client.account(account_id)
        except UnavailableError:
            return None
        number = account.iban or account.bban
        return self._identify(number) if number else None

    async def _linked(self, known: Requisition, account_ids: Sequence[str]) -> LinkResult:
        """Say how far a given consent's accounts are, and whether the bank needs another consent."""
        accounts = [await self._client.account(account_id) for account_id in account_ids]
        needs_second = False
        if known.purpose is Purpose.HISTORY:
            with self._new_session() as session:
                needs_second = not any(
                    account.institution_id == known.institution_id
                    and account.provider == known.provider
                    and account.purpose is Purpose.ONGOING
                    for account in queries.linked_accounts(session)
                )
        return result_of(
            known,
            "linked",
            accounts=accounts,
            needs_second=needs_second,
            awaits_reconfirmation=self._is_reconfirmable(known),
        )

    async def _reconfirm(self, known: Requisition, redirect_url: str) -> Begun | None:
        """Ask the holder to go on with the agreement they have; null where the provider does not allow it."""
        if known.agreement_id is None:
            return None
        try:
            asked = await self._client.create_reconfirmation(
                known.agreement_id, redirect=f"{redirect_url}?{urlencode({'ref': known.reference})}"
            )
        except (NotPermittedError, RequestRefusedError, UnavailableError):
            return None
        if asked.reconfirmation_url is None:
            return None
        terms = Terms(history_days=known.history_days, access_days=known.access_days, reconfirmation=True)
        return Begun(
            reference=known.reference,
            link=asked.reconfirmation_url,
            institution_name=known.institution_name,
            terms=terms,
            reconfirms=True,
        )

    async def _record_reconfirmed(self, known: Requisition) -> Requisition:
        """Look whether the holder has said that access may go on, and tell how the requisition stands then."""
        if known.agreement_id is None:
            return known
        try:
            answered = await self._client.reconfirmation(known.agreement_id)
        except UnavailableError:  # never asked for
            return known
        if not answered.accounts or not all(account.reconfirmed for account in answered.accounts.values()):
            return known
        with self._new_session.begin() as session:
            return operations.mark_reconfirmed(session, requisition_id=known.id)
