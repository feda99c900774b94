"""Routes of requisitions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document, timestamp
from farthing.sandbox.refusals import not_found
from farthing.sandbox.requests import NewRequisition, body_of
from farthing.sandbox.routes.limited import counted
from farthing.sandbox.routes.paging import page
from farthing.sandbox.state import Requisition


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter(prefix="/requisitions")
    requisitions = bank.requisitions
    reading = [Depends(counted(bank, "requisitions GET"))]

    @router.post("/", status_code=201, dependencies=[Depends(counted(bank, "requisitions POST"))])
    async def create(request: Request, body: Annotated[NewRequisition, Depends(body_of(NewRequisition))]) -> Document:
        def consent_url(link_id: UUID) -> str:
            path = request.app.url_path_for("start", link_id=link_id, institution_id=body.institution_id)
            return str(path.make_absolute_url(request.base_url))

        return document(requisitions.create(body, consent_url=consent_url))

    @router.get("/", dependencies=reading)
    async def list_all(request: Request) -> Document:
        return page(request, [document(each) for each in requisitions.all()])

    @router.get("/{requisition_id}/", dependencies=reading)
    async def get(requisition_id: str) -> Document:
        return document(requisitions.get(_uuid(requisition_id)))

    @router.delete("/{requisition_id}/", dependencies=[Depends(counted(bank, "requisitions DELETE"))])
    async def delete(requisition_id: str) -> Document:
        requisitions.delete(_uuid(requisition_id))
        detail = f"Requisition {requisition_id} deleted with all its End User Agreements"
        return {"summary": "Requisition deleted", "detail": detail}

    def document(requisition: Requisition) -> Document:
        shown: Document = {
            "id": str(requisition.id),
            "created": timestamp(requisition.created),
            "redirect": requisition.redirect,
            "status": requisitions.status(requisition),
            "institution_id": requisition.institution_id,
            "agreement": str(requisition.agreement),
            "reference": requisition.reference,
            "accounts": [str(account_id) for account_id in requisition.accounts],
            "link": requisition.link,
            "ssn": requisition.ssn,
            "account_selection": requisition.account_selection,
            "redirect_immediate": requisition.redirect_immediate,
        }
        # The key is missing, not null, when no language was given.
        return shown | ({"user_language": requisition.user_language} if requisition.user_language else {})

    return router


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_found() from None
