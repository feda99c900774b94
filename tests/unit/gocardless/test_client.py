import asyncio
import gzip
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from farthing.gocardless import BankDataClient, open_client
from farthing.gocardless.errors import (
    BankDataError,
    NotPermittedError,
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
RECONFIRMATION = {
    "reconfirmation_url": "https://x.test/r",
    "accounts": {"a": {"reconfirmed": "2026-05-21T10:00:09.000001Z", "rejected": ""}},
}
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
        pytest.param(
            lambda c: c.institutions("gb", access_scopes_supported=True, ssn_verification_supported=False),
            [],
            "GET",
            "institutions/?country=gb&access_scopes_supported=true&ssn_verification_supported=false",
            None,
            id="list-filtered",
        ),
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
            lambda c: c.create_agreement("A_B", 90, 180, access_scope=["details"], reconfirmation=True),
            AGREEMENT,
            "POST",
            "agreements/enduser/",
            {
                "institution_id": "A_B",
                "max_historical_days": 90,
                "access_valid_for_days": 180,
                "access_scope": ["details"],
                "reconfirmation": True,
            },
            id="agreement-in-full",
        ),
        pytest.param(lambda c: c.agreement("e"), AGREEMENT, "GET", "agreements/enduser/e/", None, id="get-agreement"),
        pytest.param(
            lambda c: c.accept_agreement("e", user_agent="u", ip_address="192.0.2.7"),
            AGREEMENT,
            "PUT",
            "agreements/enduser/e/accept/",
            {"user_agent": "u", "ip_address": "192.0.2.7"},
            id="accept",
        ),
        pytest.param(
            lambda c: c.delete_agreement("e"), {}, "DELETE", "agreements/enduser/e/", None, id="delete-agreement"
        ),
        pytest.param(
            lambda c: c.create_reconfirmation("e", redirect="http://localhost/"),
            RECONFIRMATION,
            "POST",
            "agreements/enduser/e/reconfirm/",
            {"redirect": "http://localhost/"},
            id="reconfirm",
        ),
        pytest.param(
            lambda c: c.create_reconfirmation("e"),
            RECONFIRMATION,
            "POST",
            "agreements/enduser/e/reconfirm/",
            {},
            id="reconfirm-without-redirect",
        ),
        pytest.param(
            lambda c: c.reconfirmation("e"),
            RECONFIRMATION,
            "GET",
            "agreements/enduser/e/reconfirm/",
            None,
            id="reconfirmation",
        ),
        pytest.param(
            lambda c: c.create_requisition("A_B", None, "http://localhost/", "ours", user_language="de", ssn="s"),
            REQUISITION,
            "POST",
            "requisitions/",
            {
                "institution_id": "A_B",
                "redirect": "http://localhost/",
                "reference": "ours",
                "user_language": "de",
                "ssn": "s",
            },
            id="create-requisition-in-full",
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
        pytest.param(lambda c: c.details("a"), {"account": {}}, "GET", "accounts/a/details/", None, id="details"),
        pytest.param(lambda c: c.balances("a"), {"balances": []}, "GET", "accounts/a/balances/", None, id="balances"),
        pytest.param(
            lambda c: c.transactions("a"),
            {"transactions": {"booked": []}},
            "GET",
            "accounts/a/transactions/",
            None,
            id="transactions",
        ),
        pytest.param(
            lambda c: c.transactions("a", date_from=date(2026, 1, 2), date_to=date(2026, 3, 4)),
            {"transactions": {"booked": []}},
            "GET",
            "accounts/a/transactions/?date_from=2026-01-02&date_to=2026-03-04",
            None,
            id="transactions-of-days",
        ),
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


def test_takes_null_for_absent_where_the_schema_says_otherwise() -> None:
    nulls = dict.fromkeys(("bic", "countries", "logo", "transaction_total_days", "supported_features", "later"))
    bank = call(lambda c: c.institution("A_B"), replying(200, INSTITUTION | nulls))
    assert (bank.bic, bank.countries, bank.transaction_total_days) == (None, (), 90)
    assert bank.model_extra == {"later": None}


def test_reads_a_reconfirmation_account_by_account() -> None:
    found = call(lambda c: c.reconfirmation("e"), replying(200, RECONFIRMATION))
    assert found.accounts["a"].reconfirmed == datetime(2026, 5, 21, 10, 0, 9, 1, tzinfo=UTC)
    assert found.accounts["a"].rejected is None


PRIVATE_ENTRY = {"creditorName": CANARY, "transactionAmount": {"amount": CANARY, "currency": CANARY}, "later": CANARY}


@pytest.mark.parametrize(
    ("do", "body"),
    [
        pytest.param(
            lambda c: c.account("a"),
            ACCOUNT | dict.fromkeys(("iban", "bban", "owner_name", "name", "later"), CANARY),
            id="account",
        ),
        pytest.param(
            lambda c: c.requisition("r"),
            REQUISITION | dict.fromkeys(("link", "reference", "redirect", "ssn", "later"), CANARY),
            id="requisition",
        ),
        pytest.param(
            lambda c: c.reconfirmation("e"),
            {"reconfirmation_url": CANARY, "redirect": CANARY, "later": CANARY},
            id="reconfirmation",
        ),
        pytest.param(
            lambda c: c.details("a"), {"account": {"ownerName": CANARY, "iban": CANARY}, "later": CANARY}, id="details"
        ),
        pytest.param(
            lambda c: c.balances("a"),
            {"balances": [{"balanceAmount": {"amount": CANARY}, "balanceType": CANARY}, CANARY]},
            id="balances",
        ),
        pytest.param(
            lambda c: c.transactions("a"),
            {"transactions": {"booked": [PRIVATE_ENTRY, CANARY], "pending": [PRIVATE_ENTRY], CANARY: CANARY}},
            id="transactions",
        ),
    ],
)
def test_keeps_what_is_private_out_of_sight(do: Call, body: object) -> None:
    got = call(do, replying(200, body))
    assert CANARY in got.model_dump_json()
    assert CANARY not in f"{got}{got!r}"


def test_shows_nothing_of_an_entry() -> None:
    got = call(lambda c: c.transactions("a"), replying(200, {"transactions": {"booked": [PRIVATE_ENTRY]}}))
    entry = got.transactions.booked[0]
    assert entry.creditor_name == CANARY
    assert CANARY not in f"{entry}{entry!r}{entry.transaction_amount!r}"


def test_goes_through_all_pages_and_nowhere_else() -> None:
    requests: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request.url)
        offset = int(request.url.params["offset"])
        ids = [f"r{number}" for number in range(offset, min(offset + 2, 5))]
        following = None if offset >= 4 else "https://elsewhere.test/?offset=9"
        results = [REQUISITION | {"id": each} for each in ids]
        return httpx.Response(200, json={"count": 5, "next": following, "previous": None, "results": results})

    assert [each.id for each in call(lambda c: collect(c.requisitions()), answer)] == ["r0", "r1", "r2", "r3", "r4"]
    assert [(url.host, url.path, url.params["offset"]) for url in requests] == [
        ("bank.test", "/api/v2/requisitions/", offset) for offset in ("0", "2", "4")
    ]


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        pytest.param({"count": 0, "next": None, "results": []}, [], id="empty"),
        pytest.param({"count": 1, "results": [AGREEMENT]}, ["e"], id="no-next-key"),
        pytest.param({"count": 1, "next": "https://x.test/", "results": [AGREEMENT]}, ["e"], id="next-to-nothing"),
    ],
)
def test_knows_where_a_list_ends(page: object, ids: list[str]) -> None:
    assert [each.id for each in call(lambda c: collect(c.agreements()), replying(200, page))] == ids


def test_does_not_go_round_in_circles() -> None:
    page = {"count": 1000, "next": "https://x.test/", "results": [AGREEMENT]}
    with pytest.raises(UnexpectedResponseError, match="repeat"):
        call(lambda c: collect(c.agreements()), replying(200, page))


@pytest.mark.parametrize(
    "do",
    [
        pytest.param(lambda c: c.accept_agreement("e", user_agent=CANARY, ip_address=CANARY), id="accept"),
        pytest.param(lambda c: c.create_reconfirmation("e"), id="reconfirm"),
    ],
)
def test_names_a_missing_permission(do: Call) -> None:
    refusal = {"summary": "Insufficient permissions", "detail": f"Your company {CANARY}", "status_code": 403}
    with pytest.raises(NotPermittedError) as raised:
        call(do, replying(403, refusal))
    assert CANARY not in f"{raised.value}{raised.value!r}"


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_sends_nothing_to_another_address(identifier: str) -> None:
    with pytest.raises(RequestRefusedError):
        call(lambda c: c.delete_requisition(identifier), replying(200, {}))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(404, {"summary": CANARY}, UnavailableError, id="unknown"),
        pytest.param(400, {"access_valid_for_days": CANARY}, RequestRefusedError, id="too-many-days"),
        pytest.param(200, {"id": [CANARY]}, UnexpectedResponseError, id="wrong-shape"),
        pytest.param(200, CANARY, UnexpectedResponseError, id="wrong-kind"),
        pytest.param(200, b'{"id": "CANARY', TransientError, id="cut"),
        pytest.param(200, f"<html>{CANARY}</html>".encode(), TransientError, id="page-of-a-proxy"),
        pytest.param(200, b"", TransientError, id="nothing"),
        pytest.param(200, b'{"id": NaN}', TransientError, id="no-json-number"),
        pytest.param(200, b'{"id": "r", "status": "LN", "x": "\xff"}', TransientError, id="not-utf-8"),
        pytest.param(200, b'{"id":' * 100_000, UnexpectedResponseError, id="too-deep"),
        pytest.param(301, {}, UnexpectedResponseError, id="moved"),
    ],
)
def test_names_its_remedy(status: int, body: object, expected: type[BankDataError]) -> None:
    with pytest.raises(expected) as raised:
        call(lambda c: c.requisition("r"), replying(status, body))
    assert CANARY not in f"{raised.value}{raised.value!r}"


