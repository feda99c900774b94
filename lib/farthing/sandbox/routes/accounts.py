"""Routes of accounts: what is read."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, params

from farthing.sandbox.accounts import Answer
from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document, to_json
from farthing.sandbox.refusals import invalid_id
from farthing.sandbox.routes.limited import counted


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter(prefix="/accounts")
    accounts = bank.accounts

    def limited(call: str) -> list[params.Depends]:
        return [Depends(counted(bank, "accounts", call))]

    @router.get("/{account_id}/", dependencies=limited("metadata"))
    async def get_metadata(account_id: str) -> Document:
        return accounts.metadata(_uuid(account_id))

    @router.get("/{account_id}/details/", dependencies=limited("details"))
    async def get_details(account_id: str, request: Request) -> Response:
        return _response(accounts.details(_uuid(account_id)), request)

    @router.get("/{account_id}/balances/", dependencies=limited("balances"))
    async def get_balances(account_id: str, request: Request) -> Response:
        return _response(accounts.balances(_uuid(account_id)), request)

    @router.get("/{account_id}/transactions/", dependencies=limited("transactions"))
    async def get_transactions(
        account_id: str, request: Request, date_from: str | None = None, date_to: str | None = None
    ) -> Response:
        answer = accounts.transactions(_uuid(account_id), date_from=date_from, date_to=date_to)
        return _response(answer, request)

    return router


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid_id("Account", text) from None


def _response(answer: Answer, request: Request) -> Response:
    request.state.headers |= answer.headers
    return Response(to_json(answer.document), media_type="application/json")
