"""The notebooks of the project, served as pages."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from os import PathLike
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from farthing.settings import PROJECT_DIR

NOTEBOOKS_DIR = PROJECT_DIR / "notebooks"
MOUNT_PATH = "/notebooks"
ASSETS_PATH = "/marimo"

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

_PACKED = (".js", ".css", ".wasm", ".json", ".svg", ".ico")
# By their names in HTTP, the better one first: Arrow's names, and levels that cost no more than a quarter of a second
# for all that a notebook loads. Browsers take the first one over HTTPS and from this machine.
_CODINGS = {"br": ("brotli", 5), "gzip": ("gzip", 6)}


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


class MarimoAssets(StaticFiles):
    """Marimo's scripts and styles, in one place for all notebooks, so that a browser loads them once, and packed."""

    def __init__(self) -> None:
        super().__init__(packages=[("marimo", "_static")])

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with what is packed, if the browser can unpack it."""
        response = await super().get_response(path, scope)
        accepted = re.split(r"[,;\s]+", Headers(scope=scope).get("accept-encoding", ""))
        coding = next((each for each in _CODINGS if each in accepted), None)
        if coding is None or not isinstance(response, FileResponse) or not path.endswith(_PACKED):
            return response
        packed = await run_in_threadpool(_pack, str(response.path), coding)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        return Response(packed, headers=headers | {"content-encoding": coding, "vary": "Accept-Encoding"})

    def file_response(self, full_path: str | PathLike[str], *args: Any, **kwargs: Any) -> Response:
        """Let a browser keep what has a digest in its name."""
        response = super().file_response(full_path, *args, **kwargs)
        if Path(full_path).parent.name == "assets":
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@cache
def _pack(file: str, coding: str) -> bytes:
    """Pack a file once; all that a browser asks for comes to some two megabytes."""
    import pyarrow as pa  # the consent pages do without

    codec, level = _CODINGS[coding]
    packed: bytes = pa.Codec(codec, compression_level=level).compress(Path(file).read_bytes(), asbytes=True)
    return packed
