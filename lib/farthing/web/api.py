"""The JSON API: what the pages do, for programs. It is described at ``/openapi.json``."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool

from farthing.consent import Bank, Begun, LinkedBank, LinkResult
from farthing.explore.books import published_edition
from farthing.gocardless.errors import NotReadyError
from farthing.runs import start_sync
from farthing.web import schemas
from farthing.web.addresses import callback_address
from farthing.web.problems import API_PREFIX
from farthing.web.services import ConsentsNeeded, ServicesNeeded, SettingsNeeded

type _Responses = dict[int | str, dict[str, Any]]

_NOT_FOUND: _Responses = {404: {"model": schemas.Problem, "description": "There is none of that name."}}
_UNREADABLE: _Responses = {400: {"model": schemas.Problem, "description": "The body is not text."}}
_CONFLICT: _Responses = {409: {"model": schemas.Problem, "description": "Not as things stand."}}

router = APIRouter(
    prefix=API_PREFIX,
    responses={
        422: {"model": schemas.Problem, "description": "Something is missing or wrong in the request."},
        429: {"model": schemas.Problem, "description": "GoCardless answers no more for now."},
        502: {"model": schemas.Problem, "description": "GoCardless or the bank failed: try again."},
        503: {"model": schemas.Problem, "description": "A setting is missing, or a server that is needed is down."},
    },
)

# The two kinds of name share one place in the paths, and OpenAPI lets a place have one name only.
type _Reference = Annotated[str, Path(description="The reference that beginning the consent gave.")]
type _RequisitionId = Annotated[UUID, Path(description="The requisition id of a given consent.")]


@router.get("/banks", response_model=list[schemas.Bank], tags=["banks"])
async def list_banks(
    consents: ConsentsNeeded,
    services: ServicesNeeded,
    country: Annotated[str, Query(pattern="^[A-Za-z]{2}$", description="Two letters (ISO 3166), such as DE.")],
) -> Sequence[Bank]:
    """List the banks of a country, by name."""
    banks = await consents.institutions(country.upper())
    services.logos.remember(banks)
    return banks


@router.get("/banks/{institution_id}", response_model=schemas.Bank, responses=_NOT_FOUND, tags=["banks"])
async def get_bank(
    consents: ConsentsNeeded, institution_id: Annotated[str, Path(description="Such as SANDBOXFINANCE_SFIN0000.")]
) -> Bank:
    """Tell of one bank, and what it will ask for."""
    return await consents.institution(institution_id)


@router.get("/consents", response_model=list[schemas.Consent], tags=["consents"])
async def list_consents(consents: ConsentsNeeded) -> list[LinkedBank]:
    """List the consents that were given and neither replaced nor ended, the oldest first."""
    return await run_in_threadpool(consents.linked_banks)


@router.post(
    "/consents",
    status_code=201,
    response_model=schemas.Begun,
    responses=_UNREADABLE | _NOT_FOUND | _CONFLICT,
    tags=["consents"],
)
async def begin_consent(consents: ConsentsNeeded, settings: SettingsNeeded, wanted: schemas.NewConsent) -> Begun:
    """Begin a consent: the next that the bank needs. The account holder goes on at the answer's link."""
    return await consents.begin(wanted.institution_id, redirect_url=callback_address(settings))


@router.get("/consents/{consent}", response_model=schemas.Progress, responses=_NOT_FOUND, tags=["consents"])
async def get_consent(consents: ConsentsNeeded, consent: _Reference) -> LinkResult:
    """Tell how a consent that was begun here stands. Ask until it is ready or has failed."""
    return await consents.finish(consent)


@router.get("/edition", response_model=schemas.Edition, tags=["builds"])
async def get_edition(settings: SettingsNeeded) -> schemas.Edition:
    """Name the build that is published now, for a page to see that it shows an older one."""
    return schemas.Edition(edition=await run_in_threadpool(published_edition, settings))


@router.post(
    "/consents/{consent}/sync", response_model=schemas.Run, responses=_NOT_FOUND | _CONFLICT, tags=["consents"]
)
async def start_first_sync(consents: ConsentsNeeded, services: ServicesNeeded, consent: _Reference) -> schemas.Run:
    """Start the first sync of a consent that is ready; asked again, it gives the run that was started before."""
    result = await consents.finish(consent)
    if not result.is_ready:
        raise NotReadyError("The bank has not delivered every account yet: ask again soon.")
    api_url = services.settings.prefect_api_url
    return schemas.Run(url=await start_sync(api_url, once_for=result.occasion, transport=services.transport))


@router.post(
    "/consents/{consent}/renew",
    status_code=201,
    response_model=schemas.Begun,
    responses=_NOT_FOUND | _CONFLICT,
    tags=["consents"],
)
async def renew_consent(consents: ConsentsNeeded, settings: SettingsNeeded, consent: _RequisitionId) -> Begun:
    """Begin to renew a consent; names and history stay with the accounts."""
    return await consents.renew(consent, redirect_url=callback_address(settings))


@router.delete("/consents/{consent}", response_model=schemas.Ended, responses=_NOT_FOUND, tags=["consents"])
async def end_consent(consents: ConsentsNeeded, consent: _RequisitionId) -> schemas.Ended:
    """End a consent at GoCardless. What was synced stays."""
    return schemas.Ended(account_ids=list(await consents.disconnect(consent)))
