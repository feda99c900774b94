"""A consent service and the world outside, made up for tests of the web app."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from farthing.consent import Bank, Begun, LinkedBank, LinkResult, Terms, UnknownConsentError, UnknownReferenceError
from farthing.gocardless.errors import UnavailableError
from farthing.state.models import Purpose

ORIGIN = "http://127.0.0.1:7400"
NOW = datetime(2026, 8, 22, 9, 30, tzinfo=UTC)
ASH = Bank(
    id="ASH_1",
    name="Ash Bank",
    countries=("GB", "IE"),
    logo="https://logos.test/ash.png",
    features=("private_accounts", "card_accounts", "account_selection"),
    terms=(Terms(history_days=730, access_days=180, reconfirmation=True),),
)
BROOK = Bank(
    id="BROOK_1",
    name="brook <Bânk>",
    countries=("GB",),
    logo=None,
    features=(),
    terms=(
        Terms(history_days=730, access_days=90, purpose=Purpose.HISTORY),
        Terms(history_days=90, access_days=90),
    ),
)
LINKED = LinkResult(
    institution_id="BROOK_1",
    institution_name="Brook Bank",
    status="linked",
    account_ids=("one", "two"),
    labels=("Current •••• 0001", "<Saver>"),
    ready=2,
    occasion="abc",
)
FAILED = replace(LINKED, status="failed", account_ids=(), labels=(), ready=0)
WAITING = replace(FAILED, status="waiting")
LIVE = LinkedBank(
    requisition_id=UUID(int=1),
    institution_id="ASH_1",
    institution_name="Ash Bank",
    purpose=Purpose.ONGOING,
    is_live=True,
    accounts=2,
    linked_at=NOW - timedelta(days=30),
    expires_at=NOW + timedelta(days=60, hours=1),
    reconfirm_by=None,
)
LAPSED = replace(
    LIVE,
    requisition_id=UUID(int=2),
    institution_id="BROOK_1",
    institution_name="Brook Bank",
    is_live=False,
    accounts=1,
    expires_at=NOW - timedelta(days=1),
)


class MadeUpConsents:
    """A consent service with two banks, whose every known consent ended as ``result`` says."""

    def __init__(self) -> None:
        self.result = LINKED
        self.linked = [LIVE, LAPSED]
        self.redirect_url: str | None = None

    async def institutions(self, country: str) -> Sequence[Bank]:
        return [bank for bank in (ASH, BROOK) if country in bank.countries]

    async def institution(self, institution_id: str) -> Bank:
        for bank in (ASH, BROOK):
            if bank.id == institution_id:
                return bank
        raise UnavailableError("There is no such bank.")

    async def begin(self, institution_id: str, *, redirect_url: str) -> Begun:
        bank = await self.institution(institution_id)
        self.redirect_url = redirect_url
        return Begun(
            reference="known",
            link=f"https://bank.test/start/{institution_id}",
            institution_name=bank.name,
            terms=bank.terms[0],
        )

    async def finish(self, reference: str, *, error: str | None = None) -> LinkResult:
        if reference != "known":
            raise UnknownReferenceError("No consent of that reference was begun here.")
        return self.result

    def linked_banks(self) -> list[LinkedBank]:
        return self.linked

    async def renew(self, requisition_id: UUID, *, redirect_url: str) -> Begun:
        known = self._known(requisition_id)
        return await self.begin(known.institution_id, redirect_url=redirect_url)

    async def disconnect(self, requisition_id: UUID) -> tuple[str, ...]:
        self.linked = [each for each in self.linked if each is not self._known(requisition_id)]
        return ("one", "two")

    def _known(self, requisition_id: UUID) -> LinkedBank:
        for each in self.linked:
            if each.requisition_id == requisition_id:
                return each
        raise UnknownConsentError("There is no such consent.")


class Outside:
    """What lies beyond the app: Prefect, and the host of the banks' logos. ``down`` answers nothing."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.is_down = False
        self.logo = httpx.Response(200, content=b"a picture", headers={"content-type": "image/png"})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.is_down:
            raise httpx.ConnectError("")
        match request.url.path:
            case "/ash.png":
                return self.logo
            case "/api/deployments/name/sync/sync":
                return httpx.Response(200, json={"id": "d"})
            case "/api/deployments/d/create_flow_run":
                return httpx.Response(201, json={"id": "r"})
        return httpx.Response(404)
