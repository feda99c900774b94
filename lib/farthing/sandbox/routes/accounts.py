"""Routes of accounts: what is read."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from farthing.sandbox.accounts import Answer
from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document, to_json
from farthing.sandbox.refusals import invalid_id
from farthing.sandbox.routes.limited import counted


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter(prefix="/accounts", dependencies=[Depends(counted(bank, "accounts"))])
    accounts = bank.accounts

    @router.get("/{account_id}/")
    async def get_metadata(account_id: str) -> Document:
        return accounts.metadata(_uuid(account_id))

    @router.get("/{account_id}/details/")
    async def get_details(account_id: str, request: Request) -> Response:
        return await _response(accounts.details(_uuid(account_id)), request)

    @router.get("/{account_id}/balances/")
    async def get_balances(account_id: str, request: Request) -> Response:
        return await _response(accounts.balances(_uuid(account_id)), request)

    @router.get("/{account_id}/transactions/")
    async def get_transactions(
        account_id: str, request: Request, date_from: str | None = None, date_to: str | None = None
    ) -> Response:
        answer = accounts.transactions(_uuid(account_id), date_from=date_from, date_to=date_to)
        return await _response(answer, request)

    return router


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid_id("Account", text) from None


async def _response(answer: Answer, request: Request) -> Response:
    """Send an answer with its headers, spoilt as the faults want it."""
    faults = {each.name: each for each in answer.faults}
    headers = {**request.state.headers, **answer.headers}
    if "NoHeaders" in faults:
        headers = {}
    if "OtherHeaders" in faults:
        headers = {name.removeprefix("http_").replace("_", "-"): value for name, value in headers.items()}
    request.state.headers = headers
    if "Slow" in faults:
        await asyncio.sleep(faults["Slow"].seconds)
    whole = to_json(answer.document)
    if "CutJson" in faults:
        whole = whole[: len(whole) // 2]
    return Response(whole, media_type="application/json")
