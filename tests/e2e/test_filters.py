"""What filters do to the figures of a page, and what a change of them costs."""

import json
from collections import Counter
from decimal import Decimal

import pytest
from playwright.sync_api import Page, WebSocket, expect

from farthing.explore.money import format_change
from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, Served

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

SPENT = "select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and currency = 'EUR'"
MAY = "currency = 'EUR' and booking_month = date '2026-05-01'"


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


@pytest.mark.parametrize(
    ("name", "choice", "where"),
    [
        pytest.param("Accounts", "Joint 1234", "account_key = 'joint'", id="account"),
        pytest.param("Categories", "Groceries", "category = 'Groceries'", id="category"),
    ],
)
def test_what_is_chosen_of_many_counts_in_every_figure(
    served: Served, page: Page, name: str, choice: str, where: str
) -> None:
    page.goto(f"{served.url}/notebooks/cash_flow/?period=2026-05")
    page.get_by_label(name).click(timeout=OPENS)
    page.get_by_role("option", name=choice, exact=True).click()
    page.keyboard.press("Escape")

    flows = f"from marts.fct_transactions where category_kind <> 'transfer' and {MAY} and {where}"
    expect(page.get_by_role("heading", name=f"{served.money(f'select sum(amount) {flows}')} in ")).to_be_visible()
    spent = served.money(f"select -sum(amount) {flows} and category_kind = 'spending'")
    expect(page.locator(".f-card").filter(has_text="Went out").locator("strong")).to_have_text(spent)


def test_another_currency_shows_its_own_amounts_and_what_they_are_in_the_base_currency(
    served: Served, page: Page
) -> None:
    page.goto(f"{served.url}/notebooks/spending/?period=2026")
    page.get_by_label("Currency").select_option("NOK", timeout=OPENS)

    own = "349,00\N{NO-BREAK SPACE}kr"  # the account is at a bank in Norway
    expect(page.locator(".f-card strong").first).to_have_text(own)
    row = page.locator("marimo-table").last.get_by_role("row").filter(has_text="Fjord Ferries")
    expect(row).to_contain_text(own)
    based = "select -base_amount from marts.fct_transactions where merchant = 'Fjord Ferries'"
    expect(row).to_contain_text(served.money(based, locale="nb_NO"))


@pytest.mark.parametrize(
    ("comparison", "name", "sql"),
    [
        ("the period before", "January 2026", f"{SPENT} and booking_month = date '2026-01-01'"),
        ("the year before", "February 2025", f"{SPENT} and booking_month = date '2025-02-01'"),
        (
            "the usual",
            "The usual for as many days",
            f"select round(({SPENT} and booking_date between date '2025-02-01' and date '2026-01-31') * 28 / 365, 2)",
        ),
    ],
)
def test_compares_with_another_time(served: Served, page: Page, comparison: str, name: str, sql: str) -> None:
    page.goto(f"{served.url}/notebooks/spending/?period=2026-02")
    page.get_by_label("Compare with").select_option(comparison, timeout=OPENS)

    now, then = (f"({SPENT} and booking_month = date '2026-02-01')", f"({sql})")
    card = page.locator(".f-card").filter(has_text=name)
    expect(card.locator("strong")).to_have_text(served.money(f"select {then}"))
    difference = format_change(
        Decimal(str(served.books.connection.execute(f"select {now} - {then}").fetchall()[0][0])), "EUR", locale="en_IE"
    )
    expect(page.locator(".f-card").filter(has_text="Difference").locator("strong")).to_have_text(difference)


def test_the_keyboard_alone_changes_the_period_and_looks_into_a_category(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/notebooks/spending/?period=last+month")
    period = page.get_by_label("Period")
    expect(period).to_be_visible(timeout=OPENS)
    expect(page.locator("#f-first")).to_have_count(0)
    for _ in range(30):
        if period.evaluate("element => element.getRootNode().activeElement === element"):
            break
        page.keyboard.press("Tab")
    expect(period).to_be_focused()
    page.keyboard.type("last year")
    spent = served.money(f"{SPENT} and year(booking_date) = year(current_date) - 1")
    expect(page.get_by_role("heading", name=f"{spent} in ")).to_be_visible()

    into = page.get_by_label("Look into")
    into.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Groceries")
    page.keyboard.press("Enter")
    groceries = served.money(f"{SPENT} and year(booking_date) = year(current_date) - 1 and category = 'Groceries'")
    expect(page.get_by_role("heading", name=f"{groceries} in ")).to_be_visible()
