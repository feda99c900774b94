"""The spending notebook in a real browser, cut off from everything but this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from farthing.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]


@pytest.fixture
def address(lake: Settings) -> Iterator[str]:
    """Start the web app over the made-up lake, and stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lake.home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FARTHING_")} | {
        "FARTHING_LAKE_URL": lake.lake_url,
        "FARTHING_HOME": str(lake.home),
        "FARTHING_WEB_PORT": str(port),
        "FARTHING_ENV_FILE": str(lake.home / "none.env"),
    }
    server = subprocess.Popen([sys.executable, "-m", "farthing.web"], env=environment)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def refused() -> list[str]:
    """Collect the addresses off this machine that the page asked for."""
    return []


@pytest.fixture
def page(refused: list[str]) -> Iterator[Page]:
    def only_loopback(route: Route) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1200, "height": 1400})
        page.route("**/*", only_loopback)
        yield page
        browser.close()


def test_leads_from_a_bar_to_the_transactions_that_add_up_to_it(address: str, page: Page, refused: list[str]) -> None:
    page.goto(f"{address}/notebooks/spending/")
    expect(page.get_by_text("Every account reconciles")).to_be_visible(timeout=60_000)
    housing = page.locator('path[aria-label*="Month: Aug 2026; Category: Housing; Spent: 950.00 EUR"]')
    expect(housing).to_be_visible(timeout=60_000)

    housing.click()

    expect(page.get_by_role("heading", name="Housing in Aug 2026")).to_be_visible()
    expect(page.get_by_role("heading", name="950.00 EUR in 1 transaction")).to_be_visible()
    expect(page.get_by_role("cell", name="950.00 EUR")).to_have_count(1)
    assert refused == []


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            pytest.fail("the web app did not start")
        try:
            with urlopen(f"{address}/healthz", timeout=2):
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail("the web app did not answer in time")
