"""What the first visitor would else wait for: modules that notebooks import, and the copy of the published books."""

import importlib
import threading

import duckdb

from farthing.clock import utc_now
from farthing.errors import FarthingError
from farthing.explore.books import open_books
from farthing.explore.headlines import read_headlines
from farthing.settings import Settings
from farthing.web.markup import headline_cards

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
        books = open_books(settings)
        headline_cards(read_headlines(books, currency="", today=utc_now().date()))  # what this imports is most of it
    except (FarthingError, duckdb.Error, OSError):
        return  # a page will say so, to somebody who can do something
