from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import pytest
from fastapi.testclient import TestClient

from farthing.consent import Bank, LinkResult, UnknownReferenceError
from farthing.settings import Settings
from farthing.web.app import create_app


class MadeUpConsents:
    """A consent service with two banks, whose every known consent ended as ``result`` says."""

    def __init__(self) -> None:
        self.result = LinkResult(institution_name="Brook Bank", status="linked", accounts=2)
        self.redirect_url: str | None = None

    async def institutions(self, country: str) -> Sequence[Bank]:
        banks = [
            Bank(id="BROOK_1", name="brook <Bank>", countries=("GB",), history_days=730, access_days=90),
            Bank(id="ASH_1", name="Ash Bank", countries=("GB", "IE"), history_days=90, access_days=180),
        ]
        return [bank for bank in banks if country in bank.countries]

    async def begin(self, institution_id: str, *, redirect_url: str) -> str:
        self.redirect_url = redirect_url
        return f"https://bank.test/start/{institution_id}"

    async def finish(self, reference: str, *, error: str | None = None) -> LinkResult:
        if reference != "known":
            raise UnknownReferenceError("No consent of that reference was begun here.")
        return self.result


@pytest.fixture
def consents() -> MadeUpConsents:
    return MadeUpConsents()


@pytest.fixture
def client(lake: Settings, consents: MadeUpConsents) -> Iterator[TestClient]:
    app = create_app(lake, lambda _: nullcontext(consents))
    with TestClient(app, base_url="http://127.0.0.1:7400", follow_redirects=False) as client:
        yield client
