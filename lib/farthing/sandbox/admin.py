"""The admin API: what a test or a person can make happen at the bank; on a port of its own, for this machine only."""

from typing import Annotated

from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from farthing.sandbox.actions import AnyAction, NothingToActOnError, perform
from farthing.sandbox.bank import Bank
from farthing.sandbox.documents import Document, timestamp
from farthing.sandbox.faults import ACCOUNT_STATE, ALL_CALLS, CALLS, CUTTING, DISTORTING, INSTEAD, LIMITED, REFUSING
from farthing.sandbox.quirks import QUIRKS


def create_admin(bank: Bank) -> FastAPI:
    """Make the admin application of a bank; ``/openapi.json`` describes every action."""
    app = FastAPI(title="Sandbox bank: admin API", docs_url=None, redoc_url=None)

    @app.exception_handler(NothingToActOnError)
    async def refuse(_request: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, status_code=409)

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
            "at_bank": {"refusing": sorted([*REFUSING, ACCOUNT_STATE]), "distorting": CUTTING},
            "on_the_way": {"refusing": sorted([*INSTEAD, LIMITED]), "distorting": DISTORTING},
            "scopes": [*CALLS, ALL_CALLS],
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
            "accounts": {
                str(each): {
                    "key": bank.accounts.key(each),
                    "status": bank.accounts.status(each),
                    "failures": linked.failures,
                    "calls": {scope: window.count for scope, window in linked.calls.items()},
                }
                for each, linked in bank.state.accounts.items()
            },
            "faults": [each.model_dump(mode="json", exclude_none=True) for each in bank.state.faults],
            "not_operational": bank.state.not_operational,
            "scopes": {key: scopes.model_dump() for key, scopes in bank.state.scopes.items()},
            "company": bank.state.company.model_dump(mode="json"),
        }

    return app
