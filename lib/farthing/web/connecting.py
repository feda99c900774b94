"""The pages on which a bank is chosen and linked."""

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from farthing.assembly import secret
from farthing.consent import Bank, LinkResult
from farthing.consent.wording import COUNTRIES, bank_in_words, explain, features_in_words, terms_in_words
from farthing.errors import ConfigurationError
from farthing.runs import start_sync
from farthing.settings import Settings
from farthing.web.addresses import CALLBACK_PATH, callback_address
from farthing.web.published import name_links
from farthing.web.rendering import show
from farthing.web.services import ConsentsNeeded, NowNeeded, ServicesNeeded, SettingsNeeded

SANDBOX_BANK = "SANDBOXFINANCE_SFIN0000"  # in no country's list, at GoCardless and at our sandbox

router = APIRouter(include_in_schema=False)

type InstitutionId = Annotated[str, Query(alias="id", min_length=1, max_length=128)]
type PostedInstitutionId = Annotated[str, Form(alias="institution_id", min_length=1, max_length=128)]


@router.get("/connect")
async def choose_bank(
    request: Request,
    consents: ConsentsNeeded,
    services: ServicesNeeded,
    country: Annotated[str, Query(pattern="^([A-Z]{2})?$")] = "",
    search: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Ask for a country, then for one of its banks."""
    banks = await consents.institutions(country) if country else []
    services.logos.remember(banks)
    return show(
        request,
        "connect.html",
        countries=COUNTRIES,
        country=country,
        search=search,
        banks=[(bank, bank_in_words(bank), _searchable(bank), _matches(bank, search)) for bank in banks],
        has_matches=any(_matches(bank, search) for bank in banks),
        sandbox_bank=SANDBOX_BANK if services.settings.is_sandbox else None,
        missing=_missing(services.settings),
    )


@router.get("/connect/bank")
async def show_bank(
    request: Request, consents: ConsentsNeeded, services: ServicesNeeded, institution_id: InstitutionId
) -> Response:
    """Show what a bank will be asked for, before the person goes there."""
    bank = await consents.institution(institution_id.strip())
    services.logos.remember([bank])
    return show(
        request,
        "bank.html",
        bank=bank,
        features=features_in_words(bank),
        asked=[terms_in_words(terms) for terms in bank.terms],
        countries=[COUNTRIES[code] for code in bank.countries if code in COUNTRIES],
    )


@router.get("/banks/{institution_id}/logo")
async def logo(consents: ConsentsNeeded, services: ServicesNeeded, institution_id: str) -> Response:
    """Give a bank's logo, or a plain initial in its place."""
    if not services.logos.knows(institution_id):  # an old page, a new server
        services.logos.remember([await consents.institution(institution_id)])
    picture = await services.logos.logo(institution_id)
    kept = 86_400 if picture.is_own else 600  # seconds; an initial may give way to the logo soon
    return Response(
        picture.content, media_type=picture.media_type, headers={"Cache-Control": f"private, max-age={kept}"}
    )


@router.post("/connect")
async def begin_consent(
    settings: SettingsNeeded, consents: ConsentsNeeded, institution_id: PostedInstitutionId
) -> Response:
    """Begin a consent and send the person to their bank."""
    begun = await consents.begin(institution_id, redirect_url=callback_address(settings))
    return RedirectResponse(begun.link, status_code=303)


@router.get(CALLBACK_PATH)
async def finish_consent(
    request: Request,
    consents: ConsentsNeeded,
    reference: Annotated[str, Query(alias="ref", min_length=1)],
    error: str | None = None,
) -> Response:
    """Say how linking stands; the address's own ``details`` are anyone's text and are not shown."""
    result = await consents.finish(reference, error=error)
    return _show_result(request, result, reference=reference, error=error)


@router.post("/consent/sync")
async def start_first_sync(
    request: Request, consents: ConsentsNeeded, services: ServicesNeeded, reference: Annotated[str, Form(alias="ref")]
) -> Response:
    """Start the first sync, for browsers without scripts; with them the page asks the API by itself."""
    result = await consents.finish(reference)
    if not result.is_ready:
        return _show_result(request, result, reference=reference)
    api_url = services.settings.prefect_api_url
    run_url = await start_sync(api_url, once_for=result.occasion, transport=services.transport)
    return _show_result(request, result, reference=reference, run_url=run_url, was_started=True)


@router.post("/consent/names")
async def name_accounts(
    consents: ConsentsNeeded,
    settings: SettingsNeeded,
    now: NowNeeded,
    *,
    reference: Annotated[str, Form(alias="ref")],
    account_id: Annotated[list[str], Form()],
    name: Annotated[list[str], Form()],
) -> Response:
    """Keep the names that the holder gives to accounts that were just linked; what is left empty keeps the bank's."""
    result = await consents.finish(reference)
    given = {
        each: wanted for each, wanted in zip(account_id, name, strict=False) if each in result.account_ids and wanted
    }
    await run_in_threadpool(name_links, settings, given, now=now)
    return RedirectResponse("/accounts", status_code=303)


def _show_result(
    request: Request,
    result: LinkResult,
    *,
    reference: str,
    error: str | None = None,
    run_url: str | None = None,
    was_started: bool = False,
) -> Response:
    return show(
        request,
        "linked.html",
        result=result,
        explanation=explain(result, error=error),
        reference=reference,
        run_url=run_url,
        was_started=was_started,
        is_plan_spent="CompanyRequisitionLimitReached" in (error, result.problem),
        waits=result.status == "waiting" or (result.status == "linked" and not result.is_ready),
    )


def _matches(bank: Bank, search: str) -> bool:
    wanted = _plain(search).split()
    return all(word in _searchable(bank) for word in wanted)


def _missing(settings: Settings) -> str | None:
    try:
        secret(settings)
    except ConfigurationError as exc:
        return str(exc)
    return None


def _searchable(bank: Bank) -> str:
    """Give what of a bank is searched: its name as people type it, and its id."""
    return _plain(f"{bank.name} {bank.id}")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
