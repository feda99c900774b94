"""Routes of tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends

from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document
from farthing.sandbox.requests import Refresh, Secrets, body_of
from farthing.sandbox.routes.limited import counted


def api(bank: Bank) -> APIRouter:
    """Make the routes of a bank."""
    router = APIRouter()

    @router.post("/token/new/", dependencies=[Depends(counted(bank, "token new"))])
    async def new_token(secrets: Annotated[Secrets, Depends(body_of(Secrets))]) -> Document:
        return bank.tokens.issue(secrets.secret_id, secrets.secret_key)

    @router.post("/token/refresh/", dependencies=[Depends(counted(bank, "token refresh"))])
    async def refresh_token(body: Annotated[Refresh, Depends(body_of(Refresh))]) -> Document:
        return bank.tokens.renew(body.refresh)

    return router
