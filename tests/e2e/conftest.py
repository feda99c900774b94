"""A browser that is cut off from everything but this machine, and the web app in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
OURS = ("FARTHING_", "SANDBOX_", "PREFECT_")


expect.set_options(timeout=20_000)  # milliseconds; a busy machine takes its time


@pytest.fixture
def refused() -> list[str]:
    """Collect the addresses off this machine that the page asked for."""
    return []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium for a module; longer, and its event loop would be in the way of others' tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, refused: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page; a test may ask for another window, time zone and so on, by a parameter."""

    def note(asked: Request) -> None:
        if not asked.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            refused.append(asked.url)

    asked_for = {"viewport": {"width": 1200, "height": 1400}} | getattr(request, "param", {})
    with browser.new_context(**asked_for) as context:
        # Only listened to, for to step in would slow each request down; the browser finds no other machine anyway.
        context.on("request", note)
        yield context.new_page()


@contextmanager
def running(
    module: str, *arguments: str, environment: dict[str, str], ready_url: str, log: Path | None = None
) -> Iterator[None]:
    """Run a server of ours, with none of the settings of whoever runs the tests, until the block ends.

    :param log: gets all that the server writes, which is shown in the end.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", module, *arguments]
    with log.open("wb") if log else nullcontext() as written:
        server = subprocess.Popen(command, env=clean | environment, stdout=written, stderr=written)
        try:
            _wait_until_ready(ready_url, server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)
            if log:
                sys.stderr.write(log.read_text())


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(900):  # a busy machine takes its time
        if server.poll() is not None:
            pytest.fail("the server did not start")
        try:
            with urlopen(url, timeout=2):
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail("the server did not answer in time")
