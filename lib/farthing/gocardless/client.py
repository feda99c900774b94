"""The GoCardless Bank Account Data API, call by call."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Literal, Unpack

import httpx
from pydantic import TypeAdapter

from farthing.gocardless.connection import Connection, open_connection, segment
from farthing.gocardless.entries import AccountBalances, AccountDetails, AccountTransactions
from farthing.gocardless.models import (
    Account,
    Agreement,
    Institution,
    InstitutionFilters,
    Page,
    Reconfirmation,
    Requisition,
    RequisitionOptions,
)
from farthing.gocardless.pace import Pace

type Scope = Literal["balances", "details", "transactions"]

_INSTITUTION = TypeAdapter(Institution)
_INSTITUTIONS = TypeAdapter(list[Institution])
_AGREEMENT = TypeAdapter(Agreement)
_AGREEMENTS = TypeAdapter(Page[Agreement])
_RECONFIRMATION = TypeAdapter(Reconfirmation)
_REQUISITION = TypeAdapter(Requisition)
_REQUISITIONS = TypeAdapter(Page[Requisition])
_ACCOUNT = TypeAdapter(Account)
_DETAILS = TypeAdapter(AccountDetails)
_BALANCES = TypeAdapter(AccountBalances)
_TRANSACTIONS = TypeAdapter(AccountTransactions)


@asynccontextmanager
async def open_client(
    base_url: str,
    auth: httpx.Auth | Callable[[httpx.AsyncClient], httpx.Auth],
    *,
    pace: Pace | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> "AsyncIterator[BankDataClient]":
    """Open a client until the block ends.

    :param base_url: the API's address, ``…/api/v2/``.
    :param auth: signs the requests; one that has to ask for tokens, such as
        :class:`~farthing.gocardless.auth.TokenAuth`, is made with the client that asks.
    :param pace: the limits that this client shares with others; its own if left out.
    :param transport: what carries the requests, if not the network.
    """
    async with open_connection(base_url, auth, pace=pace, transport=transport) as connection:
        yield BankDataClient(connection)


class BankDataClient:
    """Asks GoCardless and says by its errors what to do next.

    Every method but :meth:`get` raises a :class:`~farthing.gocardless.errors.BankDataError`, named by its remedy: the
    ones below are those a caller may meet in good order.
    """

    def __init__(self, connection: Connection) -> None:  # its opener closes it
        self._connection = connection

    async def institutions(
        self, country: str | None = None, **filters: Unpack[InstitutionFilters]
    ) -> list[Institution]:
        """List the banks of a country, or of all.

        :param country: two letters (ISO 3166).
        :raises RequestRefusedError: if the country is not served.
        """
        params = {"country": country} if country else {}
        params |= {name: "true" if wanted else "false" for name, wanted in filters.items()}
        return await self._connection.call("GET", "institutions/", _INSTITUTIONS, params=params)

    async def institution(self, institution_id: str) -> Institution:
        """Fetch one bank, with its features.

        :raises UnavailableError: if there is no such bank.
        """
        return await self._connection.call("GET", f"institutions/{segment(institution_id)}/", _INSTITUTION)

    async def create_agreement(
        self,
        institution_id: str,
        max_historical_days: int,
        access_valid_for_days: int,
        *,
        access_scope: Sequence[Scope] | None = None,
        reconfirmation: bool = False,
    ) -> Agreement:
        """Draw up what the account holder will be asked to allow, for so many days.

        :param access_scope: what may be read; all three scopes if left out.
        :param reconfirmation: whether the holder confirms half-way, for longer access (United Kingdom).
        :raises RequestRefusedError: if the bank allows fewer days; the error's ``fields`` say which.
        :raises QuotaSpentError: if the company's plan allows no more.
        """
        terms: dict[str, object] = {
            "institution_id": institution_id,
            "max_historical_days": max_historical_days,
            "access_valid_for_days": access_valid_for_days,
        }
        if access_scope is not None:
            terms["access_scope"] = list(access_scope)
        if reconfirmation:
            terms["reconfirmation"] = True
        return await self._connection.call("POST", "agreements/enduser/", _AGREEMENT, json=terms)

    def agreements(self) -> AsyncIterator[Agreement]:
        """Go through all agreements, page after page."""
        return self._connection.paged("agreements/enduser/", _AGREEMENTS)

    async def agreement(self, agreement_id: str) -> Agreement:
        """Fetch an agreement.

        :raises UnavailableError: if it was deleted.
        """
        return await self._connection.call("GET", _agreement(agreement_id), _AGREEMENT)

    async def accept_agreement(self, agreement_id: str, *, user_agent: str, ip_address: str) -> Agreement:
        """Accept an agreement in the holder's name, as a company with its own licence may.

        :param user_agent: of the holder's browser.
        :param ip_address: of the holder.
        :raises NotPermittedError: for everyone else, who sends the holder to a requisition's ``link``.
        :raises RequestRefusedError: if it was accepted before.
        """
        consent = {"user_agent": user_agent, "ip_address": ip_address}
        return await self._connection.call("PUT", f"{_agreement(agreement_id)}accept/", _AGREEMENT, json=consent)

    async def delete_agreement(self, agreement_id: str) -> None:
        """Delete an agreement; one that was accepted may go with its requisition only.

        :raises UnavailableError: if it is gone already.
        :raises RequestRefusedError: if it may not be deleted.
        """
        await self._connection.send("DELETE", _agreement(agreement_id))

    async def create_reconfirmation(self, agreement_id: str, *, redirect: str | None = None) -> Reconfirmation:
        """Ask the holder to confirm an agreement half-way; they do so at the answer's ``reconfirmation_url``.

        :param redirect: the address to which the holder comes back.
        :raises NotPermittedError: if the company may not.
        :raises RequestRefusedError: if the agreement has none, or it is not the time for it.
        """
        body = {} if redirect is None else {"redirect": redirect}
        return await self._connection.call("POST", f"{_agreement(agreement_id)}reconfirm/", _RECONFIRMATION, json=body)

    async def reconfirmation(self, agreement_id: str) -> Reconfirmation:
        """Fetch what came of a reconfirmation, account by account.

        :raises UnavailableError: if none was created.
        """
        return await self._connection.call("GET", f"{_agreement(agreement_id)}reconfirm/", _RECONFIRMATION)

    async def create_requisition(
        self,
        institution_id: str,
        agreement_id: str | None,
        redirect: str,
        reference: str,
        **options: Unpack[RequisitionOptions],
    ) -> Requisition:
        """Begin to link accounts; the account holder goes on at the answer's ``link``.

        :param agreement_id: the terms; GoCardless's usual ones (90 days) if null.
        :param redirect: the address to which the holder comes back, with ``?ref=<reference>``.
        :param reference: our own name for it, never used before.
        :raises QuotaSpentError: if the company's plan allows no more.
        """
        wanted = {"institution_id": institution_id, "redirect": redirect, "reference": reference, **options}
        if agreement_id is not None:
            wanted["agreement"] = agreement_id
        return await self._connection.call("POST", "requisitions/", _REQUISITION, json=wanted)

    def requisitions(self) -> AsyncIterator[Requisition]:
        """Go through all requisitions, page after page."""
        return self._connection.paged("requisitions/", _REQUISITIONS)

    async def requisition(self, requisition_id: str) -> Requisition:
        """Fetch a requisition's status and accounts.

        :raises UnavailableError: if it was deleted.
        """
        return await self._connection.call("GET", f"requisitions/{segment(requisition_id)}/", _REQUISITION)

    async def delete_requisition(self, requisition_id: str) -> None:
        """Delete a requisition and its agreement, which ends the access to its accounts.

        :raises UnavailableError: if it is gone already.
        """
        await self._connection.send("DELETE", f"requisitions/{segment(requisition_id)}/")

    async def account(self, account_id: str) -> Account:
        """Fetch an account's metadata; costs none of its allowance.

        :param account_id: the provider's identifier for the account, not its IBAN.
        :raises UnavailableError: if there is no such account.
        """
        return await self._connection.call("GET", _account(account_id), _ACCOUNT)

    async def details(self, account_id: str) -> AccountDetails:
        """Fetch what the bank tells of an account. Like balances and transactions, it can be had a few times a day.

        :raises ConsentLapsedError: if the account holder has to reconnect.
        :raises AllowanceSpentError: if the bank answers no more today.
        """
        return await self._connection.call("GET", f"{_account(account_id)}details/", _DETAILS)

    async def balances(self, account_id: str) -> AccountBalances:
        """Fetch an account's balances; raises what :meth:`details` does."""
        return await self._connection.call("GET", f"{_account(account_id)}balances/", _BALANCES)

    async def transactions(
        self, account_id: str, *, date_from: date | None = None, date_to: date | None = None
    ) -> AccountTransactions:
        """Fetch an account's booked and pending transactions; raises what :meth:`details` does.

        :param date_from: earliest booking or value date wanted; the agreement's earliest if null.
        :param date_to: latest date wanted, not in the future; today if null.
        """
        days = {"date_from": date_from, "date_to": date_to}
        params = {name: day.isoformat() for name, day in days.items() if day is not None}
        return await self._connection.call("GET", f"{_account(account_id)}transactions/", _TRANSACTIONS, params=params)

    async def get(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        """Ask and return the answer as it came, a refusal too.

        :raises httpx.RequestError: if no answer came.
        :raises BankDataError: if no token could be had.
        """
        return await self._connection.get(path, params)


def _agreement(agreement_id: str) -> str:
    return f"agreements/enduser/{segment(agreement_id)}/"


def _account(account_id: str) -> str:
    return f"accounts/{segment(account_id)}/"
