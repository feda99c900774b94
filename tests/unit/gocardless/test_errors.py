import json
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from farthing.gocardless.errors import (
    AllowanceSpentError,
    BankDataError,
    ConsentLapsedError,
    CredentialsRefusedError,
    NotReadyError,
    RequestRefusedError,
    StaleTokenError,
    TransientError,
    UnavailableError,
    UnexpectedResponseError,
    error_for,
)
from farthing.provider import Outcome

CANARY = "CANARY-DE89370400440532013000"
EUA = "End User Agreement (EUA) 5bc4ff9a-9d1d-5fa4-8bb6-6b1d0eec1c55"


def said(summary: str, **more: object) -> dict[str, object]:
    return {"summary": summary, "detail": CANARY, "status_code": 1, **more}


def typed(kind: str) -> dict[str, object]:
    return said("Couldn't update account transactions", type=kind)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(400, said("Unknown fields"), RequestRefusedError, id="400-unknown-fields"),
        pytest.param(400, said("Invalid ID"), RequestRefusedError, id="400-id"),
        pytest.param(400, said("Incorrect date range"), RequestRefusedError, id="400-range"),
        pytest.param(400, said(f"{EUA} has expired"), ConsentLapsedError, id="400-eua-expired-as-in-2024"),
        pytest.param(401, said("Authentication failed"), CredentialsRefusedError, id="401-secrets"),
        pytest.param(401, said("Invalid token"), StaleTokenError, id="401-stale-token"),
        pytest.param(401, said(f"{EUA} has expired"), ConsentLapsedError, id="401-eua-expired"),
        pytest.param(401, typed("AccessExpiredError"), ConsentLapsedError, id="401-access-expired"),
        pytest.param(401, typed("AccountInactiveError"), UnavailableError, id="401-inactive"),
        pytest.param(401, {}, UnexpectedResponseError, id="401-unknown"),
        pytest.param(402, said("Payment Required"), RequestRefusedError, id="402-quota"),
        pytest.param(403, said("IP address access denied"), CredentialsRefusedError, id="403-ip"),
        pytest.param(403, said("End User Agreement (EUA) access scope error"), UnavailableError, id="403-scope"),
        pytest.param(403, said("No valid End User Agreement"), ConsentLapsedError, id="403-no-eua"),
        pytest.param(403, typed("AccountAccessForbidden"), UnavailableError, id="403-forbidden"),
        pytest.param(403, typed("AccountResourceUnavailable"), UnavailableError, id="403-resource"),
        pytest.param(403, said("Insufficient permissions"), RequestRefusedError, id="403-licence"),
        pytest.param(403, said(""), RequestRefusedError, id="403-permission"),
        pytest.param(404, said("Not found."), UnavailableError, id="404"),
        pytest.param(404, said("No Account matches the given query."), UnavailableError, id="404-account"),
        pytest.param(405, said("EUA cannot be accepted more than once"), RequestRefusedError, id="405"),
        pytest.param(408, b"", TransientError, id="408-proxy"),
        pytest.param(409, said("Account suspended"), ConsentLapsedError, id="409-suspended"),
        pytest.param(409, typed("AccountProcessing"), NotReadyError, id="409-processing"),
        pytest.param(409, said("Account is processing"), NotReadyError, id="409-processing-untyped"),
        pytest.param(409, {"iban": CANARY, "status": "ERROR"}, TransientError, id="409-state-error"),
        pytest.param(409, {"iban": CANARY, "status": "PROCESSING"}, NotReadyError, id="409-state-processing"),
        pytest.param(409, {"iban": CANARY, "status": "EXPIRED"}, ConsentLapsedError, id="409-state-expired"),
        pytest.param(409, {"iban": CANARY, "status": "SUSPENDED"}, ConsentLapsedError, id="409-state-suspended"),
        pytest.param(409, {"iban": CANARY, "status": CANARY}, UnexpectedResponseError, id="409-state-unknown"),
        pytest.param(409, {"status": ["ERROR"]}, UnexpectedResponseError, id="409-state-odd"),
        pytest.param(429, said("Rate limit exceeded"), AllowanceSpentError, id="429-ours"),
        pytest.param(429, typed("RateLimitError"), AllowanceSpentError, id="429-the-banks"),
        pytest.param(500, typed("UnknownRequestError"), TransientError, id="500-bank"),
        pytest.param(500, said("Couldn't update account transactions"), TransientError, id="500-vendor"),
        pytest.param(503, typed("ServiceError"), TransientError, id="503-service"),
        pytest.param(503, typed("ConnectionError"), TransientError, id="503-connection"),
        pytest.param(503, said("Institution X_Y is not operational"), TransientError, id="503-maintenance"),
        pytest.param(502, f"<html>{CANARY}</html>".encode(), TransientError, id="502-html"),
        pytest.param(504, b"", TransientError, id="504-empty"),
        pytest.param(500, [CANARY], TransientError, id="500-list"),
        pytest.param(500, b'{"a":' * 100_000, TransientError, id="500-too-deep"),
        pytest.param(302, b"", UnexpectedResponseError, id="302"),
        pytest.param(418, typed(CANARY), UnexpectedResponseError, id="unknown-type"),
        pytest.param(503, typed("AccessExpiredError"), ConsentLapsedError, id="type-before-status"),
    ],
)
def test_names_its_remedy_and_quotes_nothing(status: int, body: object, expected: type[BankDataError]) -> None:
    error = error_for(response(status, body))
    assert type(error) is expected
    assert error.status == status
    assert str(status) in str(error)
    assert CANARY not in f"{error}{error!r}{error.__dict__}"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"summary": "Date can't be in future", "detail": CANARY}, id="object"),
        pytest.param([{"summary": "Date can't be in future", "detail": CANARY}], id="objects"),
        pytest.param([CANARY], id="texts"),
        pytest.param(CANARY, id="text"),
    ],
)
def test_names_the_refused_fields_in_each_of_their_four_shapes(fault: object) -> None:
    error = error_for(response(400, {"date_from": fault, "date_to": fault, CANARY: fault, "status_code": 400}))
    assert type(error) is RequestRefusedError
    assert error.fields == ("date_from", "date_to")
    assert "date_from, date_to" in str(error)
    assert CANARY not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"summary": ["Authentication failed"], "detail": ["x"]}, id="lists"),
        pytest.param({"account": {"summary": "Authentication failed"}}, id="field-object"),
        pytest.param({"account": [{"summary": "Authentication failed"}]}, id="field-objects"),
        pytest.param({"account": ["Authentication failed"]}, id="field-texts"),
        pytest.param({"account": "Authentication failed"}, id="field-text"),
    ],
)
def test_finds_the_words_wherever_they_stand(body: object) -> None:
    assert type(error_for(response(400, body))) is CredentialsRefusedError


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("AccessExpiredError", True),
        ("UnknownRequestError", True),
        ("ServiceError", False),
        ("RateLimitError", False),
        ("AccountProcessing", False),
    ],
)
def test_says_whether_it_counts_towards_suspension(kind: str, counts: bool) -> None:
    assert error_for(response(500, typed(kind))).counts_towards_suspension is counts


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (said("Authentication failed"), "FARTHING_GOCARDLESS_SECRET_KEY"),
        (said("IP address access denied"), "IP address"),
    ],
    ids=["secrets", "address"],
)
def test_tells_the_person_what_to_correct(body: object, remedy: str) -> None:
    assert remedy in str(error_for(response(401, body)))


