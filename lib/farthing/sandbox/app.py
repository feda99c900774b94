"""The sandbox bank's web application: the API below ``/api/v2/`` and the bank's pages."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.sandbox import refusals
from farthing.sandbox.bank import Bank
from farthing.sandbox.distortions import reworded, spoilt
from farthing.sandbox.refusals import Refusal
from farthing.sandbox.routes import accounts, agreements, institutions, pages, reconfirm_pages, requisitions, tokens

_API = "/api/v2"
_WITHOUT_SLASH = ("GET", "DELETE")  # the vendor's own clients leave it out there


def create_app(bank: Bank, *, before_each: Callable[[], None] = lambda: None) -> FastAPI:
    """Make the application of a bank.

    :param before_each: called before each request; a scenario does what is due.
    """
    app = FastAPI(title="Sandbox bank", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)

    # Innermost first. The handlers are coroutines so that they run one at a time: the bank has no locks.
    @app.middleware("http")
    async def add_headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        before_each()
        request.state.headers, request.state.faults = {}, []
        response = await answer(request)
        for name, value in request.state.headers.items():
            response.headers.setdefault(name, value)
        return await spoilt(response, request.state.faults)

    app.add_middleware(_TrailingSlash)

    async def admit(request: Request) -> None:
        allowed = bank.state.company.addresses
        address = request.client.host if request.client else ""
        if allowed is not None and address not in allowed:
            raise refusals.address_denied(address)

    async def authenticate(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, token = authorization.partition(" ")
        bank.tokens.check(token if scheme.lower() == "bearer" else "")

    signed_in = [Depends(admit), Depends(authenticate)]
    app.include_router(tokens.api(bank), prefix=_API, dependencies=[Depends(admit)])
    for routes in (institutions, agreements, requisitions, accounts):
        app.include_router(routes.api(bank), prefix=_API, dependencies=signed_in)
    app.include_router(pages.pages(bank))
    app.include_router(reconfirm_pages.pages(bank))
    return app


class _TrailingSlash:
    """Serve ``GET /api/v2/x`` as ``/api/v2/x/``; methods with a body need the slash, as at GoCardless."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in _WITHOUT_SLASH and scope["path"].startswith(f"{_API}/"):
            scope = {**scope, "path": scope["path"].rstrip("/") + "/"}
        await self._app(scope, receive, send)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - narrows Starlette's signature
    return _answer(reworded(error, request.state.faults))


async def _invalid(_request: Request, error: Exception) -> Response:
    """Word what is left to the framework: the pages' forms and ids."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows Starlette's signature
    faults: dict[str, list[str]] = {}
    for fault in error.errors():
        place, *path = fault["loc"]
        if place == "path":
            return _answer(refusals.not_found())
        faults.setdefault(str(path[0]) if path else str(place), []).append(str(fault["msg"]))
    return _answer(refusals.field_refusal(**faults))


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows Starlette's signature
    if error.status_code == 404:
        return _answer(refusals.not_found())
    return _answer(refusals.refusal(error.status_code, error.detail, error.detail))


def _answer(refused: Refusal) -> Response:
    headers = dict(refused.headers)
    if isinstance(refused.body, str):
        return HTMLResponse(refused.body, status_code=refused.status, headers=headers)
    return JSONResponse(dict(refused.body), status_code=refused.status, headers=headers)
