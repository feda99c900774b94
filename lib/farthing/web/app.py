"""The web app: its pages, the JSON API and the notebooks, put together. It decides nothing itself."""

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from farthing import __version__
from farthing.clock import utc_now
from farthing.settings import Settings
from farthing.web import accounts, api, by_hand, connecting, start
from farthing.web.addresses import CALLBACK_PATH, web_address
from farthing.web.first_paint import FirstPaint
from farthing.web.guard import Guard
from farthing.web.logos import Logos
from farthing.web.notebooks import MOUNT_PATH, Notebook, list_notebooks, notebooks_app
from farthing.web.problems import handle_problems
from farthing.web.rendering import STATIC_DIR
from farthing.web.scripts import ASSETS_PATH, MarimoAssets
from farthing.web.services import OpenConsents, Services

__all__ = ["CALLBACK_PATH", "create_app", "web_address"]

_ABOUT = (
    "Links banks and starts syncs. There are no passwords: the app trusts the machine it runs on, answers under its "
    "own names only, and refuses what other web sites start (403, in plain text)."
)


def create_app(
    settings: Settings,
    open_consents: OpenConsents,
    *,
    notebooks: list[Notebook] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Make the web app.

    :param settings: where everything is.
    :param open_consents: opens the consent service for one request; what it raises is shown as a page.
    :param notebooks: those to serve, if not the project's: reading them takes a third of a second.
    :param transport: carries requests for logos and to Prefect, if not the network.
    """
    app = FastAPI(title="Farthing", version=__version__, description=_ABOUT, docs_url=None, redoc_url=None)
    app.state.services = Services(
        settings=settings,
        open_consents=open_consents,
        logos=Logos(may_fetch=not settings.is_sandbox, transport=transport),
        transport=transport,
    )
    app.add_middleware(Guard, web_url=settings.web_url)
    handle_problems(app)
    for part in (start, connecting, accounts, by_hand, api):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    app.mount(ASSETS_PATH, MarimoAssets())
    notebooks = list_notebooks() if notebooks is None else notebooks
    app.mount(MOUNT_PATH, FirstPaint(notebooks_app(notebooks), settings=settings, notebooks=notebooks, now=utc_now))
    return app
