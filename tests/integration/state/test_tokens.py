"""GoCardless's tokens, kept in a real Postgres and shared by processes."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from farthing.assembly import StoredTokens, bank_data, consents, source_of
from farthing.errors import ConfigurationError
from farthing.gocardless.tokens import Tokens, digest_of
from farthing.settings import Settings
from farthing.state.models import Credential
from farthing.state.tokens import SecretStore
from farthing.state.vault import Vault, make_key

pytestmark = pytest.mark.integration

LONG_AGO, FAR_OFF = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
PAIR = {"access": "canary-new", "access_expires": 86400, "refresh": "canary-refresh", "refresh_expires": 2592000}
ASK = """
import asyncio
from farthing.assembly import bank_data, sessions
from farthing.settings import Settings

async def ask():
    settings = Settings()
    with sessions(settings) as new_session:
        async with bank_data(settings, new_session) as client:
            print((await client.account("a")).id)

asyncio.run(ask())
"""


class Bank:
    """A server that gives out tokens, but answers no call for them before ``is_awaited`` says so."""

    def __init__(self, is_awaited: Callable[[], bool]) -> None:
        self.asked: Counter[str] = Counter()
        self._lock = Lock()
        self._is_awaited = is_awaited

    def answer(self, path: str) -> dict[str, object]:
        name = path.removeprefix("/api/v2/").strip("/")
        with self._lock:
            self.asked[name] += 1
        if not name.startswith("token"):
            return {"id": "a", "status": "READY"}
        tick = Event()  # never set: it only lets others run while the fact is awaited
        while not self._is_awaited() and self.asked[name] < 2:
            tick.wait(0.01)
        return PAIR if name == "token/new" else {"access": "canary-renewed", "access_expires": 86400}


@contextmanager
def serving(bank: Bank) -> Iterator[str]:
    """Serve a bank; gives its base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(bank.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v2/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings_for(url: str, key: str, tmp_path: Path, *, secret_id: str = "id") -> Settings:
    return Settings(
        home=tmp_path,
        gocardless_url=url,
        gocardless_secret_id=SecretStr(secret_id),
        gocardless_secret_key=SecretStr("key"),
        vault_key=SecretStr(key),
    )


def test_without_a_secret_the_consents_are_listed_and_a_call_says_what_to_set(
    state_engine: Engine, new_session: sessionmaker[Session], tmp_path: Path
) -> None:
    url = SecretStr(state_engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    settings = Settings(home=tmp_path, database_url=url, vault_key=SecretStr(make_key()))

    async def ask() -> None:
        async with consents(settings) as service:
            assert service.linked_banks() == []
            with pytest.raises(ConfigurationError, match="FARTHING_GOCARDLESS_SECRET_ID is not set: put GoCardless's"):
                await service.institutions("DE")

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("is_stored", "call"),
    [pytest.param(True, "token/refresh", id="refresh"), pytest.param(False, "token/new", id="new-pair")],
)
def test_two_processes_at_once_renew_the_tokens_once(
    new_session: sessionmaker[Session], state_engine: Engine, tmp_path: Path, is_stored: bool, call: str
) -> None:
    def is_another_waiting() -> bool:
        with state_engine.connect() as connection:
            waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
            return bool(connection.scalar(waiting))

    bank, key = Bank(is_another_waiting), make_key()
    with serving(bank) as url:
        settings = settings_for(url, key, tmp_path)
        store = SecretStore(
            new_session, Vault(SecretStr(key)), provider=source_of(settings), kind="tokens", now=lambda: NOW
        )
        if is_stored:
            StoredTokens(store).exchange(
                lambda _: Tokens(
                    access=SecretStr("canary-lapsed"),
                    access_expires_at=LONG_AGO,
                    refresh=SecretStr("canary-refresh"),
                    refresh_expires_at=FAR_OFF,
                    owner=digest_of(SecretStr("id"), SecretStr("key")),
                )
            )
        environment = os.environ | {
            "FARTHING_HOME": str(tmp_path),
            "FARTHING_GOCARDLESS_URL": url,
            "FARTHING_GOCARDLESS_SECRET_ID": "id",
            "FARTHING_GOCARDLESS_SECRET_KEY": "key",
            "FARTHING_VAULT_KEY": key,
            "FARTHING_DATABASE_URL": state_engine.url.set(drivername="postgresql").render_as_string(False),
        }
        processes = [
            subprocess.Popen([sys.executable, "-c", ASK], env=environment, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        try:
            said = [process.communicate(timeout=120)[0] for process in processes]
        finally:
            for process in processes:
                process.kill()
    assert said == ["a\n", "a\n"]
    assert bank.asked == {call: 1, "accounts/a": 2}


def test_another_secret_at_the_same_host_never_uses_the_old_pair(
    new_session: sessionmaker[Session], tmp_path: Path
) -> None:
    asked: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/api/v2/").strip("/")
        asked.append((name, request.headers.get("Authorization")))
        if name != "token/new":
            return httpx.Response(200, json={"id": "a"})
        secret_id = json.loads(request.content)["secret_id"]
        return httpx.Response(200, json=PAIR | {"access": f"canary-of-{secret_id}"})

    key = make_key()

    def ask(secret_id: str) -> None:
        settings = settings_for("https://bank.test/api/v2/", key, tmp_path, secret_id=secret_id)

        async def run() -> None:
            transport = httpx.MockTransport(answer)
            async with bank_data(settings, new_session, now=lambda: NOW, transport=transport) as client:
                await client.account("a")

        asyncio.run(run())

    for secret_id in ("first", "first", "second", "second"):
        ask(secret_id)
    assert asked == [
        ("token/new", None),
        ("accounts/a", "Bearer canary-of-first"),
        ("accounts/a", "Bearer canary-of-first"),
        ("token/new", None),
        ("accounts/a", "Bearer canary-of-second"),
        ("accounts/a", "Bearer canary-of-second"),
    ]
    with new_session() as session:
        [kept] = session.scalars(select(Credential))
        opened = Vault(SecretStr(key)).decrypt(kept.ciphertext).get_secret_value()
    assert "canary" not in f"{kept.provider}{kept.kind}{kept.ciphertext.decode()}"
    assert "second" not in opened.replace("canary-of-second", "")
