"""The spending notebook in a real browser, cut off from everything but this machine."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from farthing.settings import Settings
from tests.e2e.conftest import CHROMIUM, free_port, running

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]


@pytest.fixture
def address(lake: Settings) -> Iterator[str]:
    """Start the web app over the made-up lake, and stop it afterwards."""
    port = free_port()
    lake.home.mkdir()
    environment = {
        "FARTHING_LAKE_URL": lake.lake_url,
        "FARTHING_HOME": str(lake.home),
        "FARTHING_WEB_PORT": str(port),
        "FARTHING_ENV_FILE": str(lake.home / "none.env"),
    }
    address = f"http://127.0.0.1:{port}"
    with running("farthing.web", environment=environment, ready_url=f"{address}/healthz"):
        yield address


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
