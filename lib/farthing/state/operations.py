"""Writes to the state. The session comes first; the rest goes by keyword.

Operations flush and never commit, so that a caller can make several one transaction:
``with new_session.begin() as session:``.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Credential, Requisition, RequisitionAccount, RequisitionStatus
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
) -> Requisition:
    """Record a requisition before the provider is asked for it, so that none is ever lost.

    :param history_days: days of the past to ask for.
    :param access_days: days from the consent on which the accounts may be read.
    :returns: the requisition, with a new ``reference`` that nobody can guess, for the bank's callback.
    """
    requisition = Requisition(
        id=uuid4(),
        provider=provider,
        reference=secrets.token_urlsafe(24),
        institution_id=institution_id,
        institution_name=institution_name,
        status=RequisitionStatus.CREATED,
        history_days=history_days,
        access_days=access_days,
        created_at=created_at,
        accounts=[],
    )
    session.add(requisition)
    session.flush()
    return requisition


def record_link(
    session: Session, *, requisition_id: UUID, provider_requisition_id: str, agreement_id: str | None, link: str
) -> Requisition:
    """Record what the provider made: its own ids, and the link at which the account holder consents.

    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.provider_requisition_id = provider_requisition_id
    requisition.agreement_id = agreement_id
    requisition.link = link
    session.flush()
    return requisition


def mark_linked(
    session: Session,
    *,
    requisition_id: UUID,
    account_ids: Iterable[str],
    linked_at: datetime,
    expires_at: datetime | None,
) -> Requisition:
    """Record a given consent and the accounts it opened; said twice, the later account list replaces the earlier.

    :raises RequisitionNotFoundError: if there is no such requisition.
    """
    requisition = _locked(session, requisition_id)
    requisition.status = RequisitionStatus.LINKED
    requisition.linked_at, requisition.expires_at, requisition.failure = linked_at, expires_at, None
    known = {account.account_id: account for account in requisition.accounts}
    requisition.accounts = [
        known.get(account_id) or RequisitionAccount(account_id=account_id) for account_id in dict.fromkeys(account_ids)
    ]
    for position, account in enumerate(requisition.accounts):
        account.position = position
    session.flush()
    return requisition


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
