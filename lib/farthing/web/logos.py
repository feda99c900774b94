"""Banks' logos, fetched here because our pages may load nothing from elsewhere."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

import httpx

from farthing.consent import Bank

# No SVG: it can hold scripts, which would run as ours.
_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MOST_BYTES = 256 * 1024
_MOST_KEPT = 2_000  # logos; the largest country has fewer banks
_SECONDS = 4
_AT_ONCE = 6

_INITIAL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><style>'
    "rect{{fill:#e3eef5}}text{{fill:#00517f;font:600 20px system-ui,sans-serif}}"
    "@media(prefers-color-scheme:dark){{rect{{fill:#2a3950}}text{{fill:#9fd4f5}}}}</style>"
    '<rect width="40" height="40"/><text x="20" y="27" text-anchor="middle">{initial}</text></svg>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture, and whether it is the bank's own or the initial that stands for it."""

    content: bytes
    media_type: str
    is_own: bool


class Logos:
    """Fetches each bank's logo once, from the very address that the provider named for it, and keeps it in memory."""

    def __init__(self, *, may_fetch: bool, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Begin without any logo.

        :param may_fetch: whether to ask at all; the logos of a sandbox's invented banks are nowhere.
        :param transport: what carries the requests, if not the network.
        """
        self._may_fetch = may_fetch
        self._transport = transport
        self._banks: dict[str, Bank] = {}
        self._kept: dict[str, Logo] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)

    def remember(self, banks: Iterable[Bank]) -> None:
        """Keep what the provider named for each bank."""
        self._banks.update((bank.id, bank) for bank in banks)

    def knows(self, institution_id: str) -> bool:
        """Whether the bank was remembered."""
        return institution_id in self._banks

    async def logo(self, institution_id: str) -> Logo:
        """Give the logo of a remembered bank, or its initial where the logo cannot be had."""
        bank = self._banks[institution_id]
        if (kept := self._kept.get(institution_id)) is not None:
            return kept
        fetched = await self._fetch(bank.logo) if self._may_fetch and bank.logo else None
        if fetched is None:
            return _initial(bank.name)
        self._kept[institution_id] = fetched
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return fetched

    async def _fetch(self, address: str) -> Logo | None:
        try:
            if urlsplit(address).scheme != "https":
                return None
            async with (
                self._turn,
                asyncio.timeout(_SECONDS),
                httpx.AsyncClient(transport=self._transport, follow_redirects=False) as http,
                http.stream("GET", address) as response,
            ):
                media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
                if response.status_code != 200 or media_type not in _TYPES:
                    return None
                content = bytearray()
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > _MOST_BYTES:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError):  # the last from urlsplit
            return None
        return Logo(content=bytes(content), media_type=media_type, is_own=True)


def _initial(name: str) -> Logo:
    letter = next((letter for letter in name if letter.isalnum()), "?").upper()
    picture = _INITIAL.format(initial=escape(letter))
    return Logo(content=picture.encode(), media_type="image/svg+xml", is_own=False)
