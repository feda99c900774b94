"""The client over real connections."""

import asyncio
import gzip
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from farthing.gocardless import TokenAuth, Tokens, open_client
from farthing.gocardless.client import BankDataClient
from farthing.gocardless.errors import TransientError

pytestmark = pytest.mark.integration

CANARY = "canary-DE89370400440532013000"
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
PAIR = {"access": CANARY, "access_expires": 86400, "refresh": CANARY, "refresh_expires": 2592000}


class Store:
    """Keeps no tokens."""

    def load(self) -> Tokens | None:
        return None

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        return renew(None)


class Bank(BaseHTTPRequestHandler):
    """Answers each call with the same body, compressed, and a canary in its headers."""

    protocol_version = "HTTP/1.1"
    body = b""
    claims = 0  # bytes promised beyond those that come
    connections = 0

    def setup(self) -> None:
        type(self).connections += 1
        super().setup()

    def do_GET(self) -> None:
        self._reply(self.body, self.claims)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._reply(json.dumps(PAIR).encode(), 0)

    def _reply(self, body: bytes, claims: int) -> None:
        packed = gzip.compress(body, compresslevel=1)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed) + claims))
        self.send_header("Set-Cookie", CANARY)
        self.end_headers()
        self.wfile.write(packed)
        self.close_connection = bool(claims)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(*, body: object, claims: int = 0) -> Iterator[tuple[str, type[Bank]]]:
    """Serve a bank; gives its base address, and the class that counts its connections."""
    handler = type("OneBank", (Bank,), {"body": json.dumps(body).encode(), "claims": claims})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v2/", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str, *, times: int = 1) -> list[Any]:
    async def run() -> list[Any]:
        secret = SecretStr(CANARY)
        auth = partial(TokenAuth, secret_id=secret, secret_key=secret, store=Store(), now=lambda: NOW)
        async with open_client(url, auth) as client:
            return [await ask_once(client) for _ in range(times)]

    return asyncio.run(run())


async def ask_once(client: BankDataClient) -> object:
    return await client.transactions("a")


def test_connects_anew_for_each_call_so_that_none_is_sent_as_the_server_closes_an_idle_connection() -> None:
    with serving(body={"transactions": {"booked": []}}) as (url, bank):
        assert len(ask(url, times=5)) == 5
    assert bank.connections == 1 + 5  # one for the tokens


def test_reads_a_compressed_answer_of_twenty_megabytes() -> None:
    entry = {"transactionAmount": {"amount": "-1.00", "currency": "EUR"}, "additionalInformation": "x" * 10_000}
    with serving(body={"transactions": {"booked": [entry] * 2000}}) as (url, bank):
        [got] = ask(url)
    assert len(bank.body) > 20_000_000
    assert len(got.transactions.booked) == 2000


def test_logs_nothing_that_is_private(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(body={"transactions": {"booked": [{"iban": CANARY}]}}) as (url, _):
        ask(url)
    assert caplog.records  # httpx has its line
    assert CANARY not in caplog.text


def test_takes_an_answer_that_breaks_off_for_a_fault_on_the_way(caplog: pytest.LogCaptureFixture) -> None:
    broken = serving(body={"transactions": {"booked": []}}, claims=9)
    with caplog.at_level(logging.DEBUG), broken as (url, _), pytest.raises(TransientError, match="RemoteProtocolError"):
        ask(url)
    assert CANARY not in caplog.text
