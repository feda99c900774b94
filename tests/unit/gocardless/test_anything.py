"""Whatever comes back, and to whichever call: only the client's own errors, and nothing of it in their words."""

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from farthing.gocardless import BankDataClient, GoCardlessProvider, Pace, TokenAuth, Tokens, open_client
from farthing.gocardless.errors import BankDataError
from farthing.provider import Ask, Endpoint

CANARY = "canary-DE89370400440532013000"
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
PAIR = {"access": CANARY, "access_expires": 86400, "refresh": CANARY, "refresh_expires": 2592000}

type Call = Callable[[BankDataClient], Awaitable[object]]


async def exhaust(entities: Any) -> None:
    async for _ in entities:
        pass


CALLS: dict[str, Call] = {
    "institutions": lambda c: c.institutions("GB"),
    "institution": lambda c: c.institution("i"),
    "create_agreement": lambda c: c.create_agreement("i", 90, 90),
    "agreements": lambda c: exhaust(c.agreements()),
    "agreement": lambda c: c.agreement("e"),
    "accept_agreement": lambda c: c.accept_agreement("e", user_agent="u", ip_address="192.0.2.7"),
    "delete_agreement": lambda c: c.delete_agreement("e"),
    "create_reconfirmation": lambda c: c.create_reconfirmation("e"),
    "reconfirmation": lambda c: c.reconfirmation("e"),
    "create_requisition": lambda c: c.create_requisition("i", "e", "http://localhost/", "r"),
    "requisitions": lambda c: exhaust(c.requisitions()),
    "requisition": lambda c: c.requisition("r"),
    "delete_requisition": lambda c: c.delete_requisition("r"),
    "account": lambda c: c.account("a"),
    "details": lambda c: c.details("a"),
    "balances": lambda c: c.balances("a"),
    "transactions": lambda c: c.transactions("a", date_from=date(2026, 1, 1)),
}

# Any JSON, with the keys and the words that the client looks for strewn in, and a canary wherever text may stand.
WORDS = st.sampled_from([
    "AccessExpiredError", "RateLimitError", "Invalid token", "Authentication failed", "SUSPENDED", "90", "",
    "2026-03-05",
])  # fmt: skip
NAMES = st.sampled_from([
    "id", "status", "name", "type", "summary", "detail", "institution_id", "accounts", "count", "next", "results",
    "account", "balances", "transactions", "booked", "pending", "balanceAmount", "transactionAmount", "amount",
    "bookingDate", "currencyExchange", "creditorAccount", "created", "accepted", "access", "access_expires", "refresh",
    "refresh_expires", "transaction_total_days", "redirect", "iban", "reconfirmed",
])  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from([CANARY, f"{CANARY}\ud83d"]), WORDS, st.text(max_size=4).map(lambda text: f"{CANARY}{text}")
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(min_value=10**18), st.floats(allow_nan=False), TEXTS
)

LIVES = st.one_of(st.integers(0, 10**5), st.integers(min_value=10**9))


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, TEXTS), inner, max_size=5))


