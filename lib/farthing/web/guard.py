"""The guard in front of every page: who may talk to the web app, and what its pages may do.

The app has no passwords: it trusts the machine it runs on. A web site open in the same browser must therefore not be
able to reach it, neither under a name of its own that points here (DNS rebinding), nor by posting a form or opening a
websocket across sites; and no page of ours, notebooks included, may send anything elsewhere.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Vega compiles its expressions and marimo styles inline, hence the two "unsafe". No form-action: Chromium applies it
# to the redirect that leads from our form to the bank.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' data: blob:; "
        "frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",  # the callback's address names a consent; "no-referrer" would blank Origin
    "X-Content-Type-Options": "nosniff",
}
# Parts of a page are under that page's policy; documents and workers alone have one of their own. A notebook has some
# three hundred such parts, for which the policy would be a tenth of a megabyte.
_PARTS = frozenset({"script", "style", "font", "image"})
_HEADERS_OF_PARTS = {name: value for name, value in _HEADERS.items() if name == "X-Content-Type-Options"}


class Guard:
    """ASGI middleware that refuses strange hosts and what other sites start, and adds the protecting headers."""

    def __init__(self, app: ASGIApp, *, web_url: str | None = None) -> None:
        """Wrap an app.

        :param web_url: the address at which people reach the app, when that is not a loopback one.
        """
        self._app = app
        public = urlsplit(web_url).hostname if web_url else None
        self._names = LOOPBACK_NAMES | ({public} if public else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif refusal := self._refusal(scope):
            # For a websocket that is not accepted yet, Starlette and uvicorn make of this an answer of 403 as well.
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": refusal})
            else:
                await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
        else:
            is_part = Headers(scope=scope).get("sec-fetch-dest") in _PARTS
            await self._app(scope, receive, _with_headers(send, _HEADERS_OF_PARTS if is_part else _HEADERS))

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _hostname(host) not in self._names:
            return "This address is not Farthing's: open it by the address that `farthing up` printed."
        changes_something = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if changes_something and not _is_same_origin(headers, host):
            return "This was started from another web site, so it is refused. Open Farthing's own page and try again."
        return None


def _is_same_origin(headers: Headers, host: str) -> bool:
    """Whether the browser says that one of our pages asked; without a browser (curl) there is nobody to trick."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # brackets that do not close
        return None


def _with_headers(send: Send, more: Mapping[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in more.items():
                headers[name] = value
        await send(message)

    return send_with_headers
