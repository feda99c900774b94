"""From a mark to the rows that add up to it, a level deeper each time, and back again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, Served

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

SPENT = "select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and currency = 'EUR'"


@pytest.mark.parametrize(
    ("drawing", "by", "mark", "where", "step"),
    [
        pytest.param(
            "Treemap",
            "what comes next",
            "Category: Groceries",
            "category = 'Groceries'",
            "category:Groceries",
            id="treemap",
        ),
        pytest.param(
            "Calendar",
            "what comes next",
            "Day: Sunday, 1 March 2026",
            "booking_date = date '2026-03-01'",
            "day:2026-03-01",
            id="calendar",
        ),
        pytest.param(
            "Treemap", "account", "Account: Joint 1234", "account_key = 'joint'", "account:joint", id="account"
        ),
        pytest.param(
            "Bars by month",
            "account",
            "Month: Mar 2026; Account: Joint 1234",
            "account_key = 'joint' and booking_month = date '2026-03-01'",
            "month:2026-03(%2C|,)account:joint",
            id="account-by-month",
        ),
    ],
)
def test_a_mark_leads_to_rows_of_its_own_amount(
    served: Served, page: Page, drawing: str, by: str, mark: str, where: str, step: str
) -> None:
    page.goto(f"{served.url}/notebooks/spending/?period=2026-01+to+2026-06")
    page.get_by_label("Draw as").select_option(drawing, timeout=OPENS)
    page.get_by_label("By", exact=True).select_option(by)
    spent = served.money(f"{SPENT} and booking_date between date '2026-01-01' and date '2026-06-30' and {where}")
    drawn = page.locator(f'path[aria-label*="{mark}; Spent: {spent}"]').first
    drawn.click()

    expect(page.get_by_role("heading", name=re.compile(rf"^{re.escape(spent)} in \d+ payment"))).to_be_visible()
    expect(page.locator(".f-card strong").first).to_have_text(spent)
    expect(page).to_have_url(re.compile(f"in={step}".replace(":", "(%3A|:)")))
    for name, chosen in (("drawn_as", drawing), ("by", by)):  # of which the first choice goes without saying
        if chosen not in ("Bars by month", "what comes next"):
            expect(page).to_have_url(re.compile(f"{name}={chosen}"))


def test_leads_from_a_year_to_a_payment_level_by_level_and_back(served: Served, page: Page) -> None:
    levels = [
        ("All spending", "true"),
        ("2025", "year(booking_date) = 2025"),
        ("Groceries", "category = 'Groceries'"),
        ("2025-03", "booking_month = date '2025-03-01'"),
        ("Corner & Sons", "merchant = 'Corner & Sons'"),
    ]
    told = [
        served.money(f"{SPENT} and {' and '.join(where for _, where in levels[: depth + 1])}")
        for depth in range(len(levels))
    ]
    heading = page.get_by_role("heading", name=re.compile(r" in [\d,]+ payments?$"))
    page.goto(f"{served.url}/notebooks/spending/?period=2022-01+to+2026-08")
    expect(heading).to_contain_text(f"{told[0]} in", timeout=OPENS)
    for mark, depth in (  # a bar stands for its year or month, and for its category
        ("Year: 2025; Category: Groceries", 2),
        ("Month: Mar 2025; Category: Groceries", 3),
        ("Merchant: Corner & Sons", 4),
    ):
        page.locator(f'path[aria-label*="{mark}; Spent: {told[depth]}"]').first.click()
        expect(heading).to_contain_text(f"{told[depth]} in")
    [(count,)] = served.books.connection.execute(
        "select count(*) from marts.fct_transactions where merchant = 'Corner & Sons' and category_kind = 'spending'"
        " and booking_month = date '2025-03-01'"
    ).fetchall()
    table = page.locator("marimo-table").last
    expect(table.get_by_role("row").filter(has_text="Corner & Sons payment")).to_have_count(count)

    for depth in (3, 2, 1, 0):
        page.get_by_role("button", name=levels[depth][0], exact=True).click()
        expect(heading).to_contain_text(f"{told[depth]} in")
    expect(page).not_to_have_url(re.compile("in="))


@pytest.mark.parametrize("page", [{"timezone_id": "Pacific/Honolulu"}], indirect=True)
def test_days_are_the_same_where_midnight_of_utc_is_a_day_ago(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/notebooks/net_worth/?period=2026-03-01+to+2026-03-31")
    axis = page.locator("marimo-vega svg .role-axis-label text")
    expect(axis.first).to_have_text("1 Mar", timeout=OPENS)
    # All of the chart is brushed, so all of the month is what moved it.
    box = page.locator("marimo-vega svg .background").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 40, steps=5)
    page.mouse.up()
    expect(page.get_by_role("heading", name="What moved it, ")).to_have_text("What moved it, 1 Mar 2026 to 30 Mar 2026")
