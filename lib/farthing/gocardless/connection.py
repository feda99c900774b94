"""The way to GoCardless: connections, time-outs, pace, and errors in place of httpx's."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

from farthing.gocardless.answers import read_answer
from farthing.gocardless.errors import RequestRefusedError, TransientError, UnexpectedResponseError
from farthing.gocardless.models import Listed, Page
from farthing.gocardless.pace import Pace
from farthing.gocardless.refusals import error_for

_CALL = "farthing.pace"  # what a request carries from its way out to its answer
# Some answers wait for the bank itself; a call queues for a connection as long as it takes.
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=10, pool=None)
# A connection for each call: a server closes idle ones, and a call sent just then is lost, counted or not.
_LIMITS = httpx.Limits(max_keepalive_connections=0)


@asynccontextmanager
async def open_connection(
    base_url: str,
    auth: httpx.Auth | Callable[[httpx.AsyncClient], httpx.Auth],
    *,
    pace: Pace | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> "AsyncIterator[Connection]":
    """Open connections until the block ends; see :func:`farthing.gocardless.open_client`."""
    logging.getLogger("httpcore").setLevel(logging.INFO)  # at DEBUG it writes out an answer's headers
    pace = pace or Pace(clock=time.monotonic, sleep=asyncio.sleep)
    async with httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT, limits=_LIMITS, transport=transport) as http:

        async def wait(request: httpx.Request) -> None:
            path = request.url.path.removeprefix(http.base_url.path)
            request.extensions[_CALL] = await pace.wait(request.method, path)

        async def learn(response: httpx.Response) -> None:
            request = response.request
            path = request.url.path.removeprefix(http.base_url.path)
            pace.learn(request.method, path, response.headers, request.extensions.get(_CALL))

        # They see each request that goes out, those for tokens and repeated ones too.
        http.event_hooks = {"request": [wait], "response": [learn]}
        http.auth = auth if isinstance(auth, httpx.Auth) else auth(http)
        yield Connection(http)


class Connection:
    """Sends calls and reads their answers."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        """Ask and return the answer as it came, a refusal too.

        :raises httpx.RequestError: if no answer came.
        :raises BankDataError: if no token could be had.
        """
        return await self._http.get(path, params=params)

    async def call[T](self, method: str, path: str, shape: TypeAdapter[T], **content: Any) -> T:
        """Send a call and read its answer.

        :param content: ``params`` or ``json``, as httpx takes them.
        :raises BankDataError: named by its remedy.
        """
        return read_answer(await self.send(method, path, **content), shape)

    async def send(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send a call of which only the success matters.

        :raises BankDataError: named by its remedy.
        """
        try:
            response = await self._http.request(method, path, **content)
        except httpx.RequestError as exc:
            # Its text can be empty, or quote what the server sent: its class says enough.
            message = (
                f"GoCardless at {self._http.base_url.host} does not answer ({type(exc).__name__}): "
                "check the network and FARTHING_GOCARDLESS_URL, or try again later."
            )
            raise TransientError(message) from None
        if not response.is_success:
            raise error_for(response)
        return response

    async def paged[M: Listed](self, path: str, shape: TypeAdapter[Page[M]]) -> AsyncIterator[M]:
        """Go through a list page after page.

        The address of the next page, which the answer names, is not followed: the token goes nowhere else.

        :raises UnexpectedResponseError: if the pages repeat themselves.
        """
        seen: set[str] = set()
        offset = 0
        while True:
            page = await self.call("GET", path, shape, params={"limit": "100", "offset": str(offset)})
            new = {each.id: each for each in page.results if each.id not in seen}
            for each in new.values():
                yield each
            seen |= set(new)
            offset += len(page.results)
            if page.next is None or offset >= page.count:
                return
            if not new:
                raise UnexpectedResponseError(f"GET {path}: the pages repeat themselves.")


def segment(identifier: str) -> str:
    """Make an identifier safe to stand in a path.

    :raises RequestRefusedError: if it is empty or a step in a path, so that another address would be meant.
    """
    if identifier in ("", ".", ".."):
        raise RequestRefusedError("The identifier is empty or no identifier.")
    return quote(identifier, safe="")
