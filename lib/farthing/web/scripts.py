"""Marimo's scripts and styles: one place for all notebooks, packed, and without what no page of ours uses."""

import re
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ASSETS_PATH = "/marimo"

_PACKED = (".js", ".css", ".wasm", ".json", ".svg", ".ico")
# By their names in HTTP, the better one first: Arrow's names, and levels that cost no more than a third of a second
# for all that a notebook loads. Browsers take the first one over HTTPS and from this machine.
_CODINGS = {"br": ("brotli", 8), "gzip": ("gzip", 6)}

# Marimo's frame of a page imports all of a hundred languages to colour a shell's where its debugger asks for a line,
# which it does in no page of ours. They are a sixth of all that a browser is sent, in files of their own; an editor of
# one of them still finds it.
_FRAME = "layout-*.js"
_LANGUAGES = re.compile(rb'import\{t as ([\w$]+)\}from"\./([^"]+)";(?=.*[^\w$]\1\.sh\(\))', re.DOTALL)
_IMPORTED = re.compile(rb'from"\./([^"]+)"')
_AHEAD = b"const __vite__mapDeps="  # begins the list, in brackets, of what a script has loaded ahead


class MarimoAssets(StaticFiles):
    """The files, so that a browser loads them once."""

    def __init__(self) -> None:
        super().__init__(packages=[("marimo", "_static")])

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with what is packed, if the browser can unpack it."""
        response = await super().get_response(path, scope)
        accepted = re.split(r"[,;\s]+", Headers(scope=scope).get("accept-encoding", ""))
        coding = next((each for each in _CODINGS if each in accepted), None)
        if coding is None or not isinstance(response, FileResponse) or not path.endswith(_PACKED):
            return response
        packed = await run_in_threadpool(_pack, Path(response.path), coding)
        # Of three hundred files, headers count too: what is kept for good need not tell its version.
        told = ("content-type", "cache-control") if _is_kept(response.path) else ("content-type", "etag")
        headers = {name: value for name, value in response.headers.items() if name in told}
        return Response(packed, headers=headers | {"content-encoding": coding, "vary": "Accept-Encoding"})

    def file_response(self, full_path: str | PathLike[str], *args: Any, **kwargs: Any) -> Response:
        """Let a browser keep what has a digest in its name."""
        response = super().file_response(full_path, *args, **kwargs)
        if _is_kept(full_path):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _is_kept(file: str | PathLike[str]) -> bool:
    return Path(file).parent.name == "assets"


@cache
def _pack(file: Path, coding: str) -> bytes:
    """Pack a file once; all that a browser asks for comes to some two megabytes."""
    import pyarrow as pa  # the consent pages do without

    codec, level = _CODINGS[coding]
    packed: bytes = pa.Codec(codec, compression_level=level).compress(_without_languages(file), asbytes=True)
    return packed


def _without_languages(file: Path) -> bytes:
    """Read a file; where its script would bring in all languages, or have them loaded ahead, have it do without."""
    content = file.read_bytes()
    if file.match(_FRAME):
        return _LANGUAGES.sub(rb"const \1={sh:()=>[]};", content)
    if not content.startswith(_AHEAD):
        return content
    ahead, bracket, script = content.partition(b"]")
    for name in _languages(file.parent):
        ahead = ahead.replace(b'"./%s"' % name, b'""')  # which is the script itself, and it is there
    return ahead + bracket + script


@cache
def _languages(folder: Path) -> frozenset[bytes]:
    """Name the files that the languages are in, and the one that imports them; none if marimo is made otherwise."""
    found = [match[2] for frame in folder.glob(_FRAME) for match in _LANGUAGES.finditer(frame.read_bytes())]
    imported = {name for each in found for name in _IMPORTED.findall((folder / each.decode()).read_bytes())}
    return frozenset({*found, *imported})
