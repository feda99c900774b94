"""The tables: credentials, and requisitions with the accounts they opened.

Times carry their zone. No ``repr`` holds a secret: neither ciphertext, nor the link or reference of a requisition,
with which someone else could finish it.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Enum, ForeignKey, Identity, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class RequisitionStatus(StrEnum):
    """How far a requisition has come, in our words rather than a provider's."""

    CREATED = "created"  # the account holder has yet to consent
    LINKED = "linked"  # its accounts can be read
    FAILED = "failed"  # refused, or broken on the way
    EXPIRED = "expired"  # it was linked, and gives no access any more
    REPLACED = "replaced"  # renewed: the accounts are read through a later requisition
    ENDED = "ended"  # the owner disconnected the bank


class Purpose(StrEnum):
    """What a requisition is for; banks that tell their long history only once need two of them."""

    ONGOING = "ongoing"  # read again and again
    HISTORY = "history"  # the long history, read once


def _choice(kind: type[StrEnum], name: str) -> Enum:
    """Make the type of a column that holds one of a few words."""
    return Enum(
        kind,
        name=name,
        native_enum=False,  # a check can be changed in a migration's transaction, a Postgres enum not freely
        create_constraint=True,
        length=16,
        values_callable=lambda choices: [choice.value for choice in choices],
    )


class Base(DeclarativeBase):
    """Base of the tables, which names constraints so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True)}


class Credential(Base):
    """A secret that a provider gave us, encrypted by the vault."""

    __tablename__ = "credentials"
    __table_args__ = (UniqueConstraint("provider", "kind"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    provider: Mapped[str]
    kind: Mapped[str]
    ciphertext: Mapped[bytes]
    updated_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"Credential(provider={self.provider!r}, kind={self.kind!r}, updated_at={self.updated_at})"


class Requisition(Base):
    """One attempt to link accounts at an institution, kept from before the provider hears of it."""

    __tablename__ = "requisitions"
    __table_args__ = (
        CheckConstraint("status <> 'linked' or linked_at is not null", name="linked_has_time"),
        CheckConstraint("history_days > 0 and access_days > 0", name="days_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    provider_requisition_id: Mapped[str | None] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    institution_id: Mapped[str]
    institution_name: Mapped[str]
    agreement_id: Mapped[str | None]
    status: Mapped[RequisitionStatus] = mapped_column(_choice(RequisitionStatus, "status"))
    purpose: Mapped[Purpose] = mapped_column(_choice(Purpose, "purpose"))
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("requisitions.id", ondelete="SET NULL"))
    link: Mapped[str | None]
    history_days: Mapped[int]
    access_days: Mapped[int]
    created_at: Mapped[datetime]
    linked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    reconfirm_by: Mapped[datetime | None]
    failure: Mapped[str | None]
    accounts: Mapped[list["RequisitionAccount"]] = relationship(
        order_by="RequisitionAccount.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",  # so that the accounts can be read after the session is closed
    )

    @property
    def account_ids(self) -> list[str]:
        """The provider's ids of the accounts that this requisition opened, in its order."""
        return [account.account_id for account in self.accounts]

    def __repr__(self) -> str:
        return (
            f"Requisition(id={self.id}, provider={self.provider!r}, institution_id={self.institution_id!r}, "
            f"status={self.status!s}, created_at={self.created_at})"
        )


class RequisitionAccount(Base):
    """One account that a requisition opened."""

    __tablename__ = "requisition_accounts"

    requisition_id: Mapped[UUID] = mapped_column(ForeignKey(Requisition.id, ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    identity: Mapped[str | None]  # a keyed digest of the IBAN: tells that two links are of one account, and no more

    def __repr__(self) -> str:
        return f"RequisitionAccount(requisition_id={self.requisition_id}, account_id={self.account_id!r})"
