"""What one does with the notebooks besides ``spending``, and what one sees of each when there is nothing to see."""

import re
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from farthing.lake import layout
from farthing.settings import Settings
from tests.e2e.conftest import CHROMIUM
from tests.e2e.serving import OPENS, Served, serving
from tests.e2e.test_notebooks import NAMES, PERIOD, serious_faults

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]

YEAR = "currency = 'EUR' and booking_date between date '2025-09-01' and date '2026-08-31'"


def test_totals_of_another_currency_are_told_in_the_base_currency_too(served: Served, page: Page) -> None:
    abroad = "marts.fct_transactions where currency = 'NOK'"
    spent = served.money(f"select -sum(base_amount) from {abroad}")
    balance = served.money(
        "select base_net_worth from marts.fct_net_worth where currency = 'NOK' and balance_date = date '2026-08-31'"
    )
    for name, said in (("spending", spent), ("cash_flow", spent), ("net_worth", balance)):
        page.goto(f"{served.url}/notebooks/{name}/?{PERIOD}&currency=NOK")
        expect(page.locator("#root .f-card em").filter(has_text=f"{said} · ").first).to_be_visible(timeout=OPENS)
    heading = page.get_by_role("heading", name="in 1 payment")
    expect(heading).to_contain_text(f"({served.money(f'select sum(base_amount) from {abroad}')})")


def test_what_is_downloaded_adds_up_to_what_is_shown(served: Served, page: Page) -> None:
    spent = served.money(f"select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and {YEAR}")
    page.goto(f"{served.url}/notebooks/spending/?{PERIOD}")
    expect(page.get_by_role("heading", name=f"{spent} in ")).to_be_visible(timeout=OPENS)

    for name in ("CSV", "Parquet"):
        with page.expect_download(timeout=OPENS) as download:
            page.get_by_text(name, exact=True).click()
        file = download.value.path()
        rows = (
            pl.read_csv(file, schema_overrides={"amount": pl.Decimal(19, 4)})
            if name == "CSV"
            else pl.read_parquet(file)
        )
        [[total]] = served.books.connection.execute("select ?::decimal(19, 4)", [rows["amount"].sum()]).fetchall()
        assert served.money(f"select {total}") == spent


def test_a_typed_period_counts_everywhere_and_is_kept_in_the_address(served: Served, page: Page) -> None:
    quarter = served.money(
        "select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and currency = 'EUR'"
        " and booking_date between date '2026-04-01' and date '2026-06-30'"
    )
    page.goto(f"{served.url}/notebooks/spending/?{PERIOD}")
    typed = page.get_by_placeholder("2025-Q1, last 6 weeks")
    typed.fill("2026-Q2", timeout=OPENS)
    typed.press("Enter")

    expect(page.get_by_role("heading", name=f"{quarter} in ")).to_be_visible(timeout=OPENS)
    expect(page.get_by_text("Spent · Q2 2026")).to_be_visible()
    expect(page).to_have_url(re.compile("period=2026-Q2"))


def test_a_flow_leads_to_its_payments(served: Served, page: Page) -> None:
    rent = served.money(f"select sum(amount) from marts.fct_transactions where category = 'Rent' and {YEAR}")
    page.goto(f"{served.url}/notebooks/cash_flow/?{PERIOD}")
    page.locator(".f-flow a").filter(has_text="Rent").click(timeout=OPENS)

    expect(page.get_by_role("heading", name=f"{rent} in 12 payments")).to_be_visible(timeout=OPENS)


def test_a_brush_over_balances_leads_to_what_moved_them(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/notebooks/net_worth/?{PERIOD}")
    heading = page.get_by_role("heading", name="What moved it, ")
    expect(heading).to_have_text("What moved it, 1 Sep 2025 to 31 Aug 2026", timeout=OPENS)
    chart = page.locator("marimo-vega svg").first
    expect(chart).to_be_visible(timeout=OPENS)
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 120, steps=5)
    page.mouse.up()

    expect(heading).not_to_have_text("What moved it, 1 Sep 2025 to 31 Aug 2026")
    days = heading.inner_text().removeprefix("What moved it, ").split(" to ")
    first, last = (datetime.strptime(day, "%d %b %Y").date() for day in days)  # noqa: DTZ007 - a day has no zone
    moved = served.money(
        "select sum(amount) from marts.fct_transactions where currency = 'EUR'"
        f" and booking_date between date '{first}' and date '{last}'"
    )
    expect(page.get_by_role("heading", name=f"{moved} in ")).to_be_visible()