def envelopes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The shapes the client expects, so that what is odd stands deep inside them too."""
    lists = st.lists(inner, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"transactions": st.fixed_dictionaries({"booked": lists}, optional={"pending": inner})}),
        st.fixed_dictionaries({"balances": lists}),
        st.fixed_dictionaries({"account": inner}),
        st.fixed_dictionaries({"count": st.integers(0, 9), "results": lists}, optional={"next": inner}),
        st.fixed_dictionaries({"id": TEXTS, "institution_id": TEXTS, "status": TEXTS, "name": inner, "created": inner}),
    )


TOKEN_ANSWERS = st.fixed_dictionaries(
    {"access": TEXTS, "access_expires": LIVES, "refresh": TEXTS, "refresh_expires": LIVES}
).map(lambda document: json.dumps(document).encode())
ANYTHING = st.recursive(SCALARS, containers, max_leaves=20)
JSON = st.one_of(ANYTHING, envelopes(ANYTHING), envelopes(st.one_of(ANYTHING, envelopes(ANYTHING))))
BODIES = st.one_of(
    JSON.map(lambda document: json.dumps(document).encode()),
    JSON.map(lambda document: json.dumps(document).encode()[:-1]),
    st.binary(max_size=40),
    st.binary(max_size=20).map(lambda noise: CANARY.encode() + noise),
)
HEADERS = st.dictionaries(
    st.sampled_from([
        "http_x_ratelimit_remaining", "X-RateLimit-Account-Success-Reset", "Content-Encoding", "Location", "Set-Cookie"
    ]),
    st.sampled_from([CANARY, "-1", "0", "9" * 30, "gzip", "https://[", f"https://x:{CANARY}/", "identity"]),
    max_size=3,
)  # fmt: skip
NOTED = (200, 200, 200, 201, 204, 301, 400, 401, 402, 403, 404, 409, 429, 500, 503)
RESPONSES = st.tuples(st.one_of(st.sampled_from(NOTED), st.integers(200, 599)), HEADERS, BODIES)


class Store:
    """Keeps no tokens."""

    def load(self) -> Tokens | None:
        return None

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        return renew(None)


async def no_sleep(seconds: float) -> None:
    """Go on at once."""


def ask(do: Call, *, data: tuple[int, dict[str, str], bytes], tokens: bool = True) -> BankDataError | None:
    """Make a call and return the error it ends in, which is one of the client's own or the test fails.

    :param tokens: whether the calls for tokens are answered well, or with the data too.
    """
    status, headers, body = data

    def answer(request: httpx.Request) -> httpx.Response:
        if tokens and request.url.path.endswith("/token/new/"):
            return httpx.Response(200, json=PAIR)
        if tokens and request.url.path.endswith("/token/refresh/"):
            return httpx.Response(200, json=PAIR)
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    async def run() -> None:
        secret = SecretStr(CANARY)
        auth = partial(TokenAuth, secret_id=secret, secret_key=secret, store=Store(), now=lambda: NOW)
        pace = Pace(clock=lambda: 0.0, sleep=no_sleep)
        transport = httpx.MockTransport(answer)
        async with open_client("https://bank.test/api/v2/", auth, pace=pace, transport=transport) as client:
            await do(client)

    try:
        asyncio.run(run())
    except BankDataError as error:
        return error
    return None


def words_of(error: BankDataError) -> str:
    """All that an error would show, with what it came from."""
    return f"{error}{error!r}{error.__dict__}{''.join(traceback.format_exception(error))}"


def test_names_every_call_of_the_client() -> None:
    assert set(CALLS) | {"get"} == {name for name in vars(BankDataClient) if not name.startswith("_")}


@pytest.mark.parametrize("do", CALLS.values(), ids=CALLS)
@given(data=RESPONSES)
@example(data=(301, {"Location": f"https://x:{CANARY}/"}, b""))  # the HTTP library quotes it
@example(data=(200, {}, b'{"balances": [{"balanceAmount": {"amount": 1e99999999999999999999}}]}'))
@settings(max_examples=40, deadline=None)
def test_any_answer_ends_well_or_in_an_error_of_our_own(do: Call, data: tuple[int, dict[str, str], bytes]) -> None:
    error = ask(do, data=data)
    assert error is None or CANARY not in words_of(error)


@given(data=st.one_of(RESPONSES, st.tuples(st.just(200), HEADERS, TOKEN_ANSWERS)))
@settings(max_examples=200, deadline=None)
def test_any_answer_to_a_call_for_tokens_does_too(data: tuple[int, dict[str, str], bytes]) -> None:
    error = ask(CALLS["account"], data=data, tokens=False)
    assert error is None or CANARY not in words_of(error)


@given(data=RESPONSES, endpoint=st.sampled_from(Endpoint))
@settings(max_examples=150, deadline=None)
def test_any_answer_is_kept_and_judged_at_the_seam(data: tuple[int, dict[str, str], bytes], endpoint: Endpoint) -> None:
    status, headers, body = data

    async def run() -> None:
        transport = httpx.MockTransport(
            lambda _: httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))
        )
        async with open_client("https://bank.test/api/v2/", httpx.Auth(), transport=transport) as client:
            provider = GoCardlessProvider(client, now=lambda: NOW)
            answer = await provider.fetch(Ask(endpoint=endpoint, account_id="a", institution_id="BANK"))
            assert (answer.status is None) != (answer.failure is None)
            provider.outcome(answer)
            provider.allowance(answer)
            assert CANARY not in repr(answer) or CANARY in str(answer.headers)

    asyncio.run(run())


@pytest.mark.parametrize("do", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("status", [200, 401, 409, 429, 500])
def test_logs_nothing_that_is_private(do: Call, status: int, caplog: pytest.LogCaptureFixture) -> None:
    private = dict.fromkeys(("id", "status", "iban", "summary", "detail", "type", "link", "access", "name"), CANARY)
    headers = {"Set-Cookie": CANARY, "X-RateLimit-Remaining": CANARY}
    with caplog.at_level(logging.DEBUG):
        ask(do, data=(status, headers, json.dumps(private | {"count": 1, "results": [private]}).encode()))
    assert CANARY not in caplog.text
