"""The first page, health, and the pages on the marts and on the JSON API."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from farthing.lake.dictionary import read_dictionary
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.web.notebooks import list_notebooks
from farthing.web.rendering import show
from farthing.web.services import SettingsNeeded
from farthing.web.status import status_line

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index(request: Request, settings: SettingsNeeded) -> Response:
    """Show what is here."""
    return show(
        request,
        "index.html",
        notebooks=list_notebooks(),
        prefect_url=(settings.prefect_api_url or "").removesuffix("/").removesuffix("/api"),
        status=await run_in_threadpool(status_line, settings),
        is_sandbox=settings.is_sandbox,
    )


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


@router.get("/dictionary")
async def describe_marts(request: Request, settings: SettingsNeeded) -> Response:
    """Show dbt's page on every mart and column, as the newest build made it."""
    page = await run_in_threadpool(_dictionary, settings)
    if page is None:
        sentence = "No build has described its marts yet: the next `farthing sync` or `farthing build` does."
        return show(request, "problem.html", sentence=sentence, status_code=404)
    return Response(page, media_type="text/html", headers={"Content-Encoding": "gzip"})


@router.get("/docs")
async def describe_api(request: Request) -> Response:
    """Show the JSON API from its own description.

    A page of ours rather than Swagger UI, which would come from elsewhere or as megabytes of scripts in one more wheel.
    """
    return show(request, "docs.html", document=request.app.openapi())


def _dictionary(settings: Settings) -> bytes | None:
    return read_dictionary(open_store(settings))
