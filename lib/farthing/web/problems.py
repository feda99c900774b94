"""How what goes wrong is told: a page with a sentence to people, the one documented model to programs."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from farthing.consent import UnknownConsentError, UnknownReferenceError
from farthing.errors import FarthingError
from farthing.explore.money import AmountError
from farthing.gocardless.errors import (
    AllowanceSpentError,
    NotReadyError,
    QuotaSpentError,
    RequestRefusedError,
    TransientError,
    UnavailableError,
    UnexpectedResponseError,
)
from farthing.lake.reference import BadAccountNameError, BadDecisionError
from farthing.subjects import UnknownSubjectError
from farthing.web.published import UnknownAccountError
from farthing.web.rendering import show
from farthing.web.schemas import Problem

API_PREFIX = "/api"

_STATUSES: Mapping[type[FarthingError], int] = {
    UnknownReferenceError: 404,
    UnknownConsentError: 404,
    UnknownAccountError: 404,
    UnknownSubjectError: 404,
    UnavailableError: 404,
    NotReadyError: 409,
    QuotaSpentError: 409,
    RequestRefusedError: 422,
    AmountError: 422,
    BadAccountNameError: 422,
    BadDecisionError: 422,
    AllowanceSpentError: 429,
    TransientError: 502,
    UnexpectedResponseError: 502,
}
_OTHERWISE = 503  # a setting is missing, a server is down, a secret is refused: not here and not now


def handle_problems(app: FastAPI) -> None:
    """Have an app tell of every error that a person can act on."""
    app.add_exception_handler(FarthingError, _tell_error)
    app.add_exception_handler(HTTPException, _tell_http_error)
    app.add_exception_handler(RequestValidationError, _tell_invalid)


def status_of(error: FarthingError) -> int:
    """Choose the HTTP status of an error."""
    return next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), _OTHERWISE)


def _tell_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, FarthingError)  # noqa: S101 - registered for these
    return _tell(request, _name(exc), str(exc), status=status_of(exc))


def _tell_http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 - registered for these
    sentence = "There is no such page here." if exc.status_code == 404 else "This page cannot be asked in that way."
    names = {404: "NoSuchPage", 405: "MethodNotAllowed"}
    answer = _tell(request, names.get(exc.status_code, "BadRequest"), sentence, status=exc.status_code)
    answer.headers.update(exc.headers or {})
    return answer


def _tell_invalid(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)  # noqa: S101 - registered for these
    if not _is_api(request):
        return _tell(request, "", "Something is missing in this address or form: begin again.", status=400)
    faults = "; ".join(f"{'.'.join(map(str, fault['loc'][1:])) or 'body'}: {fault['msg']}" for fault in exc.errors())
    return _tell(request, "InvalidRequest", f"{faults}.", status=422)


def _tell(request: Request, name: str, sentence: str, *, status: int) -> Response:
    if _is_api(request):
        return JSONResponse(Problem(error=name, detail=sentence).model_dump(), status_code=status)
    return show(request, "problem.html", sentence=sentence, status_code=status)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(f"{API_PREFIX}/")


def _name(error: FarthingError) -> str:
    return type(error).__name__.removesuffix("Error")