def test_says_how_long_to_wait() -> None:
    error = error_for(response(429, {"detail": "Please try again in 120 seconds"}))
    assert isinstance(error, AllowanceSpentError)
    assert error.retry_in == timedelta(seconds=120)


def test_survives_being_pickled_on_its_way_through_a_task() -> None:
    error = error_for(response(429, {"detail": "Please try again in 120 seconds"}))
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.__dict__) == (str(error), error.__dict__)


SAMPLE_OUTCOMES = {
    "EUAExpired": Outcome.RELINK,
    "AccessExpiredError": Outcome.RELINK,
    "AccountInactiveError": Outcome.SKIP,
    "InvalidToken": Outcome.RETRY,
    "ScopeError": Outcome.SKIP,
    "NoValidEUA": Outcome.RELINK,
    "AccountAccessForbidden": Outcome.SKIP,
    "AccountResourceUnavailable": Outcome.SKIP,
    "NotFound": Outcome.SKIP,
    "DateRange": Outcome.UNEXPECTED,
    "FutureDates": Outcome.UNEXPECTED,
    "AccountSuspended": Outcome.RELINK,
    "AccountState": Outcome.RETRY,
    "AccountProcessing": Outcome.NOT_READY,
    "RateLimitError": Outcome.WAIT,
    "UnknownRequestError": Outcome.RETRY,
    "OurSide": Outcome.RETRY,
    "ServiceError": Outcome.RETRY,
    "ConnectionError": Outcome.RETRY,
    "NotJson": Outcome.RETRY,
}


def test_knows_every_sample_of_an_error(sample: Callable[[str], Any]) -> None:
    cases = sample("20")["cases"]
    outcomes = {case["name"]: error_for(response(case["status"], case["body"])).outcome for case in cases}
    assert outcomes == SAMPLE_OUTCOMES


def response(status: int, body: object) -> httpx.Response:
    return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())
