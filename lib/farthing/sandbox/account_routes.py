"""Routes of institutions and accounts: what is read."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from farthing.sandbox.bank import Bank
from farthing.sandbox.wire import Document


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter()

    @router.get("/institutions/")
    async def list_institutions(country: str | None = None) -> list[Document]:
        return [institution.document() for institution in bank.institutions(country)]

    @router.get("/institutions/{institution_id}/")
    async def get_institution(institution_id: str) -> Document:
        return bank.institution(institution_id).document()

    async def general_allowance() -> dict[str, str]:
        return bank.count_call()

    @router.get("/accounts/{account_id}/")
    async def get_metadata(
        account_id: UUID, general: Annotated[dict[str, str], Depends(general_allowance)], response: Response
    ) -> Document:
        document = bank.metadata(account_id)
        response.headers.update(general)
        return document

    @router.get("/accounts/{account_id}/details/")
    async def get_details(
        account_id: UUID, general: Annotated[dict[str, str], Depends(general_allowance)], response: Response
    ) -> Document:
        document, daily = bank.details(account_id)
        response.headers.update(general | daily)
        return document

    @router.get("/accounts/{account_id}/balances/")
    async def get_balances(
        account_id: UUID, general: Annotated[dict[str, str], Depends(general_allowance)], response: Response
    ) -> Document:
        document, daily = bank.balances(account_id)
        response.headers.update(general | daily)
        return document

    @router.get("/accounts/{account_id}/transactions/")
    async def get_transactions(
        account_id: UUID,
        general: Annotated[dict[str, str], Depends(general_allowance)],
        response: Response,
        date_from: date | None = None,
        date_to: date | None = None,
    ) -> Document:
        document, daily = bank.transactions(account_id, date_from=date_from, date_to=date_to)
        response.headers.update(general | daily)
        return document

    return router
