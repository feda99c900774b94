"""What filters do to the figures of a page, and what a change of them costs."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.conftest import CHROMIUM
from tests.e2e.serving import OPENS, Served, serving_made_up

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]

SPENT = "select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and currency = 'EUR'"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_made_up(tmp_path_factory.mktemp("filters")) as served:
        yield served


@pytest.fixture
def runs(page: Page) -> Counter[str]:
    """Count how often each cell of the page runs."""
    counted = Counter[str]()

    def hear(message: str | bytes) -> None:
        told = json.loads(message)
        if told["op"] == "cell-op" and told["data"].get("status") == "running":
            counted[told["data"]["cell_id"]] += 1

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", hear)

    page.on("websocket", listen)
    return counted


def test_one_change_runs_each_cell_once(served: Served, page: Page, runs: Counter[str]) -> None:
    page.goto(f"{served.url}/notebooks/spending/?period=2026-08")
    heading = page.get_by_role("heading", name=" payments").last
    expect(heading).to_be_visible(timeout=OPENS)
    runs.clear()
    # By the time that the second change is drawn to the last row, all that the first one has caused is over.
    for period, where in (
        ("2026-07", "booking_month = date '2026-07-01'"),
        ("2026-06", "booking_month = date '2026-06-01'"),
    ):
        typed = page.get_by_placeholder("2025-Q1, last 6 weeks")
        typed.fill(period)
        typed.press("Enter")
        expect(heading).to_contain_text(f"{served.money(f'{SPENT} and {where}')} in ")
    assert len(runs) > 5
    assert set(runs.values()) == {2}


def test_hurried_changes_end_with_the_last_one_and_no_traceback(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/notebooks/spending/?period=2026-08")
    period, drawn_as = page.get_by_label("Period"), page.get_by_label("Draw as")
    expect(page.locator("marimo-vega svg").first).to_be_visible(timeout=OPENS)
    for preset, drawing in (("everything", "Calendar"), ("last year", "Treemap"), ("everything", "Bars by month")) * 3:
        period.select_option(preset)
        drawn_as.select_option(drawing)
    typed = page.get_by_placeholder("2025-Q1, last 6 weeks")
    typed.fill("2026-03")
    typed.press("Enter")
    march = served.money(f"{SPENT} and booking_month = date '2026-03-01'")
    expect(page.get_by_role("heading", name=f"{march} in ")).to_be_visible()
    expect(page.locator('path[aria-label*="Day: 1 Mar 2026"]').first).to_be_visible()

    page.get_by_role("heading", name="By category").click()
    assert "Traceback" not in served.log.read_text()
