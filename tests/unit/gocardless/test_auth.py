import asyncio
import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from pydantic import SecretStr

from farthing.gocardless import TokenAuth, Tokens, TokenStore, open_client
from farthing.gocardless.errors import (
    AllowanceSpentError,
    BankDataError,
    CredentialsRefusedError,
    TransientError,
    UnexpectedResponseError,
)
from farthing.gocardless.tokens import digest_of

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
SECRETS = {"secret_id": "canary-id", "secret_key": "canary-key"}
OWNER = digest_of(SecretStr("canary-id"), SecretStr("canary-key"))
ANOTHER = digest_of(SecretStr("canary-other"), SecretStr("canary-key"))
PAIR = {"access": "canary-new", "access_expires": 86400, "refresh": "canary-refresh", "refresh_expires": 2592000}
RENEWED = {"access": "canary-renewed", "access_expires": 86400}
STALE = {"summary": "Invalid token", "detail": "Token is invalid or expired", "status_code": 401}

type Answering = Callable[[httpx.Request], httpx.Response]


class Store:
    """Remembers what was kept; ``tokens`` may be put there by another process."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = tokens

    def load(self) -> Tokens | None:
        return self.tokens

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        self.tokens = renew(self.tokens)
        return self.tokens


class Bank:
    """Hands out tokens, admits the valid ones, and keeps what it was asked; each answer can be replaced."""

    def __init__(self, *valid: str, **answers: httpx.Response) -> None:
        self.valid = {"canary-new", "canary-renewed", *valid}
        self.answers = answers
        self.asked: list[str] = []
        self.bodies: list[object] = []
        self.timeouts: list[object] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/api/v2/").strip("/")
        self.asked.append(name)
        self.bodies.append(json.loads(request.content or b"null"))
        self.timeouts.append(request.extensions.get("timeout"))
        if answer := self.answers.get(name.replace("/", "_")):
            return answer
        if name == "token/new":
            return httpx.Response(200, json=PAIR)
        if name == "token/refresh":
            return httpx.Response(200, json=RENEWED)
        is_valid = request.headers["Authorization"].removeprefix("Bearer ") in self.valid
        return httpx.Response(200) if is_valid else httpx.Response(401, json=STALE)


def tokens(
    access: str = "canary-stored",
    *,
    lives: timedelta,
    refresh_lives: timedelta = timedelta(days=9),
    owner: str | None = OWNER,
) -> Tokens:
    return Tokens(
        access=SecretStr(access),
        access_expires_at=NOW + lives,
        refresh=SecretStr("canary-kept"),
        refresh_expires_at=NOW + refresh_lives,
        owner=owner,
    )


def auth_with(store: TokenStore) -> Callable[[httpx.AsyncClient], TokenAuth]:
    return partial(
        TokenAuth,
        secret_id=SecretStr(SECRETS["secret_id"]),
        secret_key=SecretStr(SECRETS["secret_key"]),
        store=store,
        now=lambda: NOW,
    )


def get(bank: Answering, store: TokenStore, *, times: int = 1, at_once: bool = False) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.MockTransport(bank)
        async with open_client("https://bank.test/api/v2/", auth_with(store), transport=transport) as client:
            if at_once:
                return list(await asyncio.gather(*(client.get("thing/", {}) for _ in range(times))))
            return [await client.get("thing/", {}) for _ in range(times)]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        pytest.param(None, ["token/new", "thing"], id="nothing-stored"),
        pytest.param(tokens(lives=timedelta(minutes=6)), ["thing"], id="still-good"),
        pytest.param(tokens(lives=timedelta(minutes=5)), ["token/refresh", "thing"], id="about-to-lapse"),
        pytest.param(
            tokens(lives=timedelta(0), refresh_lives=timedelta(minutes=5)), ["token/new", "thing"], id="both-lapsed"
        ),
        pytest.param(
            tokens("canary-revoked", lives=timedelta(hours=9)), ["thing", "token/refresh", "thing"], id="refused"
        ),
        pytest.param(tokens(lives=timedelta(hours=9), owner=ANOTHER), ["token/new", "thing"], id="anothers"),
        pytest.param(
            tokens(lives=timedelta(0), owner=ANOTHER), ["token/new", "thing"], id="anothers-and-about-to-lapse"
        ),
        pytest.param(tokens(lives=timedelta(hours=9), owner=None), ["token/new", "thing"], id="nobodys"),
    ],
)
def test_spends_no_more_tokens_than_it_must(stored: Tokens | None, asked: list[str]) -> None:
    bank, store = Bank("canary-stored"), Store(stored)
    responses = get(bank, store, times=2)
    assert [response.status_code for response in responses] == [200, 200]
    assert bank.asked == [*asked, "thing"]


def test_sends_the_secrets_once_and_keeps_the_pair() -> None:
    bank, store = Bank(), Store()
    get(bank, store)
    assert bank.bodies == [SECRETS, None]
    assert store.tokens == Tokens(
        access=SecretStr("canary-new"),
        access_expires_at=NOW + timedelta(days=1),
        refresh=SecretStr("canary-refresh"),
        refresh_expires_at=NOW + timedelta(days=30),
        owner=OWNER,
    )


def test_keeps_the_refresh_token_that_a_refresh_does_not_repeat() -> None:
    bank, store = Bank(), Store(tokens(lives=timedelta(0)))
    get(bank, store)
    assert bank.bodies[0] == {"refresh": "canary-kept"}
    assert store.tokens == tokens("canary-renewed", lives=timedelta(days=1))


def test_takes_a_new_pair_when_the_refresh_token_is_refused() -> None:
    bank = Bank(token_refresh=httpx.Response(401, json=STALE))
    assert get(bank, Store(tokens(lives=timedelta(0))))[0].status_code == 200
    assert bank.asked == ["token/refresh", "token/new", "thing"]


def test_tries_a_refused_request_once_more_and_no_further() -> None:
    bank = Bank(thing=httpx.Response(401, json=STALE))
    assert get(bank, Store())[0].status_code == 401
    assert bank.asked == ["token/new", "thing", "token/refresh", "thing"]


def test_does_not_repeat_a_401_that_means_something_else() -> None:
    bank = Bank(thing=httpx.Response(401, json={"type": "AccessExpiredError"}))
    assert get(bank, Store())[0].status_code == 401
    assert bank.asked == ["token/new", "thing"]


def test_uses_the_tokens_another_process_has_renewed() -> None:
    store = Store(tokens("canary-revoked", lives=timedelta(hours=9)))
    bank = Bank("canary-theirs")

    def answer(request: httpx.Request) -> httpx.Response:
        response = bank(request)
        store.tokens = tokens("canary-theirs", lives=timedelta(hours=9))
        return response

    assert get(answer, store)[0].status_code == 200
    assert bank.asked == ["thing", "thing"]


def test_makes_no_call_when_another_process_renews_them_first() -> None:
    store, theirs = Store(tokens(lives=timedelta(0))), tokens("canary-theirs", lives=timedelta(hours=9))
    bank = Bank("canary-theirs")

    class Contended(Store):
        """Is let in only after another process has done its work."""

        def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
            self.tokens = theirs
            return super().exchange(renew)

    assert get(bank, Contended(store.tokens))[0].status_code == 200
    assert bank.asked == ["thing"]


def test_finishes_a_renewal_although_the_call_that_needs_it_is_cancelled() -> None:
    store = Store()

    async def ask() -> None:
        asked, answer = asyncio.Event(), asyncio.Event()

        async def slow(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/token/new/"):
                asked.set()
                await answer.wait()
                return httpx.Response(200, json=PAIR)
            return httpx.Response(200)

        transport = httpx.MockTransport(slow)
        async with open_client("https://bank.test/api/v2/", auth_with(store), transport=transport) as client:
            call = asyncio.create_task(client.get("thing/", {}))
            await asked.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            answer.set()
            assert (await client.get("thing/", {})).status_code == 200

    asyncio.run(ask())
    assert store.tokens is not None


def test_shares_one_renewal_among_calls_at_once() -> None:
    bank = Bank()
    get(bank, Store(), times=5, at_once=True)
    assert bank.asked == ["token/new", *["thing"] * 5]


def test_asks_for_tokens_under_the_same_time_outs() -> None:
    bank = Bank()
    get(bank, Store())
    assert bank.timeouts[0] == bank.timeouts[1] is not None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            httpx.Response(401, json={"summary": "Authentication failed"}), CredentialsRefusedError, id="wrong"
        ),
        pytest.param(
            httpx.Response(400, json={"secret_id": ["This field is required."]}), CredentialsRefusedError, id="missing"
        ),
        pytest.param(
            httpx.Response(403, json={"summary": "IP address access denied"}), CredentialsRefusedError, id="address"
        ),
        pytest.param(httpx.Response(429, json={}), AllowanceSpentError, id="too-many-pairs"),
        pytest.param(httpx.Response(502, text="<html>"), TransientError, id="down"),
        pytest.param(httpx.Response(200, json={"access": "canary-only"}), UnexpectedResponseError, id="cut"),
        pytest.param(httpx.Response(200, json=RENEWED), UnexpectedResponseError, id="no-refresh-token"),
        pytest.param(httpx.Response(200, text='{"access": "can'), TransientError, id="truncated"),
        pytest.param(
            httpx.Response(200, json=PAIR | {"access": "canary\r\nX: y"}), UnexpectedResponseError, id="no-header"
        ),
        pytest.param(
            httpx.Response(200, json=PAIR | {"access": "canary-ключ"}), UnexpectedResponseError, id="not-ascii"
        ),
        pytest.param(
            httpx.Response(200, json=PAIR | {"access_expires": 10**20}), UnexpectedResponseError, id="for-ever"
        ),
    ],
)
def test_names_the_remedy_when_no_pair_comes(answer: httpx.Response, expected: type[BankDataError]) -> None:
    store = Store()
    with pytest.raises(expected) as raised:
        get(Bank(token_new=answer), store)
    assert store.tokens is None
    assert "canary" not in f"{raised.value}{raised.value!r}"
    assert raised.value.__cause__ is None
    assert "canary" not in "".join(traceback.format_exception(raised.value))


def test_names_the_settings_when_the_secrets_are_wrong() -> None:
    with pytest.raises(CredentialsRefusedError, match="FARTHING_GOCARDLESS_SECRET_ID"):
        get(Bank(token_new=httpx.Response(401, json={})), Store())


def test_never_shows_a_secret() -> None:
    held = tokens(lives=timedelta(0))
    auth = auth_with(Store(held))(httpx.AsyncClient())
    assert "canary" not in f"{held}{held!r}{held.model_dump_json()}{auth}{auth!r}{vars(auth)}"


def test_writes_its_tokens_for_a_vault_and_reads_them_back() -> None:
    held = tokens(lives=timedelta(hours=9))
    written = held.to_secret()
    assert Tokens.from_secret(written) == held
    assert SECRETS["secret_id"] not in written.get_secret_value()
    assert SECRETS["secret_key"] not in written.get_secret_value()


@pytest.mark.parametrize(
    "kept", ["", "{}", '{"access": "canary", "refresh": "canary"}'], ids=["empty", "bare", "older"]
)
def test_reads_nothing_from_what_another_version_wrote(kept: str) -> None:
    assert Tokens.from_secret(SecretStr(kept)) is None
