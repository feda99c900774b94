"""The page of consents and accounts, and what can be done there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from farthing.by_hand import KINDS, list_kept
from farthing.consent import LinkedBank, UnknownConsentError
from farthing.consent.wording import reconfirmation_in_words, remaining_in_words
from farthing.errors import FarthingError
from farthing.explore.money import format_money
from farthing.lake.reference import NAME_LENGTH, ManualAccount, ManualBalance
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.web.addresses import callback_address
from farthing.web.published import list_accounts, rename
from farthing.web.rendering import show
from farthing.web.services import ConsentsNeeded, NowNeeded, SettingsNeeded

router = APIRouter(include_in_schema=False)

_DUE_WITHIN = timedelta(days=14)  # the time in which a bank takes a reconfirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLine:
    """A consent as the page shows it; ``is_due`` means that the holder has to do something soon."""

    bank: LinkedBank
    remaining: str
    reconfirmation: str | None
    can_renew: bool
    is_due: bool


type RequisitionId = Annotated[UUID, Form()]


@router.get("/accounts")
async def show_accounts(
    request: Request, consents: ConsentsNeeded, settings: SettingsNeeded, now: NowNeeded
) -> Response:
    """Show the consents, those that need something first, and the accounts that are published."""
    banks = sorted(await run_in_threadpool(consents.linked_banks), key=_urgency)
    return show(
        request,
        "accounts.html",
        consents=[_line(bank, now=now) for bank in banks],
        accounts=await run_in_threadpool(list_accounts, settings),
        kept=await run_in_threadpool(_kept, settings),
        kinds=KINDS,
        base_currency=settings.base_currency,
        today=now.date(),
        name_length=NAME_LENGTH,
        money=format_money,
    )


@router.post("/renew")
async def renew(consents: ConsentsNeeded, settings: SettingsNeeded, requisition_id: RequisitionId) -> Response:
    """Begin to renew a consent and send the person to their bank."""
    begun = await consents.renew(requisition_id, redirect_url=callback_address(settings))
    return RedirectResponse(begun.link, status_code=303)


@router.post("/accounts/name")
async def name_account(
    settings: SettingsNeeded,
    now: NowNeeded,
    account_id: Annotated[str, Form(min_length=1)],
    name: Annotated[str, Form()] = "",
) -> Response:
    """Give an account the owner's name, or the bank's back."""
    await run_in_threadpool(rename, settings, account_id=account_id, name=name, now=now)
    return RedirectResponse("/accounts#published", status_code=303)


@router.get("/disconnect")
async def ask_to_disconnect(
    request: Request, consents: ConsentsNeeded, requisition_id: Annotated[UUID, Query()]
) -> Response:
    """Ask whether a consent is to be ended."""
    banks = await run_in_threadpool(consents.linked_banks)
    bank = next((bank for bank in banks if bank.requisition_id == requisition_id), None)
    if bank is None:
        raise UnknownConsentError("There is no such consent any more: the accounts' page lists those there are.")
    return show(request, "disconnect.html", bank=bank)


@router.post("/disconnect")
async def disconnect(consents: ConsentsNeeded, requisition_id: RequisitionId) -> Response:
    """End a consent."""
    await consents.disconnect(requisition_id)
    return RedirectResponse("/accounts", status_code=303)


def _kept(settings: Settings) -> list[tuple[ManualAccount, ManualBalance | None]]:
    """List the accounts that are kept by hand; none where the lake does not answer: consents can still be renewed."""
    try:
        return list_kept(settings)
    except FarthingError:
        return []


def _line(bank: LinkedBank, *, now: datetime) -> ConsentLine:
    can_renew = bank.purpose is not Purpose.HISTORY
    return ConsentLine(
        bank=bank,
        remaining=remaining_in_words(bank, now=now),
        reconfirmation=reconfirmation_in_words(bank, now=now) if can_renew else None,
        can_renew=can_renew,
        is_due=can_renew and _due(bank) <= now + _DUE_WITHIN,
    )


def _due(bank: LinkedBank) -> datetime:
    """Say when the holder has to do something."""
    if not bank.is_live:
        return bank.linked_at
    moments = [moment for moment in (bank.expires_at, bank.reconfirm_by) if moment is not None]
    return min(moments, default=datetime.max.replace(tzinfo=UTC))


def _urgency(bank: LinkedBank) -> tuple[bool, bool, datetime]:
    """Sort lapsed consents first, then by what is due; those for the past, which need nothing any more, last."""
    return bank.purpose is Purpose.HISTORY, bank.is_live, _due(bank)
