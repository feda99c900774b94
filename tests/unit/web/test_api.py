"""The JSON API: what it answers, and that it is as its own description says."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from farthing.errors import FarthingError, ServiceDownError
from farthing.gocardless.errors import (
    AllowanceSpentError,
    CredentialsRefusedError,
    QuotaSpentError,
    RequestRefusedError,
    TransientError,
    UnexpectedResponseError,
)
from tests.unit.web.made_up import LAPSED, LINKED, LIVE, ORIGIN, MadeUpConsents, Outside

BANK_IDS, REQUISITION_IDS = ["ASH_1", "BROOK_1"], [str(LIVE.requisition_id), str(LAPSED.requisition_id)]
# Each operation, with the names that exist for its path's one parameter.
OPERATIONS = {
    "GET /api/banks": [],
    "GET /api/banks/{institution_id}": BANK_IDS,
    "GET /api/consents": [],
    "GET /api/edition": [],
    "POST /api/consents": [],
    "GET /api/consents/{consent}": ["known"],
    "POST /api/consents/{consent}/sync": ["known"],
    "POST /api/consents/{consent}/renew": REQUISITION_IDS,
    "DELETE /api/consents/{consent}": REQUISITION_IDS,
}


def test_lists_banks_and_tells_of_one(client: TestClient) -> None:
    listed = client.get("/api/banks", params={"country": "gb"}).json()

    assert [bank["id"] for bank in listed] == ["ASH_1", "BROOK_1"]
    assert listed[1] == client.get("/api/banks/BROOK_1").json()
    assert [terms["purpose"] for terms in listed[1]["terms"]] == ["history", "ongoing"]


def test_begins_a_consent_and_tells_how_it_stands(client: TestClient) -> None:
    begun = client.post("/api/consents", json={"institution_id": "ASH_1"})
    progress = client.get(f"/api/consents/{begun.json()['reference']}").json()

    assert (begun.status_code, begun.json()["link"]) == (201, "https://bank.test/start/ASH_1")
    assert (progress["status"], progress["ready"], progress["is_ready"]) == ("linked", 2, True)


def test_lists_renews_and_ends_consents(client: TestClient, consents: MadeUpConsents) -> None:
    listed = client.get("/api/consents").json()
    assert [UUID(each["requisition_id"]) for each in listed] == [LIVE.requisition_id, LAPSED.requisition_id]

    renewed = client.post(f"/api/consents/{LAPSED.requisition_id}/renew")
    ended = client.delete(f"/api/consents/{LIVE.requisition_id}")

    assert (renewed.status_code, renewed.json()["link"]) == (201, "https://bank.test/start/BROOK_1")
    assert (ended.status_code, ended.json()) == (200, {"account_ids": ["one", "two"]})
    assert consents.linked == [LAPSED]


def test_starts_a_sync_only_when_every_account_is_ready(
    client: TestClient, consents: MadeUpConsents, outside: Outside
) -> None:
    consents.result = replace(LINKED, ready=1)
    early = client.post("/api/consents/known/sync")
    assert (early.status_code, early.json()["error"], outside.asked) == (409, "NotReady", [])

    consents.result = LINKED
    assert client.post("/api/consents/known/sync").json() == {"url": "http://127.0.0.1:7401/runs/flow-run/r"}

    outside.is_down = True
    assert client.post("/api/consents/known/sync").json() == {"url": None}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestRefusedError("x"), 422),
        (QuotaSpentError("x"), 409),
        (AllowanceSpentError("x"), 429),
        (TransientError("x"), 502),
        (UnexpectedResponseError("x"), 502),
        (CredentialsRefusedError("x"), 503),
        (ServiceDownError("x"), 503),
    ],
    ids=lambda value: type(value).__name__,
)
def test_names_what_to_do_next(
    client: TestClient, consents: MadeUpConsents, monkeypatch: pytest.MonkeyPatch, error: FarthingError, status: int
) -> None:
    async def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(consents, "institutions", fail)

    refused = client.get("/api/banks", params={"country": "GB"})

    assert (refused.status_code, refused.json()["detail"]) == (status, "x")
    assert f"{refused.json()['error']}Error" == type(error).__name__


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        pytest.param("GET", "/api/consents/strange", None, 404, "UnknownReference", id="unknown-reference"),
        pytest.param("DELETE", f"/api/consents/{UUID(int=9)}", None, 404, "UnknownConsent", id="unknown-consent"),
        pytest.param("GET", "/api/banks/OAK_1", None, 404, "Unavailable", id="unknown-bank"),
        pytest.param("GET", "/api/banks?country=GBR", None, 422, "InvalidRequest", id="no-country"),
        pytest.param(
            "POST", "/api/consents", {"institution_id": "1", "iban": "canary"}, 422, "InvalidRequest", id="more"
        ),
        pytest.param("GET", "/api/nowhere", None, 404, "NoSuchPage", id="no-such-path"),
        pytest.param("PUT", "/api/consents", None, 405, "MethodNotAllowed", id="no-such-method"),
    ],
)
def test_answers_every_refusal_in_one_form(
    client: TestClient, method: str, path: str, body: object, status: int, error: str
) -> None:
    refused = client.request(method, path, json=body)

    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert set(refused.json()) == {"error", "detail"}
    assert "canary" not in refused.text


def test_describes_every_operation_and_nothing_else(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    page = client.get("/docs").text

    described = [f"{method.upper()} {path}" for path, each in document["paths"].items() for method in each]
    assert sorted(described) == sorted(OPERATIONS)
    for name in (*OPERATIONS, *document["components"]["schemas"]):
        assert name in page
    assert "https://" not in page  # it loads nothing from elsewhere


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("label", OPERATIONS)
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_as_it_is_described(app: FastAPI, label: str, data: st.DataObject) -> None:
    """Send what the description allows and what it does not; half of the names exist."""
    operation: Any = schemathesis.openapi.from_dict(app.openapi())[label.split()[1]][label.split(maxsplit=1)[0]]
    operation.app = app
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    mode = data.draw(st.sampled_from(modes if operation.body or list(operation.iter_parameters()) else modes[:1]))
    case = data.draw(operation.as_strategy(generation_mode=mode))
    for name in case.path_parameters or {}:
        if data.draw(st.booleans()):
            case.path_parameters[name] = data.draw(st.sampled_from(OPERATIONS[label]))

    response = case.call(base_url=ORIGIN, headers={"Host": httpx.URL(ORIGIN).netloc.decode()})

    case.validate_response(response)
