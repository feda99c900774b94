"""The notebooks of the project, served as pages."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from starlette.types import ASGIApp

from farthing.settings import PROJECT_DIR
from farthing.web.scripts import ASSETS_PATH

NOTEBOOKS_DIR = PROJECT_DIR / "notebooks"
MOUNT_PATH = "/notebooks"

# In the order in which people look; a notebook that is not named here comes last.
_QUESTIONS = {
    "home": "How am I doing?",
    "spending": "Where does it go?",
    "cash_flow": "What comes and goes?",
    "recurring": "What do I pay for again and again?",
    "net_worth": "What is there, and since when?",
    "forecast": "Where will it be?",
    "review": "What needs putting right?",
    "trust": "Can I believe it?",
    "lab": "What else do I want to know?",
}
_HEAD = (
    # Before anything is painted, for amounts that are to be hidden shall not flash up.
    "<script>if(localStorage.getItem('farthing-private'))document.documentElement.classList.add('private')</script>"
    '<link rel="stylesheet" href="/static/notebook.css"><script src="/static/notebook.js" defer></script>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook and the page it is served at."""

    name: str
    title: str
    question: str
    url: str
    file: Path


def list_notebooks(folder: Path = NOTEBOOKS_DIR) -> list[Notebook]:
    """Find the notebooks of a folder, in the order in which people look."""
    order = list(_QUESTIONS)
    files = sorted(
        folder.glob("[!_]*.py"),
        key=lambda file: (order.index(file.stem) if file.stem in order else len(order), file.stem),
    )
    return [
        Notebook(
            name=file.stem,
            title=file.stem.replace("_", " ").capitalize(),
            question=_QUESTIONS.get(file.stem, "A notebook on what is published"),
            url=f"{MOUNT_PATH}/{file.stem}/",
            file=file,
        )
        for file in files
    ]


def notebooks_app(notebooks: list[Notebook]) -> ASGIApp:
    """Make the app that runs each notebook, its code visible, for every visitor anew."""
    import marimo  # a second of imports that the consent pages and the CLI do without
    from marimo._entrypoints import registry

    # Marimo looks through all installed packages for a cell executor each time that cells run; none comes or goes here.
    vars(registry)["entry_points"] = cache(entry_points)
    builder = marimo.create_asgi_app(quiet=True, include_code=True, html_head=_HEAD, asset_url=ASSETS_PATH)
    for notebook in notebooks:
        builder = builder.with_app(path=notebook.url.removeprefix(MOUNT_PATH).rstrip("/"), root=str(notebook.file))
    return builder.build()