def test_a_goal_tells_what_is_there_and_what_is_missing(served: Served, page: Page) -> None:
    goal = "from marts.fct_goals where goal = 'Rainy days'"
    there, target, missing, monthly = (
        served.money(f"select {column} {goal}")
        for column in ("balance", "target_amount", "remaining", "needed_per_month")
    )
    [[share]] = served.books.connection.execute(f"select reached_share {goal}").fetchall()
    page.goto(f"{served.url}/notebooks/net_worth/?{PERIOD}")
    told = page.locator(".f-goals li").filter(has_text="Rainy days")
    expect(told).to_contain_text(f"{there} of {target}", timeout=OPENS)
    expect(told).to_contain_text(f"{missing} are missing, {monthly} a month until 30 June 2027")
    expect(told.get_by_role("progressbar")).to_have_attribute("value", str(share))
    expect(page.locator(".f-goals li").filter(has_text="Bicycle")).to_contain_text("reached")


def test_an_entry_leads_to_every_version_of_it(served: Served, page: Page) -> None:
    [[number, amount]] = served.books.connection.execute(
        "select split_part(description, ' ', -1), amount from marts.fct_transactions"
        f" where {YEAR} order by booking_date desc, transaction_key limit 1"
    ).fetchall()
    page.goto(f"{served.url}/notebooks/trust/?{PERIOD}")
    page.locator("marimo-table").last.get_by_role("checkbox").first.click(timeout=OPENS)

    expect(page.get_by_role("heading", name="Every version")).to_be_visible(timeout=OPENS)
    version = page.locator("marimo-table").last.get_by_role("row").filter(has_text=f"payment {number}")
    expect(version).to_contain_text(served.money(f"select {amount}"))


def test_a_statement_of_ones_own_is_answered_and_a_wrong_one_explained(served: Served, page: Page) -> None:
    [[rents]] = served.books.connection.execute(
        "select -sum(amount)::decimal(19, 2) from marts.fct_transactions where category = 'Rent'"
    ).fetchall()
    page.goto(f"{served.url}/notebooks/lab/")
    statement = page.get_by_role("textbox", name="SQL")
    for sql, words in (
        ("select -sum(amount) as rents from marts.fct_transactions where category = 'Rent'", f"{rents}"),
        ("drop view marts.fct_transactions", "SELECT"),
    ):
        statement.fill(sql, timeout=OPENS)
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text(words).last).to_be_visible(timeout=OPENS)


def test_has_no_serious_fault_in_the_dark(served: Served, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    for name in ("home", "lab"):
        page.goto(f"{served.url}/notebooks/{name}/")
        expect(page.locator("#root .f-sql, #root marimo-table").first).to_be_attached(timeout=OPENS)
        assert serious_faults(page) == []


@pytest.mark.parametrize(
    ("catalogue", "sentence"),
    [
        pytest.param(None, "Nothing is published yet: link a bank", id="empty"),
        pytest.param(b"broken", "What is published cannot be read", id="down"),
    ],
)
def test_every_notebook_opens_without_a_lake(
    page: Page, tmp_path: Path, refused: list[str], catalogue: bytes | None, sentence: str
) -> None:
    if catalogue is not None:
        (tmp_path / "lake" / "catalogue").mkdir(parents=True)
        (tmp_path / "lake" / layout.CATALOGUE).write_bytes(catalogue)
    with serving(Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")) as url:
        for name in NAMES:
            page.goto(f"{url}/notebooks/{name}/")
            expect(page.get_by_text(sentence)).to_be_visible(timeout=OPENS)
            expect(page.get_by_text("Traceback")).to_have_count(0)
    assert refused == []
