"""The web server: one process on loopback."""

import os
from pathlib import Path

import uvicorn

from farthing import assembly
from farthing.settings import Settings
from farthing.web.app import create_app
from farthing.web.services import OpenConsents
from farthing.web.warming import warm

HOST = "127.0.0.1"


def serve(settings: Settings, open_consents: OpenConsents = assembly.consents) -> None:
    """Serve the pages on loopback until interrupted.

    :param open_consents: opens the consent service, see :func:`farthing.web.app.create_app`.
    """
    keep_marimo_at_home(settings.home)
    app = create_app(settings, open_consents)
    warm(settings)
    uvicorn.run(
        app,
        host=HOST,
        port=settings.web_port,
        log_level=settings.log_level.lower(),
        access_log=False,  # its lines would hold the references of consents
        server_header=False,
    )


def keep_marimo_at_home(home: Path) -> None:
    """Have marimo, which takes no such setting, write its files to our folder and ask nobody about new versions."""
    for name, folder in {"XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache"}.items():
        os.environ.setdefault(name, str(home / "marimo" / folder))
    os.environ.setdefault("MARIMO_SKIP_UPDATE_CHECK", "1")
