"""What the pages ask of the rest of Farthing, as FastAPI dependencies: tests and the server pass in their own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Protocol

from fastapi import Depends, Request

from farthing.consent import Bank, Begun, LinkResult
from farthing.settings import Settings


class Consents(Protocol):
    """Linking of accounts, with what is remembered about it."""

    async def institutions(self, country: str) -> Sequence[Bank]:
        """List the banks of a country (ISO 3166, two letters)."""

    async def begin(self, institution_id: str, *, redirect_url: str) -> Begun:
        """Begin a consent; the bank's page sends the person to ``redirect_url`` afterwards."""

    async def finish(self, reference: str, *, error: str | None = None) -> LinkResult:
        """Read from the provider how a consent ended, for the redirect itself proves nothing.

        :raises UnknownReferenceError: if no consent of that reference was begun here.
        """


type OpenConsents = Callable[[Settings], AbstractAsyncContextManager[Consents]]


def get_settings(request: Request) -> Settings:
    """Give the settings that the app was made with."""
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - Starlette's state is untyped; create_app sets it
    return settings


async def get_consents(request: Request) -> AsyncIterator[Consents]:
    """Open the consent service for one request."""
    open_consents: OpenConsents = request.app.state.open_consents
    async with open_consents(get_settings(request)) as consents:
        yield consents


type SettingsNeeded = Annotated[Settings, Depends(get_settings)]
type ConsentsNeeded = Annotated[Consents, Depends(get_consents)]
