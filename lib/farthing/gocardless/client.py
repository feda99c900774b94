"""The GoCardless Bank Account Data API, call by call."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from farthing.gocardless.errors import TransientError, UnexpectedResponseError, error_for
from farthing.gocardless.models import Account, Agreement, Institution, Requisition

# Some answers wait for the bank itself; a call queues for a connection as long as it takes.
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=10, pool=None)

_INSTITUTION = TypeAdapter(Institution)
_INSTITUTIONS = TypeAdapter(list[Institution])
_AGREEMENT = TypeAdapter(Agreement)
_REQUISITION = TypeAdapter(Requisition)
_ACCOUNT = TypeAdapter(Account)


@asynccontextmanager
async def open_client(
    base_url: str, auth: httpx.Auth, *, transport: httpx.AsyncBaseTransport | None = None
) -> "AsyncIterator[BankDataClient]":
    """Open a client whose connections are reused until the block ends.

    :param base_url: the API's address, ``…/api/v2/``.
    :param auth: signs the requests, such as :class:`~farthing.gocardless.auth.TokenAuth`.
    :param transport: what carries the requests, if not the network.
    """
    async with httpx.AsyncClient(base_url=base_url, auth=auth, timeout=_TIMEOUT, transport=transport) as http:
        yield BankDataClient(http)


class BankDataClient:
    """Asks GoCardless and says by its errors what to do next.

    Every method but :meth:`get` raises a :class:`~farthing.gocardless.errors.BankDataError`, named by its remedy: the
    ones below are those a caller may meet in good order.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:  # has base URL, auth and time-outs; its opener closes it
        self._http = http

    async def institutions(self, country: str | None) -> list[Institution]:
        """List the banks of a country, or of all.

        :param country: two letters (ISO 3166).
        :raises RequestRefusedError: if the country is not served.
        """
        return await self._call("GET", "institutions/", _INSTITUTIONS, params={"country": country} if country else {})

    async def institution(self, institution_id: str) -> Institution:
        """Fetch one bank, with its features.

        :raises UnavailableError: if there is no such bank.
        """
        return await self._call("GET", f"institutions/{_segment(institution_id)}/", _INSTITUTION)

    async def create_agreement(
        self, institution_id: str, max_historical_days: int, access_valid_for_days: int
    ) -> Agreement:
        """Draw up what the account holder will be asked to allow: all three scopes, for so many days.

        :raises RequestRefusedError: if the bank allows fewer days; the error's ``fields`` say which.
        """
        terms = {
            "institution_id": institution_id,
            "max_historical_days": max_historical_days,
            "access_valid_for_days": access_valid_for_days,
        }
        return await self._call("POST", "agreements/enduser/", _AGREEMENT, json=terms)

    async def create_requisition(
        self, institution_id: str, agreement_id: str, redirect: str, reference: str
    ) -> Requisition:
        """Begin to link accounts; the account holder goes on at the answer's ``link``.

        :param redirect: the address to which the holder comes back, with ``?ref=<reference>``.
        :param reference: our own name for it, never used before.
        """
        wanted = {
            "institution_id": institution_id,
            "agreement": agreement_id,
            "redirect": redirect,
            "reference": reference,
        }
        return await self._call("POST", "requisitions/", _REQUISITION, json=wanted)

    async def requisition(self, requisition_id: str) -> Requisition:
        """Fetch a requisition's status and accounts.

        :raises UnavailableError: if it was deleted.
        """
        return await self._call("GET", f"requisitions/{_segment(requisition_id)}/", _REQUISITION)

    async def delete_requisition(self, requisition_id: str) -> None:
        """Delete a requisition and its agreement, which ends the access to its accounts.

        :raises UnavailableError: if it is gone already.
        """
        await self._send("DELETE", f"requisitions/{_segment(requisition_id)}/")

    async def account(self, account_id: str) -> Account:
        """Fetch an account's metadata; costs none of its allowance.

        :param account_id: the provider's identifier for the account, not its IBAN.
        :raises UnavailableError: if there is no such account.
        """
        return await self._call("GET", f"accounts/{_segment(account_id)}/", _ACCOUNT)

    async def get(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        """Ask and return the answer as it came, a refusal too.

        :raises httpx.RequestError: if no answer came.
        :raises BankDataError: if no token could be had.
        """
        return await self._http.get(path, params=params)

    async def _call[T](self, method: str, path: str, shape: TypeAdapter[T], **content: Any) -> T:
        response = await self._send(method, path, **content)
        try:
            return shape.validate_json(response.content)
        except ValidationError as exc:
            message = f"{method} {path}: the answer has {exc.error_count()} bad fields."
            raise UnexpectedResponseError(message, status=response.status_code) from None

    async def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **content)
        except httpx.RequestError as exc:  # a time-out's own text can be empty, so name its class
            message = (
                f"GoCardless at {self._http.base_url.host} does not answer ({type(exc).__name__}): "
                "check the network and FARTHING_GOCARDLESS_URL, or try again later."
            )
            raise TransientError(message) from exc
        if not response.is_success:
            raise error_for(response)
        return response


def _segment(identifier: str) -> str:
    """Make an identifier safe to stand in a path."""
    return quote(identifier, safe="")
