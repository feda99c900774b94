"""Reads of the state. The session comes first and its transaction is the caller's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Credential, Requisition, RequisitionAccount, RequisitionStatus
from farthing.state.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedAccount:
    """An account that can be read, with the terms of the newest requisition that opened it."""

    provider: str
    account_id: str
    institution_id: str
    institution_name: str
    requisition_id: UUID
    history_days: int
    linked_at: datetime
    expires_at: datetime | None


def linked_accounts(session: Session) -> list[LinkedAccount]:
    """List the accounts that linked requisitions opened, each once, in the order they were first linked.

    An account whose ``expires_at`` has passed is listed until :func:`~farthing.state.operations.mark_expired`.
    """
    rows = session.execute(
        select(Requisition, RequisitionAccount)
        .join(Requisition.accounts)
        .where(Requisition.status == RequisitionStatus.LINKED)
        .order_by(Requisition.linked_at, Requisition.created_at, RequisitionAccount.position)
    )
    newest = {  # rows come oldest first, so the last to name an account wins and keeps the account's place
        (requisition.provider, account.account_id): LinkedAccount(
            provider=requisition.provider,
            account_id=account.account_id,
            institution_id=requisition.institution_id,
            institution_name=requisition.institution_name,
            requisition_id=requisition.id,
            history_days=requisition.history_days,
            linked_at=requisition.linked_at,
            expires_at=requisition.expires_at,
        )
        for requisition, account in rows
        if requisition.linked_at is not None  # the table's own check; said again for the types
    }
    return list(newest.values())


def requisitions(session: Session) -> list[Requisition]:
    """List every requisition with its accounts, the oldest first."""
    return list(session.scalars(select(Requisition).order_by(Requisition.created_at, Requisition.id)))


def requisition_by_reference(session: Session, reference: str) -> Requisition:
    """Find the requisition that a bank's callback speaks of.

    :param reference: the unguessable text that :func:`~farthing.state.operations.begin_requisition` made.
    :raises RequisitionNotFoundError: if no requisition has it.
    """
    requisition = session.scalar(select(Requisition).where(Requisition.reference == reference))
    if requisition is None:
        raise RequisitionNotFoundError
    return requisition


def load_secret(session: Session, vault: Vault, *, provider: str, kind: str) -> SecretStr | None:
    """Read and decrypt a secret; null if none is stored.

    :raises VaultKeyError: if it was encrypted with another key.
    """
    ciphertext = session.scalar(
        select(Credential.ciphertext).where(Credential.provider == provider, Credential.kind == kind)
    )
    return None if ciphertext is None else vault.decrypt(ciphertext)
