import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from farthing.gocardless import GoCardlessProvider, open_client
from farthing.gocardless.errors import (
    AllowanceSpentError,
    BankDataError,
    CredentialsRefusedError,
    TransientError,
    UnexpectedResponseError,
)
from farthing.gocardless.landing import COLUMNS
from farthing.provider import Allowance, Answer, Ask, Endpoint, Outcome, Provider

CANARY = "CANARY-DE89370400440532013000"
STARTED = datetime(2026, 3, 9, 12, tzinfo=UTC)
ENDED = STARTED + timedelta(seconds=2)
LEFT = {"http_x_ratelimit_account_success_remaining": "3", "X-RateLimit-Limit": "100"}

type Answering = Callable[[httpx.Request], httpx.Response]


def fetch(ask: Ask, answer: Answering) -> Answer:
    async def run() -> Answer:
        transport = httpx.MockTransport(answer)
        async with open_client("https://bank.test/api/v2/", httpx.Auth(), transport=transport) as client:
            times = iter((STARTED, ENDED))
            provider: Provider = GoCardlessProvider(client, now=lambda: next(times))
            return await provider.fetch(ask)

    return asyncio.run(run())


@pytest.fixture
def provider() -> GoCardlessProvider:
    """A provider that is only asked what answers mean."""

    async def build() -> GoCardlessProvider:
        async with open_client("https://bank.test/", httpx.Auth()) as client:
            return GoCardlessProvider(client, now=lambda: STARTED)

    return asyncio.run(build())


@pytest.mark.parametrize(
    ("ask", "path", "params"),
    [
        pytest.param(Ask(endpoint=Endpoint.ACCOUNTS, account_id="a"), "accounts/a/", {}, id="accounts"),
        pytest.param(Ask(endpoint=Endpoint.DETAILS, account_id="a"), "accounts/a/details/", {}, id="details"),
        pytest.param(
            Ask(endpoint=Endpoint.INSTITUTIONS, account_id="a", institution_id="B/1"),
            "institutions/B%2F1/",
            {},
            id="institutions",
        ),
        pytest.param(
            Ask(endpoint=Endpoint.BALANCES, account_id="a", date_from=date(2026, 1, 1)),
            "accounts/a/balances/",
            {},
            id="balances-have-no-window",
        ),
        pytest.param(
            Ask(endpoint=Endpoint.TRANSACTIONS, account_id="a"), "accounts/a/transactions/", {}, id="transactions"
        ),
        pytest.param(
            Ask(endpoint=Endpoint.TRANSACTIONS, account_id="a", date_from=date(2026, 1, 1), date_to=date(2026, 2, 1)),
            "accounts/a/transactions/",
            {"date_from": "2026-01-01", "date_to": "2026-02-01"},
            id="window",
        ),
    ],
)
def test_returns_what_came_with_how_it_was_asked(ask: Ask, path: str, params: dict[str, str]) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        headers = {"Set-Cookie": CANARY, "Date": "today", "Content-Type": "application/json", **LEFT}
        return httpx.Response(418, headers=headers, content=b"as sent")

    got = fetch(ask, answer)
    assert got == Answer(
        method="GET",
        path=path,
        params=params,
        started_at=STARTED,
        ended_at=ENDED,
        status=418,
        headers={
            "date": "today",
            "content-type": "application/json",
            "http_x_ratelimit_account_success_remaining": "3",
            "x-ratelimit-limit": "100",
        },
        body=b"as sent",
    )
    assert requests[0].url.raw_path.decode().split("?")[0] == f"/api/v2/{path}"
    assert dict(requests[0].url.params) == params