@pytest.mark.parametrize(
    "silence",
    [
        pytest.param(httpx.ReadTimeout(""), id="time-out"),
        pytest.param(httpx.ConnectError(CANARY), id="unreachable"),
        pytest.param(httpx.RemoteProtocolError(CANARY), id="no-http"),
    ],
)
def test_names_the_kind_of_a_silence_and_quotes_nothing(silence: httpx.RequestError) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise silence

    expected = rf"bank\.test does not answer \({type(silence).__name__}\)"
    with pytest.raises(TransientError, match=expected) as raised:
        call(lambda c: c.requisition("r"), answer)
    assert CANARY not in "".join(traceback.format_exception(raised.value))


def test_takes_a_broken_compression_for_a_fault_on_the_way() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip"))

    with pytest.raises(TransientError, match="DecodingError"):
        call(lambda c: c.requisition("r"), answer)


def test_reads_a_compressed_answer_of_twenty_megabytes() -> None:
    entry = {"transactionAmount": {"amount": "-1.00", "currency": "EUR"}, "additionalInformation": "x" * 10_000}
    body = json.dumps({"transactions": {"booked": [entry] * 2000}}).encode()
    assert len(body) > 20_000_000

    def answer(request: httpx.Request) -> httpx.Response:
        assert "gzip" in request.headers["Accept-Encoding"]
        packed = gzip.compress(body, compresslevel=1)
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(packed))

    got = call(lambda c: c.transactions("a"), answer)
    assert len(got.transactions.booked) == 2000
    assert got.transactions.booked[-1].transaction_amount.amount == Decimal("-1.00")


def test_hands_a_raw_refusal_back() -> None:
    assert call(lambda c: c.get("accounts/a/", {}), replying(503, {})).status_code == 503


@pytest.mark.parametrize(
    ("number", "do"),
    [
        pytest.param("02", lambda c: c.institution("x"), id="institutions"),
        pytest.param("03", lambda c: c.create_agreement("x", 90, 90), id="agreements"),
        pytest.param("04", lambda c: c.requisition("x"), id="requisitions"),
        pytest.param("05", lambda c: c.requisition("x"), id="pages"),
        pytest.param("07", lambda c: c.account("x"), id="accounts"),
    ],
)
def test_reads_every_sample_of_an_entity(sample: Callable[[str], Any], number: str, do: Call) -> None:
    bodies = [case["body"] for case in sample(number)["cases"] if case["status"] < 300]
    listed = [body if isinstance(body, list) else body.get("results", [body]) for body in bodies]
    entities = [entity for each in listed for entity in each if "id" in entity]
    assert entities
    for entity in entities:
        assert call(do, replying(200, entity)).id == entity["id"]


async def collect[T](entities: AsyncIterator[T]) -> list[T]:
    return [entity async for entity in entities]


def replying(status: int, body: object) -> Callable[[httpx.Request], httpx.Response]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content)
