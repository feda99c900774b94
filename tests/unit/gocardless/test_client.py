import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from farthing.gocardless import BankDataClient, open_client
from farthing.gocardless.errors import (
    BankDataError,
    RequestRefusedError,
    TransientError,
    UnavailableError,
    UnexpectedResponseError,
)

CANARY = "CANARY-DE89370400440532013000"

type Call = Callable[[BankDataClient], Awaitable[object]]

INSTITUTION = {"id": "A_B", "name": "A", "transaction_total_days": "730", "max_access_valid_for_days": "180"}
REQUISITION = {"id": "r", "status": "LN", "accounts": ["a", "b"], "link": "https://x.test/", "ssn": None}
AGREEMENT = {"id": "e", "institution_id": "A_B", "max_historical_days": 90, "accepted": None}
ACCOUNT = {"id": "a", "status": "READY", "iban": None, "bban": None, "last_accessed": None}


def call(do: Call, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    async def run() -> object:
        transport = httpx.MockTransport(answer)
        async with open_client("https://bank.test/api/v2/", httpx.Auth(), transport=transport) as client:
            return await do(client)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("do", "body", "method", "target", "sent"),
    [
        pytest.param(lambda c: c.institutions("DE"), [INSTITUTION], "GET", "institutions/?country=DE", None, id="list"),
        pytest.param(lambda c: c.institutions(None), [], "GET", "institutions/", None, id="list-all"),
        pytest.param(lambda c: c.institution("A_B"), INSTITUTION, "GET", "institutions/A_B/", None, id="institution"),
        pytest.param(
            lambda c: c.create_agreement("A_B", 730, 180),
            AGREEMENT,
            "POST",
            "agreements/enduser/",
            {"institution_id": "A_B", "max_historical_days": 730, "access_valid_for_days": 180},
            id="agreement",
        ),
        pytest.param(
            lambda c: c.create_requisition("A_B", "e", "http://localhost/back", "ours"),
            REQUISITION,
            "POST",
            "requisitions/",
            {"institution_id": "A_B", "agreement": "e", "redirect": "http://localhost/back", "reference": "ours"},
            id="create-requisition",
        ),
        pytest.param(lambda c: c.requisition("r"), REQUISITION, "GET", "requisitions/r/", None, id="requisition"),
        pytest.param(lambda c: c.delete_requisition("r"), {}, "DELETE", "requisitions/r/", None, id="delete"),
        pytest.param(lambda c: c.account("a"), ACCOUNT, "GET", "accounts/a/", None, id="account"),
        pytest.param(lambda c: c.account("a/../b?"), ACCOUNT, "GET", "accounts/a%2F..%2Fb%3F/", None, id="odd-id"),
        pytest.param(lambda c: c.get("accounts/a/", {}), {}, "GET", "accounts/a/", None, id="raw"),
    ],
)
def test_asks_as_the_api_wants_it(do: Call, body: object, method: str, target: str, sent: object) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=body)

    call(do, answer)
    [request] = requests
    assert (request.method, str(request.url)) == (method, f"https://bank.test/api/v2/{target}")
    assert json.loads(request.content or b"null") == sent
    assert request.extensions["timeout"]["read"] == 60


def test_reads_numbers_sent_as_text_and_keeps_unknown_fields() -> None:
    bank = call(lambda c: c.institution("A_B"), replying(200, INSTITUTION | {"later": CANARY, "bic": None}))
    assert (bank.transaction_total_days, bank.max_access_valid_for_days, bank.bic) == (730, 180, None)
    assert bank.model_extra == {"later": CANARY}


def test_accepts_requisition_codes_nobody_documents() -> None:
    assert call(lambda c: c.requisition("r"), replying(200, REQUISITION | {"status": "ZZ"})).status == "ZZ"


def test_keeps_what_is_private_out_of_sight() -> None:
    private = ACCOUNT | {"iban": CANARY, "bban": CANARY, "owner_name": CANARY, "name": CANARY, "later": CANARY}
    account = call(lambda c: c.account("a"), replying(200, private))
    assert account.iban == CANARY
    assert CANARY not in f"{account}{account!r}"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(404, {"summary": CANARY}, UnavailableError, id="unknown"),
        pytest.param(400, {"access_valid_for_days": CANARY}, RequestRefusedError, id="too-many-days"),
        pytest.param(200, {"id": [CANARY]}, UnexpectedResponseError, id="wrong-shape"),
        pytest.param(200, CANARY, UnexpectedResponseError, id="wrong-kind"),
        pytest.param(301, {}, UnexpectedResponseError, id="moved"),
    ],
)
def test_names_its_remedy(status: int, body: object, expected: type[BankDataError]) -> None:
    with pytest.raises(expected) as raised:
        call(lambda c: c.requisition("r"), replying(status, body))
    assert CANARY not in f"{raised.value}{raised.value!r}"


def test_names_the_kind_of_a_silence() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("")

    with pytest.raises(TransientError, match=r"bank\.test does not answer \(ReadTimeout\)"):
        call(lambda c: c.requisition("r"), answer)


def test_hands_a_raw_refusal_back() -> None:
    assert call(lambda c: c.get("accounts/a/", {}), replying(503, {})).status_code == 503


@pytest.mark.parametrize(
    ("number", "do"),
    [
        pytest.param("02", lambda c: c.institution("x"), id="institutions"),
        pytest.param("03", lambda c: c.create_agreement("x", 90, 90), id="agreements"),
        pytest.param("04", lambda c: c.requisition("x"), id="requisitions"),
        pytest.param("07", lambda c: c.account("x"), id="accounts"),
    ],
)
def test_reads_every_sample_of_an_entity(sample: Callable[[str], Any], number: str, do: Call) -> None:
    bodies = [case["body"] for case in sample(number)["cases"] if case["status"] < 300]
    entities = [e for body in bodies for e in (body if isinstance(body, list) else [body]) if "id" in e]
    assert entities
    for entity in entities:
        assert call(do, replying(200, entity)).id == entity["id"]


def replying(status: int, body: object) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json=body)
