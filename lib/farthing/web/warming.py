"""What the first visitor would else wait for: modules that notebooks import, and the copy of the published books."""

import importlib
import threading

import duckdb

from farthing.errors import FarthingError
from farthing.explore.books import open_books
from farthing.settings import Settings

# What a first session brought in after the app had started; measured, and worth half a second of it.
_MODULES = (
    "farthing.charts",
    "farthing.web.frame",
    "farthing.web.needs",
    "marimo._runtime.runtime",
    "marimo._plugins.ui",
    "narwhals",
    "polars",
    "pyarrow",
    "pymdownx.arithmatex",
    "pymdownx.emoji",
    "pymdownx.magiclink",
    "pymdownx.superfences",
    "tomlkit",
)


def warm(settings: Settings) -> threading.Thread:
    """Begin to load what notebooks need, without keeping the server from its start."""
    thread = threading.Thread(target=_load, args=[settings], name="warming", daemon=True)
    thread.start()
    return thread


def _load(settings: Settings) -> None:
    for module in _MODULES:
        importlib.import_module(module)
    try:
        open_books(settings)
    except (FarthingError, duckdb.Error, OSError):
        return  # a page will say so, to somebody who can do something
