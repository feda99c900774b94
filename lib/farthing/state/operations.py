"""Writes to the state. The session comes first; the rest goes by keyword.

Operations flush and never commit, so that a caller can make several one transaction:
``with new_session.begin() as session:``.
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Credential, Purpose, Requisition, RequisitionAccount, RequisitionStatus
from farthing.state.vault import Vault


def begin_requisition(
    session: Session,
    *,
    provider: str,
    institution_id: str,
    institution_name: str,
    history_days: int,
    access_days: int,
    created_at: datetime,
    purpose: Purpose = Purpose.ONGOING,
    renews_id: UUID | None = None,
) -> Requisition:
    """Record a requisition before the provider is asked for it, so that none is ever lost.

    :param history_days: days of the past to ask for.
    :param access_days: days from the consent on which the accounts may be read.
    :param renews_id: the requisition that this one takes the place of once it is linked.
    :returns: the requisition, with a new ``reference`` that nobody can guess, for the bank's callback.
    """
    requisition = Requisition(
        id=uuid4(),
        provider=provider,
        reference=secrets.token_urlsafe(24),
        institution_id=institution_id,
        institution_name=institution_name,
        status=RequisitionStatus.CREATED,
        purpose=purpose,
        renews_id=renews_id,
        history_days=history_days,
        access_days=access_days,
        created_at=created_at,
        accounts=[],
    )
    session.add(requisition)
    session.flush()
    return requisition


def record_link(
    session: Session,
    *,
    requisition_id: UUID,
    provider_requisition_id: str,
    agreement_id: str | None,
    link: str,
    history_days: int,
    access_days: int,
) -> Requisition:
    """Record what the provider made: its own ids, the terms it let us ask for, and the link to consent at.

    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.provider_requisition_id = provider_requisition_id
    requisition.agreement_id = agreement_id
    requisition.link = link
    requisition.history_days, requisition.access_days = history_days, access_days
    session.flush()
    return requisition


def mark_linked(
    session: Session,
    *,
    requisition_id: UUID,
    identities: Mapping[str, str | None],
    linked_at: datetime,
    expires_at: datetime | None,
    reconfirm_by: datetime | None = None,
) -> Requisition:
    """Record a given consent and the accounts it opened; said twice, the later account list replaces the earlier.

    A requisition that this one renews is replaced by it.

    :param identities: by account id, in the provider's order, what tells that two links are of one account; null where
        nothing does.
    :param reconfirm_by: until when the account holder has to say once more that access may go on.
    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.status = RequisitionStatus.LINKED
    requisition.linked_at, requisition.expires_at, requisition.failure = linked_at, expires_at, None
    requisition.reconfirm_by = reconfirm_by
    known = {account.account_id: account for account in requisition.accounts}
    requisition.accounts = [
        known.get(account_id) or RequisitionAccount(account_id=account_id) for account_id in identities
    ]
    for position, account in enumerate(requisition.accounts):
        account.position, account.identity = position, identities[account.account_id]
    if requisition.renews_id is not None:
        _locked(session, requisition.renews_id).status = RequisitionStatus.REPLACED
    session.flush()
    return requisition


def mark_reconfirmed(session: Session, *, requisition_id: UUID) -> Requisition:
    """Record that the account holder said once more that access may go on.

    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.reconfirm_by = None
    session.flush()
    return requisition


def mark_ended(session: Session, *, requisition_id: UUID, ended_at: datetime) -> Requisition:
    """Record that the owner disconnected a bank.

    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.status = RequisitionStatus.ENDED
    requisition.expires_at = min(requisition.expires_at or ended_at, ended_at)
    session.flush()
    return requisition


def delete_requisitions(session: Session, *, provider: str, institution_id: str) -> int:
    """Delete all that is known of the requisitions of a bank, and count them."""
    known = session.scalars(
        select(Requisition).where(Requisition.provider == provider, Requisition.institution_id == institution_id)
    ).all()
    for requisition in known:
        session.delete(requisition)
    session.flush()
    return len(known)


def delete_accounts(session: Session, *, provider: str, account_ids: Collection[str]) -> int:
    """Delete all that is known of accounts, and the requisitions that opened no other; counts these."""
    opened = session.scalars(
        select(Requisition)
        .where(
            Requisition.provider == provider, Requisition.accounts.any(RequisitionAccount.account_id.in_(account_ids))
        )
        .with_for_update()
    ).all()
    emptied = 0
    for requisition in opened:
        requisition.accounts = [each for each in requisition.accounts if each.account_id not in account_ids]
        if not requisition.accounts:
            session.delete(requisition)
            emptied += 1
    session.flush()
    return emptied


def expire_lapsed(session: Session, *, now: datetime) -> int:
    """Mark every linked requisition whose time is over, and count them."""
    lapsed = session.scalars(
        select(Requisition)
        .where(Requisition.status == RequisitionStatus.LINKED, Requisition.expires_at <= now)
        .with_for_update()
    ).all()
    for requisition in lapsed:
        requisition.status = RequisitionStatus.EXPIRED
    session.flush()
    return len(lapsed)


def mark_failed(session: Session, *, requisition_id: UUID, failure: str) -> Requisition:
    """Record that a requisition came to nothing.

    :param failure: why, in words for the account holder.
    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.status, requisition.failure = RequisitionStatus.FAILED, failure
    session.flush()
    return requisition


def mark_expired(session: Session, *, requisition_id: UUID, expired_at: datetime) -> Requisition:
    """Record that a requisition gives no access any more; ``expires_at`` becomes the time that was noticed, if sooner.

    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.status = RequisitionStatus.EXPIRED
    requisition.expires_at = min(requisition.expires_at or expired_at, expired_at)
    session.flush()
    return requisition


def expire_refused(
    session: Session,
    *,
    provider: str,
    refused: Mapping[str, datetime],
    closed: Collection[str] = (),
    noticed_at: datetime,
) -> int:
    """Mark every linked requisition expired all of whose accounts refuse access, and count them.

    :param refused: the accounts whose bank said that the consent is over, and when; what it said of an earlier consent
        is not held against a newer one.
    :param closed: accounts that are closed at their bank, which tell nothing of the consent.
    """
    linked = session.scalars(
        select(Requisition)
        .where(Requisition.status == RequisitionStatus.LINKED, Requisition.provider == provider)
        .with_for_update()
    ).all()
    over = [
        known
        for known in linked
        if known.linked_at is not None
        and (still_open := set(known.account_ids) - set(closed))
        and all(account_id in refused and refused[account_id] >= known.linked_at for account_id in still_open)
    ]
    for requisition in over:
        mark_expired(session, requisition_id=requisition.id, expired_at=noticed_at)
    return len(over)


def save_secret(
    session: Session, vault: Vault, *, provider: str, kind: str, plaintext: SecretStr, updated_at: datetime
) -> None:
    """Encrypt and store a secret in place of an earlier one of its provider and kind."""
    values = {"ciphertext": vault.encrypt(plaintext), "updated_at": updated_at}
    session.execute(
        insert(Credential)
        .values(provider=provider, kind=kind, **values)
        .on_conflict_do_update(index_elements=[Credential.provider, Credential.kind], set_=values)
    )


def _locked(session: Session, requisition_id: UUID) -> Requisition:
    requisition = session.get(Requisition, requisition_id, with_for_update=True)
    if requisition is None:
        raise RequisitionNotFoundError
    return requisition
