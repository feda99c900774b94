"""What holds of every notebook: on a phone, with amounts hidden, and when the S3 server goes away while it is open."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from farthing.explore.books import open_books
from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, TODAY, Served, serving
from tests.e2e.test_notebooks import NAMES, PERIOD
from tests.made_up_lake import make_lake
from tests.s3 import running_s3

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

PHONE = {"viewport": {"width": 390, "height": 844}}
LAST = {  # the last heading of each, once it is whole
    "home": "Newest",
    "spending": " payments",
    "cash_flow": " payments",
    "recurring": "is expected until",
    "net_worth": "What moved it",
    "forecast": "How wrong the last forecasts were",
    "review": "Refunds",
    "trust": "What the bank really sent",
    "lab": "What there is to ask",
}
# Texts of a kind that can be read, in no element that is blurred; choices of a closed list cannot.
_READABLE = r"""(kind) => {
  const found = [];
  const look = (node, isBlurred) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!isBlurred && new RegExp(kind).test(node.data)) found.push(node.data);
      return;
    }
    if (["SCRIPT", "STYLE", "TEMPLATE"].includes(node.nodeName)) return;
    if (node.nodeName === "OPTION" && !node.selected) return;
    const blurs = isBlurred || (node instanceof Element && getComputedStyle(node).filter.includes("blur"));
    for (const child of [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes]) look(child, blurs);
  };
  look(document.body, false);
  return found;
}"""


_AMOUNTS = r"(€|NOK)\s?\d|\d\s?(€|NOK)"
_NAMES = "Harbour Homes|Green Basket|Thread House|Bright Energy|\\bJoint\\b|\\bjoint\\b"


def open_whole(page: Page, url: str, name: str, more: str = "") -> None:
    page.goto(f"{url}/notebooks/{name}/?{PERIOD}{more}")
    expect(page.locator("#root").get_by_role("heading", name=LAST[name]).last).to_be_visible(timeout=OPENS)
    expect(page.locator("#f-first")).to_have_count(0)


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_fits_a_phone(served: Served, page: Page) -> None:
    for name in NAMES:
        open_whole(page, served.url, name)
        for part in ("html", "#App"):
            assert page.locator(part).evaluate("part => part.scrollWidth") <= 390, name


def test_hides_amounts_and_names_from_whoever_looks_over_the_shoulder(served: Served, page: Page) -> None:
    [(series,)] = served.books.connection.execute(
        "select series_key from marts.fct_recurring where merchant = 'Harbour Homes'"
    ).fetchall()
    inside = {
        "spending": "&account=joint&in=merchant:Harbour+Homes",
        "cash_flow": "&account=joint&in=merchant:Harbour+Homes",
        "recurring": f"&account=joint&in=series:{series}",
        "review": "&account=joint",
    }
    open_whole(page, served.url, "recurring", inside["recurring"])
    assert "Harbour Homes" in page.evaluate(_READABLE, _NAMES)
    open_whole(page, served.url, "home")
    assert page.evaluate(_READABLE, _AMOUNTS) != []
    page.get_by_role("button", name="Hide amounts").click()
    for name, more in [*((name, "") for name in NAMES), *inside.items()]:
        open_whole(page, served.url, name, more)
        assert page.evaluate(_READABLE, _AMOUNTS) == [], name
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert page.evaluate(_READABLE, _NAMES) == [], name
    open_whole(page, served.url, "home")
    # Which accounts do not reconcile, and whose consent lapses.
    for part in (".f-standing", ".f-needs span"):
        assert "blur" in page.locator(f"#root {part}").first.evaluate("it => getComputedStyle(it).filter"), part
    page.get_by_role("button", name="Show amounts").click()
    open_whole(page, served.url, "home")
    assert page.evaluate(_READABLE, _AMOUNTS) != []


@pytest.mark.slow
def test_goes_on_with_the_last_good_data_when_s3_goes_away(page: Page, tmp_path: Path) -> None:
    with running_s3(tmp_path) as (server, stop):
        settings = server.model_copy(update={"lake_url": "s3://farthing"})
        make_lake(settings, today=TODAY, folder=tmp_path / "s3" / "farthing")
        books = open_books(settings)
        with serving(settings, log=tmp_path / "web.log") as url:
            served = Served(url=url, settings=settings, books=books, log=tmp_path / "web.log")
            open_whole(page, url, "spending")
            stop()

            groceries = served.money(
                "select -sum(amount) from marts.fct_transactions where category = 'Groceries'"
                " and booking_date between date '2025-09-01' and date '2026-08-31'"
            )
            page.locator('path[aria-label*="Category: Groceries"][aria-label*="Payments"]').first.click()
            expect(page.get_by_role("heading", name=f"{groceries} in ")).to_be_visible()
            page.reload()
            expect(page.get_by_role("heading", name=f"{groceries} in ")).to_be_visible(timeout=OPENS)
            for name in NAMES:
                open_whole(page, url, name)
                expect(page.locator("#root").get_by_text("Shown is the copy of").first).to_be_visible()
                expect(page.get_by_text("Traceback")).to_have_count(0)
    assert "Traceback" not in served.log.read_text()
