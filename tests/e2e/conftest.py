"""A browser that is cut off from everything but this machine, and something for it to look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.e2e.serving import Served, serving_made_up

# Without the parts that a window needs it takes a third less of the processor.
_SHELL, _WHOLE = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = _SHELL if _SHELL.exists() else _WHOLE
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")
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


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run the web app over a made-up lake, which tests leave as they found it."""
    with serving_made_up(tmp_path_factory.mktemp("served")) as served:
        yield served
