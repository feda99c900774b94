"""The first page, health, and the page on the JSON API."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

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


@router.get("/docs")
async def describe_api(request: Request) -> Response:
    """Show the JSON API from its own description.

    A page of ours rather than Swagger UI, which would come from elsewhere or as megabytes of scripts in one more wheel.
    """
    return show(request, "docs.html", document=request.app.openapi())