def test_keeps_bodies_and_other_headers_out_of_sight() -> None:
    ask = Ask(endpoint=Endpoint.DETAILS, account_id="a")
    got = fetch(ask, lambda _: httpx.Response(200, headers={"X-Other": CANARY}, content=CANARY.encode()))
    assert got.body == CANARY.encode()
    assert CANARY not in f"{got}{got!r}"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(httpx.ReadTimeout(CANARY), Outcome.RETRY, id="time-out"),
        pytest.param(httpx.ConnectError(CANARY), Outcome.RETRY, id="unreachable"),
        pytest.param(httpx.DecodingError(CANARY), Outcome.RETRY, id="garbled"),
        pytest.param(TransientError("no token"), Outcome.RETRY, id="token-endpoint-down"),
        pytest.param(AllowanceSpentError("no token"), Outcome.WAIT, id="tokens-rationed"),
        pytest.param(UnexpectedResponseError("no token"), Outcome.UNEXPECTED, id="token-answer-odd"),
    ],
)
def test_makes_a_silence_an_answer_too(provider: Provider, error: Exception, outcome: Outcome) -> None:
    got = fetch(Ask(endpoint=Endpoint.DETAILS, account_id="a"), failing(error))
    assert (got.status, got.failure, got.body) == (None, type(error).__name__, b"")
    assert (got.started_at, got.ended_at) == (STARTED, ENDED)
    assert provider.outcome(got) is outcome
    assert provider.allowance(got) is None
    assert CANARY not in repr(got)


def test_lets_refused_secrets_stop_everything() -> None:
    error: BankDataError = CredentialsRefusedError("wrong")
    with pytest.raises(CredentialsRefusedError):
        fetch(Ask(endpoint=Endpoint.DETAILS, account_id="a"), failing(error))


@pytest.mark.parametrize(
    ("path", "status", "body", "expected"),
    [
        pytest.param("accounts/a/", 200, b'{"id":"a"}', Outcome.OK, id="account"),
        pytest.param("accounts/a/details/", 200, b'{"account":{}}', Outcome.OK, id="details"),
        pytest.param("accounts/a/balances/", 200, b'{"balances":[]}', Outcome.OK, id="balances"),
        pytest.param("accounts/a/transactions/", 200, b'{"transactions":{"booked":[]}}', Outcome.OK, id="transactions"),
        pytest.param("accounts/a/transactions/", 200, b'{"transactions":{"boo', Outcome.RETRY, id="cut"),
        pytest.param("accounts/a/transactions/", 200, b'{"balances":[]}', Outcome.RETRY, id="wrong-shape"),
        pytest.param("accounts/a/details/", 204, b"", Outcome.RETRY, id="empty"),
        pytest.param("accounts/a/details/", 302, b"", Outcome.UNEXPECTED, id="moved"),
        pytest.param("accounts/a/details/", 401, b'{"type":"AccessExpiredError"}', Outcome.RELINK, id="lapsed"),
        pytest.param("accounts/a/details/", 401, b'{"summary":"Authentication failed"}', Outcome.CONFIGURE, id="wrong"),
        pytest.param("accounts/a/details/", 403, b'{"type":"AccountResourceUnavailable"}', Outcome.SKIP, id="never"),
        pytest.param("accounts/a/details/", 409, b'{"type":"AccountProcessing"}', Outcome.NOT_READY, id="processing"),
        pytest.param("accounts/a/details/", 429, b"", Outcome.WAIT, id="spent"),
        pytest.param("accounts/a/details/", 503, b"<html>", Outcome.RETRY, id="down"),
    ],
)
def test_says_what_to_do_next(provider: Provider, path: str, status: int, body: bytes, expected: Outcome) -> None:
    assert provider.outcome(answered(path, status, body)) is expected


def test_says_what_is_left(provider: Provider) -> None:
    allowance = provider.allowance(answered("accounts/a/details/", 200, b"", LEFT))
    assert allowance == Allowance(limit=None, remaining=3, reset_in=None)


def test_describes_its_landing(provider: Provider) -> None:
    assert provider.name == "gocardless"
    assert provider.columns == COLUMNS
    assert set(provider.columns) == set(Endpoint)


def answered(path: str, status: int, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    return Answer(
        method="GET",
        path=path,
        params={},
        started_at=STARTED,
        ended_at=ENDED,
        status=status,
        headers=headers or {},
        body=body,
    )


def failing(error: Exception) -> Answering:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer
