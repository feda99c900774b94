"""Routes of end user agreements and their reconfirmation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document, timestamp
from farthing.sandbox.reconfirmations import valid_from, valid_to
from farthing.sandbox.refusals import invalid_id
from farthing.sandbox.requests import Acceptance, NewAgreement, NewReconfirmation, body_of
from farthing.sandbox.routes.limited import counted
from farthing.sandbox.routes.paging import page
from farthing.sandbox.state import Agreement, Reconfirmation


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter(prefix="/agreements/enduser")
    agreements, reconfirmations = bank.agreements, bank.reconfirmations
    reading, writing = ([Depends(counted(bank, f"agreements {method}"))] for method in ("GET", "POST"))

    @router.post("/", status_code=201, dependencies=writing)
    async def create(body: Annotated[NewAgreement, Depends(body_of(NewAgreement))]) -> Document:
        return _agreement(agreements.create(**body.model_dump()))

    @router.get("/", dependencies=reading)
    async def list_all(request: Request) -> Document:
        return page(request, [_agreement(each) for each in agreements.all()])

    @router.get("/{agreement_id}/", dependencies=reading)
    async def get(agreement_id: str) -> Document:
        return _agreement(agreements.get(_uuid(agreement_id)))

    @router.delete("/{agreement_id}/", dependencies=[Depends(counted(bank, "agreements DELETE"))])
    async def delete(agreement_id: str) -> Document:
        agreements.delete(_uuid(agreement_id))
        return {"summary": "End User Agreement deleted", "detail": f"End User Agreement {agreement_id} deleted"}

    @router.put("/{agreement_id}/accept/", dependencies=[Depends(counted(bank, "agreements PUT"))])
    async def accept(agreement_id: str, _: Annotated[Acceptance, Depends(body_of(Acceptance))]) -> Document:
        return _agreement(agreements.accept(_uuid(agreement_id)))

    @router.post("/{agreement_id}/reconfirm/", status_code=201, dependencies=writing)
    async def reconfirm(
        agreement_id: str, request: Request, body: Annotated[NewReconfirmation, Depends(body_of(NewReconfirmation))]
    ) -> Document:
        def page_url(link_id: UUID) -> str:
            path = request.app.url_path_for("reconfirm_page", link_id=link_id)
            return str(path.make_absolute_url(request.base_url))

        made = reconfirmations.create(_uuid(agreement_id), redirect=body.redirect, page_url=page_url)
        return reconfirmation_document(*made)

    @router.get("/{agreement_id}/reconfirm/", dependencies=reading)
    async def get_reconfirmation(agreement_id: str) -> Document:
        return reconfirmation_document(*reconfirmations.get(_uuid(agreement_id)))

    def reconfirmation_document(agreement: Agreement, known: Reconfirmation) -> Document:
        requisition = reconfirmations.requisition_of(agreement)
        accounts = requisition.accounts if requisition else []
        return {
            "reconfirmation_url": known.url,
            "created": timestamp(known.created),
            "url_valid_from": timestamp(valid_from(agreement)),
            "url_valid_to": timestamp(valid_to(agreement)),
            "redirect": known.redirect,
            "last_accessed": timestamp(known.last_accessed) if known.last_accessed else None,
            "last_submitted": timestamp(known.last_submitted) if known.last_submitted else None,
            "accounts": {
                str(each): {
                    "reconfirmed": timestamp(known.reconfirmed[each]) if each in known.reconfirmed else "",
                    "rejected": timestamp(known.rejected[each]) if each in known.rejected else "",
                }
                for each in accounts
            },
        }

    return router


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid_id("EndUserAgreement", text) from None


def _agreement(agreement: Agreement) -> Document:
    return {
        "id": str(agreement.id),
        "created": timestamp(agreement.created),
        "institution_id": agreement.institution_id,
        "max_historical_days": agreement.max_historical_days,
        "access_valid_for_days": agreement.access_valid_for_days,
        "access_scope": agreement.access_scope,
        "accepted": timestamp(agreement.accepted) if agreement.accepted else None,
        "reconfirmation": agreement.reconfirmation,
    }
