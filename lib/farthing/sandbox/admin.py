"""The admin API: what a test or a person can make happen at the bank; on a port of its own, for this machine only."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from farthing.sandbox import faults
from farthing.sandbox.actions import AnyAction, NothingToActOnError, perform
from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document, timestamp
from farthing.sandbox.quirks import QUIRKS
from farthing.sandbox.state import BankAccount, LinkedAccount


def create_admin(bank: Bank) -> FastAPI:
    """Make the admin application of a bank; ``/openapi.json`` describes every action."""
    app = FastAPI(title="Sandbox bank: admin API", docs_url=None, redoc_url=None)

    @app.exception_handler(NothingToActOnError)
    async def refuse(_request: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, status_code=409)

    @app.exception_handler(RequestValidationError)
    async def not_understood(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows Starlette's signature
        return JSONResponse({"detail": _in_words(error)}, status_code=422)

    @app.post("/actions")
    async def act(body: Annotated[AnyAction | list[AnyAction], Body()]) -> Document:
        """Make one action happen, or several in order."""
        perform(bank, body if isinstance(body, list) else [body])
        return state()

    @app.get("/state")
    async def show_state() -> Document:
        """Show the time, the requisitions, the linked accounts and the faults."""
        return state()

    @app.get("/faults")
    async def list_faults() -> Document:
        """List the names of faults: those of banks, and those that any call can show."""
        return {
            "at_bank": {"refusing": sorted([*faults.REFUSING, faults.ACCOUNT_STATE]), "distorting": faults.CUTTING},
            "on_the_way": {"refusing": sorted([*faults.INSTEAD, faults.LIMITED]), "distorting": faults.DISTORTING},
            "scopes": [*faults.CALLS, faults.ALL_CALLS],
            "account_states": [*faults.ACCOUNT_STATES],
        }

    @app.get("/institutions")
    async def list_institutions() -> list[Document]:
        """List the banks with their habits."""
        return [
            {
                "id": each.institution_id,
                "name": each.name,
                "habits": {str(number): QUIRKS[number] for number in sorted(each.quirks)},
            }
            for each in bank.directory.banks()
        ]

    def account_state(account_id: UUID, linked: LinkedAccount) -> Document:
        key = bank.accounts.key(account_id)
        befallen = bank.state.at_bank.get(key, BankAccount())
        return {
            "key": key,
            "status": bank.accounts.status(account_id),
            "failures": linked.failures,
            "calls": {scope: window.count for scope, window in linked.calls.items()},
            "closed": befallen.closed is not None,
            "blocked": befallen.blocked,
        }

    def state() -> Document:
        return {
            "now": timestamp(bank.now()),
            "requisitions": [
                {
                    "id": str(each.id),
                    "institution_id": each.institution_id,
                    "status": bank.requisitions.status(each),
                    "revoked": each.revoked,
                    "accounts": [str(account) for account in each.accounts],
                }
                for each in bank.requisitions.all()
            ],
            "accounts": {str(each): account_state(each, linked) for each, linked in bank.state.accounts.items()},
            "faults": [each.model_dump(mode="json", exclude_none=True) for each in bank.state.faults],
            "not_operational": bank.state.not_operational,
            "scopes": {key: scopes.model_dump() for key, scopes in bank.state.scopes.items()},
            "company": bank.state.company.model_dump(mode="json"),
        }

    return app


def _in_words(error: RequestValidationError) -> str:
    """Say in one line what is wrong where; that one action is no list, and a list no action, goes without saying."""
    wrong = [each for each in error.errors() if each["type"] not in ("list_type", "model_attributes_type")]
    if not wrong or wrong[0]["type"] in ("json_invalid", "union_tag_not_found") or len(wrong[0]["loc"]) == 1:
        return "Send JSON (Content-Type: application/json): an action, named by its field `action`, or a list of them."
    return "; ".join(f"{_place(each['loc'])}{each['msg'].removeprefix('Value error, ')}" for each in wrong)


def _place(path: Sequence[int | str]) -> str:
    parts = [str(part) for part in path[1:] if "[" not in str(part)]  # without what pydantic calls the choices
    return f"{'.'.join(parts)}: " if parts else ""
