"""The page on which an account holder confirms a consent half-way (Great Britain)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from farthing.sandbox.bank import Bank
from farthing.sandbox.refusals import not_found
from farthing.sandbox.routes.redirects import PAGE_HEADERS, go_back, templates


def pages(bank: Bank) -> APIRouter:
    """Make the page of a bank."""
    router = APIRouter()

    @router.get("/reconfirm/{link_id}")
    async def reconfirm_page(request: Request, link_id: UUID) -> Response:
        agreement = bank.reconfirmations.of_link(link_id)
        requisition = bank.reconfirmations.requisition_of(agreement) if agreement else None
        if agreement is None or requisition is None:
            raise not_found()
        accounts = {each: bank.books.of(bank.accounts.key(each))[0] for each in requisition.accounts}
        words = {"bank": bank.directory.once(requisition.institution_id), "agreement": agreement, "accounts": accounts}
        return templates.TemplateResponse(request, "reconfirm.html", words, headers=PAGE_HEADERS)

    @router.post("/reconfirm/{link_id}")
    async def submit_reconfirmation(link_id: UUID, account: Annotated[list[UUID] | None, Form()] = None) -> Response:
        agreement = bank.reconfirmations.of_link(link_id)
        if agreement is None or agreement.confirmed is None:
            raise not_found()
        requisition = bank.reconfirmations.submit(agreement, account or [])
        return go_back(agreement.confirmed.redirect or requisition.redirect, requisition.reference)

    return router
