"""Routes of agreements, requisitions and the consent page: what is allowed."""

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from farthing.sandbox.bank import Bank, timestamp
from farthing.sandbox.pages import consent_page
from farthing.sandbox.requests import NewAgreement, NewRequisition
from farthing.sandbox.state import Agreement, Requisition
from farthing.sandbox.wire import Document

_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
Limit = Annotated[int, Query(ge=1)]
Offset = Annotated[int, Query(ge=0)]


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank that need a token."""
    router = APIRouter()
    consents = bank.consents

    @router.post("/agreements/enduser/", status_code=201)
    async def create_agreement(body: NewAgreement) -> Document:
        return _agreement(consents.create_agreement(**body.model_dump()))

    @router.get("/agreements/enduser/")
    async def list_agreements(request: Request, limit: Limit = 100, offset: Offset = 0) -> Document:
        return _page(request, [_agreement(each) for each in consents.agreements()], limit=limit, offset=offset)

    @router.get("/agreements/enduser/{agreement_id}/")
    async def get_agreement(agreement_id: UUID) -> Document:
        return _agreement(consents.agreement(agreement_id))

    @router.delete("/agreements/enduser/{agreement_id}/")
    async def delete_agreement(agreement_id: UUID) -> Document:
        consents.delete_agreement(agreement_id)
        return {"summary": "End User Agreement deleted", "detail": f"End User Agreement {agreement_id} deleted"}

    @router.post("/requisitions/", status_code=201)
    async def create_requisition(body: NewRequisition, request: Request) -> Document:
        def consent_url(link_id: UUID) -> str:
            path = request.app.url_path_for("start", link_id=link_id, institution_id=body.institution_id)
            return str(path.make_absolute_url(request.base_url))

        requisition = consents.create_requisition(
            body.institution_id,
            redirect=body.redirect,
            consent_url=consent_url,
            agreement_id=body.agreement,
            reference=body.reference,
            user_language=body.user_language,
        )
        return requisition_document(requisition)

    @router.get("/requisitions/")
    async def list_requisitions(request: Request, limit: Limit = 100, offset: Offset = 0) -> Document:
        documents = [requisition_document(each) for each in consents.requisitions()]
        return _page(request, documents, limit=limit, offset=offset)

    @router.get("/requisitions/{requisition_id}/")
    async def get_requisition(requisition_id: UUID) -> Document:
        return requisition_document(consents.requisition(requisition_id))

    @router.delete("/requisitions/{requisition_id}/")
    async def delete_requisition(requisition_id: UUID) -> Document:
        consents.delete_requisition(requisition_id)
        detail = f"Requisition {requisition_id} deleted with all its End User Agreements"
        return {"summary": "Requisition deleted", "detail": detail}

    def requisition_document(requisition: Requisition) -> Document:
        document: Document = {
            "id": str(requisition.id),
            "created": timestamp(requisition.created),
            "redirect": requisition.redirect,
            "status": consents.requisition_status(requisition),
            "institution_id": requisition.institution_id,
            "agreement": str(requisition.agreement),
            "reference": requisition.reference,
            "accounts": [str(account_id) for account_id in requisition.accounts],
            "link": requisition.link,
            "ssn": None,
            "account_selection": False,
            "redirect_immediate": False,
        }
        # The key is missing, not null, when no language was given.
        return document | ({"user_language": requisition.user_language} if requisition.user_language else {})

    return router


def pages(bank: Bank) -> APIRouter:
    """Make the bank's own pages, whose secret is the link's id."""
    router = APIRouter()

    @router.get("/psd2/start/{link_id}/{institution_id}")
    async def start(link_id: UUID, institution_id: str) -> Response:
        requisition = bank.consents.open_link(link_id, institution_id)
        if requisition.status != "GC":
            return _link_reused(requisition)
        agreement = bank.consents.agreement(requisition.agreement)
        accounts = list(bank.accounts_at(institution_id).values())
        page = consent_page(bank.institution(institution_id), agreement, accounts)
        return HTMLResponse(page, headers=_PAGE_HEADERS)

    @router.post("/psd2/start/{link_id}/{institution_id}")
    async def decide(
        link_id: UUID, institution_id: str, decision: Annotated[Literal["authorise", "cancel"], Form()]
    ) -> Response:
        requisition = bank.consents.open_link(link_id, institution_id)
        if requisition.status != "GC":
            return _link_reused(requisition)
        if decision == "cancel":
            bank.consents.reject(requisition)
            return _go_back(requisition, error="UserCancelledSession", details="User cancelled the session.")
        bank.consents.authorise(requisition, list(bank.accounts_at(institution_id)))
        return _go_back(requisition)

    return router


def _link_reused(requisition: Requisition) -> RedirectResponse:
    details = "This link has already been used for authorization and is no longer valid."
    return _go_back(requisition, error="RequisitionLinkReused", details=details)


def _go_back(requisition: Requisition, **outcome: str) -> RedirectResponse:
    query = urlencode({"ref": requisition.reference, **outcome})
    address = urlsplit(requisition.redirect)
    joined = address._replace(query=f"{address.query}&{query}" if address.query else query)
    return RedirectResponse(joined.geturl(), status_code=302, headers=_PAGE_HEADERS)


def _agreement(agreement: Agreement) -> Document:
    return {
        "id": str(agreement.id),
        "created": timestamp(agreement.created),
        "institution_id": agreement.institution_id,
        "max_historical_days": agreement.max_historical_days,
        "access_valid_for_days": agreement.access_valid_for_days,
        "access_scope": agreement.access_scope,
        "accepted": timestamp(agreement.accepted) if agreement.accepted else None,
        "reconfirmation": False,
    }


def _page(request: Request, documents: Sequence[Document], *, limit: int, offset: int) -> Document:
    """Cut a list into a page, newest first, with the addresses of its neighbours."""
    newest_first = documents[::-1]

    def address(start: int) -> str:
        return str(request.url.include_query_params(limit=limit, offset=start))

    return {
        "count": len(documents),
        "next": address(offset + limit) if offset + limit < len(documents) else None,
        "previous": address(max(0, offset - limit)) if offset > 0 else None,
        "results": newest_first[offset : offset + limit],
    }
