"""What the consent service tells: banks, consents on their way, and consents that were given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from farthing.consent.terms import Terms, terms_of
from farthing.gocardless.models import Account, Institution
from farthing.state import queries
from farthing.state.models import Purpose, Requisition, RequisitionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """An institution that can be linked, and what each of its consents will ask for, in order."""

    id: str
    name: str
    countries: tuple[str, ...]
    logo: str | None
    features: tuple[str, ...]
    terms: tuple[Terms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A consent on its way: where the person goes on, and what they will be asked to allow.

    ``reference`` is unguessable and lets the way back in; ``link`` is as good as the person's word.
    ``reconfirms`` means that the consent is given already, and that the person is asked whether it may go on.
    """

    reference: str
    link: str
    institution_name: str
    terms: Terms
    reconfirms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """How one attempt to link a bank stands.

    ``ready`` counts the accounts that the bank has delivered; ``needs_second`` says that the long history is allowed
    and the consent for what comes is still to be given; ``awaits_reconfirmation``, that it is the time for the person
    to say that access may go on. ``occasion`` is the same until there is a reason for another sync. ``labels`` say
    which account is which, in their order, to their holder only.
    """

    institution_id: str
    institution_name: str
    status: Literal["linked", "failed", "waiting"]
    account_ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = field(default=(), repr=False)
    ready: int = 0
    problem: str | None = None
    needs_second: bool = False
    awaits_reconfirmation: bool = False
    occasion: str = field(default="", repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether every account of the link can be synced."""
        return self.status == "linked" and self.ready == len(self.account_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedBank:
    """A consent that was given, for lists: how long it lasts and until when it must be reconfirmed."""

    requisition_id: UUID
    institution_id: str
    institution_name: str
    purpose: Purpose
    is_live: bool
    accounts: int
    linked_at: datetime
    expires_at: datetime | None
    reconfirm_by: datetime | None


def bank_of(institution: Institution) -> Bank:
    """Tell of an institution as the provider does."""
    return Bank(
        id=institution.id,
        name=institution.name,
        countries=institution.countries,
        logo=institution.logo,
        features=institution.supported_features or (),
        terms=terms_of(institution),
    )


def result_of(
    known: Requisition,
    status: Literal["linked", "failed", "waiting"],
    *,
    accounts: Sequence[Account] = (),
    problem: str | None = None,
    needs_second: bool = False,
    awaits_reconfirmation: bool = False,
) -> LinkResult:
    """Tell how a requisition stands."""
    return LinkResult(
        institution_id=known.institution_id,
        institution_name=known.institution_name,
        status=status,
        account_ids=tuple(account.id for account in accounts),
        labels=tuple(_label(account) for account in accounts),
        # What has failed will not become ready by waiting; the first sync tells of it.
        ready=sum(account.status not in {"DISCOVERED", "PROCESSING"} for account in accounts),
        problem=problem,
        needs_second=needs_second,
        awaits_reconfirmation=awaits_reconfirmation,
        # Until when it must be reconfirmed is told no more once it is: then there may be news that were held back.
        occasion=f"{known.reference} {known.reconfirm_by or ''}".strip(),
    )


def _label(account: Account) -> str:
    """Say which account it is, as far as the metadata tell: its name, and the end of its number."""
    number = account.iban or account.bban or ""
    return " ".join(part for part in (account.name, number and f"•••• {number[-4:]}") if part) or "Account"


def linked_banks(session: Session, *, provider: str, now: datetime) -> list[LinkedBank]:
    """List the consents that were given and neither replaced nor ended, the oldest first."""
    given = {RequisitionStatus.LINKED, RequisitionStatus.EXPIRED}
    return [
        _linked_bank(known, now=now)
        for known in queries.requisitions(session)
        if known.provider == provider and known.status in given
    ]


def _linked_bank(known: Requisition, *, now: datetime) -> LinkedBank:
    assert known.linked_at is not None  # noqa: S101 - the table's own check; said again for the types
    is_over = known.expires_at is not None and known.expires_at <= now
    return LinkedBank(
        requisition_id=known.id,
        institution_id=known.institution_id,
        institution_name=known.institution_name,
        purpose=known.purpose,
        is_live=known.status is RequisitionStatus.LINKED and not is_over,
        accounts=len(known.accounts),
        linked_at=known.linked_at,
        expires_at=known.expires_at,
        reconfirm_by=known.reconfirm_by,
    )
