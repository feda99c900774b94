"""The notebooks in a real browser, cut off from everything but this machine."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from farthing.explore.books import open_books
from farthing.settings import PROJECT_DIR, Settings
from farthing.web.notebooks import list_notebooks
from tests.e2e.axe import serious_faults
from tests.e2e.conftest import needs_chromium
from tests.e2e.sent import Sent
from tests.e2e.serving import OPENS, TODAY, Served, serving
from tests.made_up_lake import make_lake

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

PERIOD = "period=2025-09+to+2026-08"
MOST_SENT = 2_000_000  # bytes, to a browser that was never here
NAMES = [each.name for each in list_notebooks()]


@pytest.mark.parametrize("name", NAMES)
def test_opens_with_data_alone_with_this_machine_and_without_serious_faults(
    served: Served, page: Page, refused: list[str], name: str
) -> None:
    sent = Sent(page)
    page.goto(f"{served.url}/notebooks/{name}/")
    expect(page.get_by_text("Every account reconciles to the last farthing")).to_be_visible(timeout=OPENS)
    expect(page.locator(".f-sql, marimo-table").first).to_be_attached(timeout=OPENS)
    expect(page.locator("marimo-vega svg.marks")).to_have_count(page.locator("marimo-vega").count(), timeout=OPENS)
    assert refused == []
    assert serious_faults(page) == []
    assert 1_000_000 < sent.bytes < MOST_SENT


def test_leads_from_a_bar_to_the_rows_that_add_up_to_it_and_back(
    served: Served, page: Page, refused: list[str]
) -> None:
    rent = served.money(
        "select -sum(amount) from marts.fct_transactions where category = 'Rent' and booking_month = date '2026-03-01'"
    )
    everything = served.money(
        "select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and currency = 'EUR'"
        " and booking_date between date '2025-09-01' and date '2026-08-31'"
    )
    page.goto(f"{served.url}/notebooks/spending/?{PERIOD}")
    bar = page.locator(f'path[aria-label*="Month: Mar 2026; Category: Rent; Spent: {rent}"]')
    expect(bar).to_be_visible(timeout=OPENS)

    bar.click()

    expect(page.get_by_role("heading", name=f"{rent} in 1 payment")).to_be_visible()
    expect(page).to_have_url(re.compile(r"in=month(%3A|:)2026-03(%2C|,)category(%3A|:)Rent"))

    page.reload()
    expect(page.get_by_role("heading", name=f"{rent} in 1 payment")).to_be_visible(timeout=OPENS)
    page.get_by_role("button", name="All spending").click()
    expect(page.get_by_role("heading", name=f"{everything} in ")).to_be_visible()
    assert refused == []


def test_a_bookmarked_view_opens_as_it_was(served: Served, page: Page) -> None:
    groceries = served.money(
        "select -sum(amount) from marts.fct_transactions where category = 'Groceries'"
        " and booking_date between date '2026-04-01' and date '2026-06-30'"
    )
    page.goto(f"{served.url}/notebooks/spending/?period=2026-Q2&in=category:Groceries")
    expect(page.get_by_role("heading", name=f"{groceries} in ")).to_be_visible(timeout=OPENS)


def test_says_when_a_newer_build_is_published_and_shows_the_last_good_data_when_the_lake_is_down(
    page: Page, tmp_path: Path
) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    make_lake(settings, today=TODAY, purchases=100, months=6)
    with serving(settings) as url:
        page.goto(f"{url}/notebooks/home/?watch=300")
        expect(page.get_by_text("Net worth in EUR")).to_be_visible(timeout=OPENS)
        expect(page.locator("#f-first")).to_have_count(0, timeout=OPENS)
        make_lake(settings, today=TODAY, purchases=110, months=6)
        expect(page.get_by_text("A newer build is published")).to_be_visible()
        page.get_by_role("button", name="Show it").click()
        mine = open_books(settings.model_copy(update={"home": tmp_path / "mine"}))
        shown = Served(url=url, settings=settings, books=mine, log=tmp_path / "no.log")
        worth = "from marts.fct_net_worth where currency = 'EUR' and balance_date = '2026-08-31'"
        expect(page.get_by_text(shown.money(f"select net_worth {worth}"), exact=True)).to_be_visible(timeout=OPENS)

        (tmp_path / "lake" / "catalogue" / "farthing.duckdb").write_bytes(b"broken")
        page.goto(f"{url}/notebooks/home/")
        expect(page.get_by_text("Shown is the copy of")).to_be_visible(timeout=OPENS)
        expect(page.get_by_text("Net worth in EUR")).to_be_visible(timeout=OPENS)
        shutil.rmtree(settings.home / "notebooks")
        page.goto(f"{url}/notebooks/home/")
        expect(page.get_by_text("What is published cannot be read")).to_be_visible(timeout=OPENS)


def test_a_phone_can_read_home(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served.url}/notebooks/home/")
    expect(page.get_by_role("heading", name="What is due next")).to_be_visible(timeout=OPENS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_needs_me_leads_to_its_place_on_the_page(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served.url}/notebooks/home/#odd")
    top = "id => document.querySelector(`#root #${id}`)?.getBoundingClientRect().top"
    page.wait_for_function(f"id => Math.abs(({top})(id)) < 200", arg="odd", timeout=OPENS)
    odd = served.money("select amount from marts.fct_anomalies")
    expect(page.locator("#root #odd + ul li").first).to_contain_text(odd)
    page.get_by_role("listitem").filter(has_text="1 mistake is in your own files").get_by_role("link").click()
    expect(page).to_have_url(re.compile("#mistakes$"))
    page.wait_for_function(f"id => Math.abs(({top})(id)) < 200", arg="mistakes")
    expect(page.get_by_text("no such category")).to_be_in_viewport()


@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="SCREENSHOTS=1 renews docs/images")
def test_takes_the_screenshot(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 1200, "height": 1500})
    page.goto(f"{served.url}/notebooks/spending/?{PERIOD}&in=group:Food")
    for mark in ("Month: Mar 2026", "Category: Groceries; Spent"):
        expect(page.locator(f'path[aria-label*="{mark}"]').first).to_be_visible(timeout=OPENS)
    page.screenshot(path=PROJECT_DIR / "docs" / "images" / "spending.png")
