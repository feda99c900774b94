import json
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from farthing.gocardless.errors import (
    AccessRevokedError,
    AccountClosedError,
    AllowanceSpentError,
    BankDataError,
    BankFailedError,
    ConsentLapsedError,
    CredentialsRefusedError,
    DayNotBegunError,
    NotPermittedError,
    NotReadyError,
    QuotaSpentError,
    RequestRefusedError,
    StaleTokenError,
    TransientError,
    UnavailableError,
    UnexpectedResponseError,
)
from farthing.gocardless.refusals import error_for
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
        pytest.param(400, {"date_to": said("Date can't be in future")}, DayNotBegunError, id="400-future"),
        pytest.param(400, said("Invalid country choice."), RequestRefusedError, id="400-country"),
        pytest.param(400, {"country": said("Invalid country choice.")}, RequestRefusedError, id="400-country-in-2024"),
        pytest.param(400, said("Invalid EndUserAgreement ID"), RequestRefusedError, id="400-agreement-id"),
        pytest.param(
            400, said(f"{CANARY} is not a valid EndUserAgreement UUID. "), RequestRefusedError, id="400-agreement-uuid"
        ),
        pytest.param(400, said("Invalid Account ID"), RequestRefusedError, id="400-account-id"),
        pytest.param(400, {"institution_id": said("Unknown Institution ID X")}, RequestRefusedError, id="400-bank"),
        pytest.param(400, {"access_scope": [said("Unknown value")]}, RequestRefusedError, id="400-scope"),
        pytest.param(400, {"max_historical_days": said("Incorrect")}, RequestRefusedError, id="400-history"),
        pytest.param(400, {"access_valid_for_days": said("Incorrect")}, RequestRefusedError, id="400-access"),
        pytest.param(400, {"reconfirmation": said("Not supported")}, RequestRefusedError, id="400-reconfirmation"),
        pytest.param(400, {"agreement": said("is already associated")}, RequestRefusedError, id="400-used-agreement"),
        pytest.param(400, {"reference": said("Client reference must be unique")}, RequestRefusedError, id="400-twice"),
        pytest.param(400, {"user_language": said("Unsupported")}, RequestRefusedError, id="400-language"),
        pytest.param(400, {"redirect": ["Enter a valid URL."]}, RequestRefusedError, id="400-redirect"),
        pytest.param(400, {"ssn": said("Not supported")}, RequestRefusedError, id="400-ssn"),
        pytest.param(400, {"account_selection": said("Not supported")}, RequestRefusedError, id="400-selection"),
        pytest.param(400, {"institution_id": ["This field is required."]}, RequestRefusedError, id="400-missing"),
        pytest.param(400, said("Cannot delete End User Agreement"), RequestRefusedError, id="400-accepted-agreement"),
        pytest.param(400, said("EUA cannot be accepted more than once"), RequestRefusedError, id="400-accepted-twice"),
        pytest.param(400, said("Reconfirmation is not enabled."), RequestRefusedError, id="400-not-enabled"),
        pytest.param(
            400, said("Reconfirmation requested after acceptance period."), RequestRefusedError, id="400-too-late"
        ),
        pytest.param(400, b"<html>", UnexpectedResponseError, id="400-of-a-proxy"),
        pytest.param(400, said(f"{EUA} has expired"), ConsentLapsedError, id="400-eua-expired-as-in-2024"),
        pytest.param(401, said("Authentication failed"), CredentialsRefusedError, id="401-secrets"),
        pytest.param(401, said("Invalid token"), StaleTokenError, id="401-stale-token"),
        pytest.param(401, said(f"{EUA} has expired"), ConsentLapsedError, id="401-eua-expired"),
        pytest.param(401, typed("AccessExpiredError"), AccessRevokedError, id="401-access-expired"),
        pytest.param(401, typed("AccountInactiveError"), AccountClosedError, id="401-inactive"),
        pytest.param(
            401, said("Authentication credentials were not provided."), UnexpectedResponseError, id="401-unsigned"
        ),
        pytest.param(401, b"<html>", UnexpectedResponseError, id="401-of-a-proxy"),
        pytest.param(401, {}, UnexpectedResponseError, id="401-unknown"),
        pytest.param(402, said("Payment Required"), QuotaSpentError, id="402-quota"),
        pytest.param(403, said("IP address access denied"), CredentialsRefusedError, id="403-ip"),
        pytest.param(403, said("End User Agreement (EUA) access scope error"), UnavailableError, id="403-scope"),
        pytest.param(403, said("No valid End User Agreement"), ConsentLapsedError, id="403-no-eua"),
        pytest.param(403, typed("AccountAccessForbidden"), UnavailableError, id="403-forbidden"),
        pytest.param(403, typed("AccountResourceUnavailable"), UnavailableError, id="403-resource"),
        pytest.param(403, said("Insufficient permissions"), NotPermittedError, id="403-licence"),
        pytest.param(
            403,
            {"summary": "", "detail": "You do not have permission to perform this action."},
            NotPermittedError,
            id="403-permission-said-in-detail",
        ),
        pytest.param(403, said(""), RequestRefusedError, id="403-without-words"),
        pytest.param(403, f"<html>{CANARY}".encode(), UnexpectedResponseError, id="403-of-a-proxy"),
        pytest.param(404, said("Not found."), UnavailableError, id="404"),
        pytest.param(404, said("No Account matches the given query."), UnavailableError, id="404-account"),
        pytest.param(404, said(f"Account ID {CANARY} not found"), UnavailableError, id="404-account-id"),
        pytest.param(404, {"agreement": said("Not found.")}, UnavailableError, id="404-agreement-of-a-requisition"),
        pytest.param(404, f"<html>{CANARY}".encode(), UnexpectedResponseError, id="404-of-a-proxy"),
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
        pytest.param(429, b"<html>", AllowanceSpentError, id="429-of-a-proxy"),
        pytest.param(500, typed("UnknownRequestError"), BankFailedError, id="500-bank"),
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
        pytest.param(503, typed("AccessExpiredError"), AccessRevokedError, id="type-before-status"),
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
        pytest.param({"summary": "Not a date", "detail": CANARY}, id="object"),
        pytest.param([{"summary": "Not a date", "detail": CANARY}], id="objects"),
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


def test_tells_the_five_meanings_of_401_apart() -> None:
    bodies = (
        said("Authentication failed"),
        said("Invalid token"),
        said(f"{EUA} has expired"),
        typed("AccessExpiredError"),
        typed("AccountInactiveError"),
    )
    errors = [error_for(response(401, body)) for body in bodies]
    assert len({type(error) for error in errors}) == len(bodies)
    assert [error.outcome for error in errors] == [
        Outcome.CONFIGURE, Outcome.RETRY, Outcome.RELINK, Outcome.RELINK, Outcome.SKIP
    ]  # fmt: skip


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
    "FutureDates": Outcome.NOT_READY,
    "AccountSuspended": Outcome.RELINK,
    "AccountState": Outcome.RETRY,
    "AccountProcessing": Outcome.NOT_READY,
    "RateLimitError": Outcome.WAIT,
    "UnknownRequestError": Outcome.RETRY_SPARINGLY,
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
