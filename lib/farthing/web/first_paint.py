"""What a notebook's page shows before marimo runs: the way to the other pages, and the figures of home.

Marimo's page is empty until its scripts have come, a kernel runs and the first cells have answered. Until then the same
words and figures as of those cells stand in their place, put into the page by this server; ``notebook.js`` takes them
away once the cells have theirs.
"""

import asyncio
import gzip
import re
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import parse_qs

import duckdb
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from farthing.errors import FarthingError
from farthing.explore.books import Books, open_books
from farthing.explore.headlines import read_headlines
from farthing.settings import Settings
from farthing.web import markup
from farthing.web.notebooks import Notebook

WAITS = 2.0  # seconds for figures; a new build's copy takes longer, and then marimo's own cells show them

_ROOT = b'<div id="root">'
# What marimo has loaded first: pictures that our pages show late or never, and fonts that they never use.
_NOT_FIRST = re.compile(rb'<link rel="preload"[^>]*as="(?:image|font)"[^>]*>')
# A browser that has these already runs them before it paints anything, so they wait until there is something to see. A
# page in the background is not painted: there they begin after a moment.
_SCRIPTS = re.compile(rb'<link rel="modulepreload"[^>]*>|<script type="module"[^>]*></script>')
_LATER = b"""<template id="f-later">%s</template><script>{
  const { content } = document.getElementById("f-later");
  const begin = () => document.head.append(content);
  requestAnimationFrame(() => setTimeout(begin));
  setTimeout(begin, 1000);
}</script>"""
# The class that marimo sets itself, later: its styles and ours go by it.
_THEME = (
    "<script>if(matchMedia('(prefers-color-scheme: dark)').matches)"
    "document.getElementById('f-first').className='dark'</script>"
)


class FirstPaint:
    """ASGI middleware that puts first words and figures into the pages of notebooks."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, notebooks: list[Notebook], now: Callable[[], datetime]
    ) -> None:
        """Wrap the app of the notebooks."""
        self._app = app
        self._settings = settings
        self._notebooks = {each.url: each for each in notebooks}
        self._now = now
        self._known: dict[tuple[str, str | None, str | None, date], str] = {}  # of one edition, which never changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        notebook = self._notebooks.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if notebook is None:
            await self._app(scope, receive, send)
            return
        # Marimo knows only its own part of the page, so a browser's question whether that changed is not passed on.
        headers = [(name, value) for name, value in scope["headers"] if name != b"if-none-match"]
        page = _Page()
        words = asyncio.create_task(asyncio.to_thread(self._words, notebook, scope["query_string"].decode()))
        await self._app({**scope, "headers": headers}, receive, page.take)
        done, _ = await asyncio.wait([words], timeout=WAITS)
        await page.give(words.result() if done else _shell(notebook, ""), Headers(scope=scope), send)

    def _words(self, notebook: Notebook, query: str) -> str:
        """Write what the page shows at first; without figures where there are none, for the cells say why."""
        try:
            books = open_books(self._settings)
            currency = parse_qs(query).get("currency", [""])[0] if notebook.name == "home" else None
            asked = (books.edition, books.warning, currency, self._now().date())
            words = self._known.get(asked) or self._ask(books, currency, today=asked[-1])
            self._known = {key: each for key, each in self._known.items() if key[0] == books.edition} | {asked: words}
        except (FarthingError, duckdb.Error, OSError):
            words = ""
        return _shell(notebook, words)

    def _ask(self, books: Books, currency: str | None, *, today: date) -> str:
        words = markup.standing(books)
        if currency is not None:
            words += markup.headline_cards(read_headlines(books, currency=currency, today=today))
        return words


class _Page:
    """An answer that is held back until it is whole."""

    def __init__(self) -> None:
        self._start: Message = {}
        self._body = bytearray()

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")

    async def give(self, words: str, asked: Headers, send: Send) -> None:
        headers, body = MutableHeaders(scope=self._start), bytes(self._body)
        if headers.get("content-type", "").startswith("text/html"):
            scripts = b"".join(_SCRIPTS.findall(body))
            body = _SCRIPTS.sub(b"", _NOT_FIRST.sub(b"", body))
            body = body.replace(_ROOT, words.encode() + _LATER % scripts + _ROOT, 1)
            headers["Cache-Control"] = "no-store"  # it holds amounts, and is new each time
            del headers["ETag"]
            if "gzip" in asked.get("accept-encoding", ""):
                body = gzip.compress(body, compresslevel=5, mtime=0)
                headers["Content-Encoding"] = "gzip"
                headers.add_vary_header("Accept-Encoding")
            headers["Content-Length"] = str(len(body))
        await send(self._start)
        await send({"type": "http.response.body", "body": body})


def _shell(notebook: Notebook, words: str) -> str:
    header = markup.header(notebook.name, notebook.title, notebook.question)
    return f'<div id="f-first"><div>{_THEME}{header}<div class="f-stack">{words}</div></div></div>'
