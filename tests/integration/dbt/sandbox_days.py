"""Some days of the sandbox bank, landed day by day as a sync would."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from fastapi.testclient import TestClient

from farthing.gocardless.landing import read
from farthing.provider import Endpoint
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank

type Row = dict[str, str | None]


class Lake(Protocol):
    """What is used of the fixture ``lake``."""

    def add(
        self,
        endpoint: str,
        account_id: str,
        asked: str,
        rows: list[Row] = ...,
        *,
        date_from: str | None = None,
        date_to: str | None = None,
        outcome: str = "ok",
    ) -> None: ...


@dataclass
class SandboxDays:
    """A bank whose time stands still until the next day is asked for, and a person who linked some banks at it."""

    now: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    accounts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        bank = Bank(secret_id="me", secret_key="secret", clock=lambda: self.now)
        self._http = TestClient(create_app(bank), base_url="http://bank.test", follow_redirects=False)

    def link(self, institution_id: str, days: int = 90) -> None:
        """Consent to everything that the bank has."""
        self._sign_in()
        terms = {"institution_id": institution_id, "max_historical_days": days}
        agreement = self._post("agreements/enduser/", terms)["id"]
        place = {"institution_id": institution_id, "redirect": "http://test/back", "agreement": agreement}
        requisition = self._post("requisitions/", place)
        self._http.get(requisition["link"])
        self._http.post(requisition["link"], data={"decision": "authorise"})
        self.accounts += json.loads(self._get(f"requisitions/{requisition['id']}/"))["accounts"]

    def sync(self, lake: Lake, *, days: int, lookback: int = 14) -> None:
        """Land an answer of each account and endpoint for each of the days."""
        first = self.now.date() - timedelta(days=60)
        for today in self._days(days):
            asked = self.now.isoformat()
            for account in self.accounts:
                for endpoint in Endpoint:
                    window: dict[str, Any] = {}
                    path = f"accounts/{account}/"
                    if endpoint is Endpoint.TRANSACTIONS:
                        window = {"date_from": first.isoformat(), "date_to": today.isoformat()}
                    path += "" if endpoint is Endpoint.ACCOUNTS else f"{endpoint}/"
                    rows = read(endpoint, self._get(path, **window)).rows[endpoint]
                    lake.add(endpoint, account, asked, [dict(row) for row in rows], **window)
            first = today - timedelta(days=lookback)

    def _days(self, count: int) -> Iterator[date]:
        for number in range(count):
            if number:
                self.now += timedelta(days=1)
            self._sign_in()
            yield self.now.date()

    def _sign_in(self) -> None:
        self._http.headers.pop("Authorization", None)
        token = self._post("token/new/", {"secret_id": "me", "secret_key": "secret"})["access"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def _get(self, path: str, **params: str) -> bytes:
        return self._http.get(f"/api/v2/{path}", params=params).raise_for_status().content

    def _post(self, path: str, body: dict[str, object]) -> Any:
        return self._http.post(f"/api/v2/{path}", json=body).raise_for_status().json()
