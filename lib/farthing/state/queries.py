"""Reads of the state. The session comes first and its transaction is the caller's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Credential, Purpose, Requisition, RequisitionAccount, RequisitionStatus
from farthing.state.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedAccount:
    """An account that can be read, with the terms of the newest requisition that opened it."""

    provider: str
    account_id: str
    institution_id: str
    institution_name: str
    requisition_id: UUID
    purpose: Purpose
    history_days: int
    linked_at: datetime
    expires_at: datetime | None


def linked_accounts(session: Session) -> list[LinkedAccount]:
    """List the accounts that linked requisitions opened, each once for a purpose, in the order they were first linked.

    An account that was linked twice is read through the newest link: the same id, or another of the same identity.
    One whose ``expires_at`` has passed is listed until :func:`~farthing.state.operations.expire_lapsed`.
    """
    rows = session.execute(
        select(Requisition, RequisitionAccount)
        .join(Requisition.accounts)
        .where(Requisition.status == RequisitionStatus.LINKED)
        .order_by(Requisition.linked_at, Requisition.created_at, RequisitionAccount.position)
    ).all()
    # Rows come oldest first, so the last to name an account or an identity wins. Within one requisition an identity
    # may have several accounts: one IBAN with several currencies.
    newest = {key: row[0].id for row in rows for key in _keys(*row)}
    read = [row for row in rows if all(newest[key] == row[0].id for key in _keys(*row))]
    first_seen = {key: place for place, row in reversed(list(enumerate(rows))) for key in _keys(*row)}
    read.sort(key=lambda row: min(first_seen[key] for key in _keys(*row)))
    return [_linked_account(*row) for row in read]


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


def _keys(requisition: Requisition, account: RequisitionAccount) -> list[tuple[str, ...]]:
    """Give what an account is known by: its id and, where there is one, its identity."""
    place = (requisition.provider, requisition.purpose)
    by_identity = [] if account.identity is None else [(*place, "identity", account.identity)]
    return [(*place, "id", account.account_id), *by_identity]


def _linked_account(requisition: Requisition, account: RequisitionAccount) -> LinkedAccount:
    assert requisition.linked_at is not None  # noqa: S101 - the table's own check; said again for the types
    return LinkedAccount(
        provider=requisition.provider,
        account_id=account.account_id,
        institution_id=requisition.institution_id,
        institution_name=requisition.institution_name,
        requisition_id=requisition.id,
        purpose=requisition.purpose,
        history_days=requisition.history_days,
        linked_at=requisition.linked_at,
        expires_at=requisition.expires_at,
    )
