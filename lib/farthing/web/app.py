"""The web app: an index, the consent pages, health and the notebooks. It decides nothing itself."""

from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from farthing.consent import UnknownReferenceError
from farthing.consent.wording import COUNTRIES, explain
from farthing.errors import FarthingError
from farthing.settings import Settings
from farthing.web.guard import Guard
from farthing.web.notebooks import MOUNT_PATH, list_notebooks, notebooks_app
from farthing.web.services import ConsentsNeeded, OpenConsents, SettingsNeeded
from farthing.web.status import status_line

CALLBACK_PATH = "/consent/callback"

_pages = Jinja2Templates(Path(__file__).parent / "templates")


def create_app(settings: Settings, open_consents: OpenConsents) -> FastAPI:
    """Make the web app.

    :param settings: where everything is.
    :param open_consents: opens the consent service for one request; what it raises is shown as a page.
    """
    app = FastAPI(title="Farthing", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.open_consents = open_consents
    app.add_middleware(Guard, web_url=settings.web_url)
    app.add_exception_handler(FarthingError, _show_error)
    app.add_exception_handler(HTTPException, _show_http_error)
    app.add_exception_handler(RequestValidationError, _show_invalid)
    app.add_api_route("/", index, response_class=HTMLResponse)
    app.add_api_route("/healthz", health)
    app.add_api_route("/connect", choose_bank, response_class=HTMLResponse)
    app.add_api_route("/connect", begin_consent, methods=["POST"])
    app.add_api_route(CALLBACK_PATH, finish_consent, response_class=HTMLResponse)
    app.mount(MOUNT_PATH, notebooks_app(list_notebooks()))
    return app


def web_address(settings: Settings) -> str:
    """Give the address at which people and banks reach the app, without a slash at its end."""
    return (settings.web_url or f"http://127.0.0.1:{settings.web_port}").rstrip("/")


async def index(request: Request, settings: SettingsNeeded) -> Response:
    """Show what is here."""
    return _pages.TemplateResponse(
        request,
        "index.html",
        {
            "notebooks": list_notebooks(),
            "prefect_url": (settings.prefect_api_url or "").removesuffix("/").removesuffix("/api"),
            "status": await run_in_threadpool(status_line, settings),
            "is_sandbox": settings.is_sandbox,
        },
    )


async def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


async def choose_bank(
    request: Request, consents: ConsentsNeeded, country: Annotated[str, Query(pattern="^([A-Z]{2})?$")] = ""
) -> Response:
    """Ask for a country, then for one of its banks."""
    banks = sorted(await consents.institutions(country), key=lambda bank: bank.name.casefold()) if country else []
    context = {"countries": COUNTRIES, "country": country, "banks": banks}
    return _pages.TemplateResponse(request, "connect.html", context)


async def begin_consent(
    settings: SettingsNeeded, consents: ConsentsNeeded, institution_id: Annotated[str, Form(min_length=1)]
) -> Response:
    """Begin a consent and send the person to their bank."""
    begun = await consents.begin(institution_id, redirect_url=f"{web_address(settings)}{CALLBACK_PATH}")
    return RedirectResponse(begun.link, status_code=303)


async def finish_consent(
    request: Request,
    consents: ConsentsNeeded,
    ref: Annotated[str, Query(min_length=1)],
    error: str | None = None,
) -> Response:
    """Say how linking ended; the address's own ``details`` are anyone's text and are not shown."""
    result = await consents.finish(ref, error=error)
    return _pages.TemplateResponse(request, "linked.html", {"explanation": explain(result, error=error)})


def _show_error(request: Request, exc: Exception) -> Response:
    """Show the sentence of an error that a person can act on."""
    return _problem(request, str(exc), status=404 if isinstance(exc, UnknownReferenceError) else 503)


def _show_http_error(request: Request, exc: Exception) -> Response:
    status = exc.status_code if isinstance(exc, HTTPException) else 500
    sentence = "There is no such page here." if status == 404 else "This page cannot be asked in that way."
    return _problem(request, sentence, status=status)


def _show_invalid(request: Request, _: Exception) -> Response:
    return _problem(request, "Something is missing in this address or form: begin again.", status=400)


def _problem(request: Request, sentence: str, *, status: int) -> Response:
    return _pages.TemplateResponse(request, "problem.html", {"sentence": sentence}, status_code=status)
