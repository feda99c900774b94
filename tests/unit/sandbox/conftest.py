"""A bank whose time stands still until a test moves it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.sandbox.books import Books
from farthing.sandbox.households import HOUSEHOLDS

SECRETS = {"secret_id": "demo-id", "secret_key": "demo-key"}
BOOKS = Books(HOUSEHOLDS, seed=7)  # takes time, and never changes
REDIRECT = "http://127.0.0.1:7400/connected"


@dataclass
class Clock:
    """The time of a test."""

    now: datetime = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Api:
    """A client of the API that signs in and consents."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.http = TestClient(create_app(bank), base_url="http://127.0.0.1:7403", follow_redirects=False)

    def sign_in(self) -> None:
        access = self.http.post("/api/v2/token/new/", json=SECRETS).json()["access"]
        self.http.headers["Authorization"] = f"Bearer {access}"

    def get(self, path: str, **params: str) -> Any:
        response = self.http.get(f"/api/v2/{path}", params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, **body: object) -> Any:
        response = self.http.post(f"/api/v2/{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    def connect(self, institution_id: str, **terms: object) -> Any:
        """Consent to everything a bank has; returns the linked requisition."""
        bank = self.get(f"institutions/{institution_id}/")
        longest = {
            "max_historical_days": "transaction_total_days",
            "access_valid_for_days": "max_access_valid_for_days",
        }
        agreed = {name: int(bank[limit]) for name, limit in longest.items()} | terms
        agreement = self.post("agreements/enduser/", institution_id=institution_id, **agreed)
        requisition = self.post(
            "requisitions/", institution_id=institution_id, redirect=REDIRECT, agreement=agreement["id"]
        )
        self.http.get(requisition["link"])
        self.http.post(requisition["link"], data={"decision": "authorise"})
        return self.get(f"requisitions/{requisition['id']}/")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "bank.json"


@pytest.fixture
def open_bank(clock: Clock, state_file: Path) -> Callable[[], Api]:
    """Start the bank (again): each call is a new process on the same state."""

    def start() -> Api:
        api = Api(
            Bank(
                secret_id=SECRETS["secret_id"],
                secret_key=SECRETS["secret_key"],
                clock=clock,
                state_file=state_file,
                books=BOOKS,
            )
        )
        api.sign_in()
        return api

    return start


@pytest.fixture
def api(open_bank: Callable[[], Api]) -> Api:
    return open_bank()
