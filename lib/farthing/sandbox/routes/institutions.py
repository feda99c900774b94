"""Routes of institutions."""

from fastapi import APIRouter, Depends, Request

from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document
from farthing.sandbox.routes.limited import counted


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter(dependencies=[Depends(counted(bank, "institutions"))])

    @router.get("/institutions/")
    async def list_institutions(request: Request) -> list[Document]:
        return [institution.document() for institution in bank.directory.search(request.query_params)]

    @router.get("/institutions/{institution_id}/")
    async def get_institution(institution_id: str) -> Document:
        return bank.directory.get(institution_id).document()

    return router
