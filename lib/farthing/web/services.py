"""What the pages ask of the rest of Farthing, as FastAPI dependencies: tests and the server pass in their own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

import httpx
from fastapi import Depends, Request

from farthing.clock import utc_now
from farthing.consent import Bank, Begun, LinkedBank, LinkResult
from farthing.settings import Settings
from farthing.web.logos import Logos


class Consents(Protocol):
    """Linking of accounts, with what is remembered about it: :class:`farthing.consent.Consents`."""

    async def institutions(self, country: str) -> Sequence[Bank]:
        """List the banks of a country (ISO 3166, two letters)."""

    async def institution(self, institution_id: str) -> Bank:
        """Look up one bank.

        :raises UnavailableError: if there is no such bank.
        """

    async def begin(self, institution_id: str, *, redirect_url: str) -> Begun:
        """Begin a consent; the bank's page sends the person to ``redirect_url`` afterwards."""

    async def finish(self, reference: str, *, error: str | None = None) -> LinkResult:
        """Read from the provider how a consent ended, for the redirect itself proves nothing.

        :raises UnknownReferenceError: if no consent of that reference was begun here.
        """

    def linked_banks(self) -> list[LinkedBank]:
        """List the consents that were given and neither replaced nor ended."""

    async def renew(self, requisition_id: UUID, *, redirect_url: str) -> Begun:
        """Begin to renew a consent.

        :raises UnknownConsentError: if there is none of that id.
        """

    async def disconnect(self, requisition_id: UUID) -> tuple[str, ...]:
        """End a consent.

        :returns: the ids of the accounts that it opened.
        :raises UnknownConsentError: if there is none of that id.
        """


type OpenConsents = Callable[[Settings], AbstractAsyncContextManager[Consents]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the app was made with.

    :ivar open_consents: opens the consent service for one request; what it raises is shown as a page.
    :ivar transport: carries requests to Prefect; the network's own if null.
    """

    settings: Settings
    open_consents: OpenConsents
    logos: Logos
    transport: httpx.AsyncBaseTransport | None = None


def get_services(request: Request) -> Services:
    """Give what the app was made with."""
    services = request.app.state.services
    assert isinstance(services, Services)  # noqa: S101 - Starlette's state is untyped; create_app sets it
    return services


type ServicesNeeded = Annotated[Services, Depends(get_services)]


def get_settings(services: ServicesNeeded) -> Settings:
    """Give the settings that the app was made with."""
    return services.settings


type SettingsNeeded = Annotated[Settings, Depends(get_settings)]


async def get_consents(services: ServicesNeeded) -> AsyncIterator[Consents]:
    """Open the consent service for one request."""
    async with services.open_consents(services.settings) as consents:
        yield consents


type ConsentsNeeded = Annotated[Consents, Depends(get_consents)]
type NowNeeded = Annotated[datetime, Depends(utc_now)]
