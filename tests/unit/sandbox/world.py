"""A sandbox bank that things happen to, for tests of what it answers then."""

from functools import cached_property
from typing import Any

import httpx
from fastapi.testclient import TestClient

from farthing.sandbox.admin import create_admin
from tests.unit.sandbox.conftest import REDIRECT, Api, Clock

HARBOUR, NORDLICHT, KLOMPEN = "HARBOUR_HBRSIEZZ", "NORDLICHT_NOLIDEZZ", "KLOMPEN_KLOMNLZZ"
POLISH, BRITISH, NORDIC = "PIEROGI_PIERPLZZ", "OTTERMERE_OTTEGBZZ", "FJORDKATT_FJKANOZZ"
NOBODY = "00000000-0000-4000-8000-000000000000"


class World:
    """A bank that things happen to, and a client that asks it."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self.api = api
        self.clock = clock
        self._admin = TestClient(create_admin(api.bank))

    def act(self, action: str, **fields: object) -> "World":
        """Make something happen at the bank."""
        self._admin.post("/actions", json={"action": action, **fields}).raise_for_status()
        return self

    def later(self, *, signs_in: bool = True, **by: float) -> "World":
        """Let time pass, and sign in again."""
        self.clock.advance(**by)
        if signs_in:
            self.api.sign_in()
        return self

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Send a call."""
        answer: httpx.Response = self.api.http.request(method, f"/api/v2/{path}", json=body, headers=headers)
        return answer

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def agree(self, **fields: object) -> httpx.Response:
        return self.ask("POST", "agreements/enduser/", {"institution_id": HARBOUR, **fields})

    def require(self, **fields: object) -> httpx.Response:
        return self.ask("POST", "requisitions/", {"institution_id": HARBOUR, "redirect": REDIRECT, **fields})

    def reconfirm(self, agreement: str, **fields: object) -> httpx.Response:
        return self.ask("POST", f"agreements/enduser/{agreement}/reconfirm/", fields)

    def data(self, scope: str = "balances", query: str = "") -> httpx.Response:
        """Ask for data of the linked account."""
        return self.get(f"accounts/{self.account}/{scope}/{query}")

    @cached_property
    def linked(self) -> Any:
        """A requisition that is linked."""
        return self.api.connect(HARBOUR)

    @property
    def account(self) -> str:
        return str(self.linked["accounts"][0])

    @cached_property
    def agreement(self) -> str:
        """An agreement that nobody uses."""
        return str(self.agree().json()["id"])

    @cached_property
    def british(self) -> Any:
        """A linked requisition that has to be confirmed half-way."""
        return self.api.connect(BRITISH, access_valid_for_days=180, reconfirmation=True)

    @property
    def names(self) -> dict[str, str]:
        """What stands in braces in the expected bodies; nothing that the situation has not made."""
        made = vars(self)
        linked, british = made.get("linked", {}), made.get("british", {})
        return {
            "account": (linked.get("accounts") or [""])[0],
            "agreed": linked.get("agreement", ""),
            "requisition": linked.get("id", ""),
            "agreement": made.get("agreement", ""),
            "british": british.get("agreement", ""),
            "british_requisition": british.get("id", ""),
        }
