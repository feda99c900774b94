"""The notebooks of the project, served as pages."""

from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from farthing.settings import PROJECT_DIR

NOTEBOOKS_DIR = PROJECT_DIR / "notebooks"
MOUNT_PATH = "/notebooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook and the page it is served at."""

    title: str
    url: str
    file: Path


def list_notebooks(folder: Path = NOTEBOOKS_DIR) -> list[Notebook]:
    """Find the notebooks of a folder, by name."""
    return [
        Notebook(title=file.stem.replace("_", " ").capitalize(), url=f"{MOUNT_PATH}/{file.stem}/", file=file)
        for file in sorted(folder.glob("[!_]*.py"))
    ]


def notebooks_app(notebooks: list[Notebook]) -> ASGIApp:
    """Make the app that runs each notebook, its code visible, for every visitor anew."""
    import marimo  # a second of imports that the consent pages and the CLI do without

    builder = marimo.create_asgi_app(quiet=True, include_code=True)
    for notebook in notebooks:
        builder = builder.with_app(path=notebook.url.removeprefix(MOUNT_PATH).rstrip("/"), root=str(notebook.file))
    return builder.build()
