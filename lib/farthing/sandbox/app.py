"""The sandbox bank's web application: the API below ``/api/v2/`` and the consent page."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.sandbox import account_routes, consent_routes, refusals
from farthing.sandbox.bank import Bank
from farthing.sandbox.refusals import Refusal
from farthing.sandbox.requests import Refresh, Secrets

_API = "/api/v2"


def create_app(bank: Bank) -> FastAPI:
    """Make the application of a bank."""
    app = FastAPI(title="Sandbox bank", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(_TrailingSlash)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)

    # The handlers are coroutines so that they run one at a time: the bank has no locks.
    @app.post(f"{_API}/token/new/")
    async def new_token(secrets: Secrets) -> dict[str, object]:
        return bank.tokens.issue(secrets.secret_id, secrets.secret_key, now=bank.clock())

    @app.post(f"{_API}/token/refresh/")
    async def refresh_token(body: Refresh) -> dict[str, object]:
        return bank.tokens.renew(body.refresh, now=bank.clock())

    async def authenticate(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, token = authorization.partition(" ")
        bank.tokens.check(token if scheme.lower() == "bearer" else "", now=bank.clock())

    signed_in = [Depends(authenticate)]
    app.include_router(consent_routes.api(bank), prefix=_API, dependencies=signed_in)
    app.include_router(account_routes.api(bank), prefix=_API, dependencies=signed_in)
    app.include_router(consent_routes.pages(bank))
    return app


class _TrailingSlash:
    """Serve ``GET /api/v2/x`` as ``/api/v2/x/``; other methods need the slash, as at GoCardless."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(f"{_API}/"):
            scope = {**scope, "path": scope["path"].rstrip("/") + "/"}
        await self._app(scope, receive, send)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101 - narrows Starlette's signature
    return _answer(error)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Word a validation error as the API does: unknown fields on their own, else a list of texts per field."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows Starlette's signature
    faults: Mapping[str, list[str]] = {}
    unknown: list[str] = []
    for fault in error.errors():
        place, *path = fault["loc"]
        name = str(path[0]) if path else str(place)
        if place == "path":
            return _answer(refusals.not_found())
        if fault["type"] == "extra_forbidden":
            unknown.append(name)
        else:
            text = "This field is required." if fault["type"] == "missing" else str(fault["msg"])
            faults = {**faults, name: [*faults.get(name, []), text]}
    if unknown:
        return _answer(refusals.refusal(400, "Unknown fields", f"Unknown fields {unknown} in body"))
    return _answer(refusals.field_refusal(**faults))


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows Starlette's signature
    if error.status_code == 404:
        return _answer(refusals.not_found())
    return _answer(refusals.refusal(error.status_code, error.detail, error.detail))


def _answer(refused: Refusal) -> JSONResponse:
    return JSONResponse(dict(refused.body), status_code=refused.status, headers=dict(refused.headers))
