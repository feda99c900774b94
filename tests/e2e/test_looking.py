"""What one does with the notebooks besides ``spending``, and what one sees of each when there is nothing to see."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from farthing.lake import layout
from farthing.settings import Settings
from tests.e2e.axe import serious_faults
from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, Served, serving
from tests.e2e.test_notebooks import NAMES, PERIOD

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

EUROS = "currency = 'EUR' and "
TOP = "id => document.querySelector(`#root #${id}`).getBoundingClientRect().top < 200"  # is where it was asked for
YEAR = f"{EUROS}booking_date between date '2025-09-01' and date '2026-08-31'"


def test_totals_of_another_currency_are_told_in_the_base_currency_too(served: Served, page: Page) -> None:
    abroad = "marts.fct_transactions where currency = 'NOK'"

    def money(sql: str) -> str:
        return served.money(sql, locale="nb_NO")  # the account is at a bank in Norway

    spent = money(f"select -sum(base_amount) from {abroad}")
    worth = "from marts.fct_net_worth where currency = 'NOK' and balance_date = date '2026-08-31'"
    balance = money(f"select base_net_worth {worth}")
    for name, said in (
        ("spending", spent),
        ("cash_flow", spent),
        ("net_worth", balance),
        ("forecast", balance),
        ("home", balance),
    ):
        page.goto(f"{served.url}/notebooks/{name}/?{PERIOD}&currency=NOK")
        expect(page.locator("#root .f-card em").filter(has_text=f"{said} · ").first).to_be_visible(timeout=OPENS)
        if name == "cash_flow":
            heading = page.get_by_role("heading", name="in 1 payment")
            expect(heading).to_contain_text(f"({money(f'select sum(base_amount) from {abroad}')})")
    own = served.money(f"select net_worth {worth}", currency="NOK", locale="nb_NO")
    expect(page.locator("#root .f-card").filter(has_text="Net worth in NOK").locator("strong")).to_have_text(own)


def test_all_currencies_together_are_what_each_is_at_its_rate(served: Served, page: Page) -> None:
    day = "balance_date = date '2026-08-31'"
    total = served.money(f"select sum(base_balance) from marts.fct_daily_balance where {day}")
    page.goto(f"{served.url}/notebooks/home/")
    card = page.locator("#root .f-card").filter(has_text="All currencies in EUR")
    expect(card.locator("strong")).to_have_text(total, timeout=OPENS)
    expect(card).to_contain_text("EUR + NOK, by rates of 31 August")
    card.click()

    # The address leads to its place on the page, where each currency tells its rate.
    expect(page.locator("#root #all-currencies")).to_be_attached(timeout=OPENS)
    page.wait_for_function(TOP, arg="all-currencies")
    own = served.money(f"select net_worth from marts.fct_net_worth where currency = 'NOK' and {day}", currency="NOK")
    based = served.money(f"select base_net_worth from marts.fct_net_worth where currency = 'NOK' and {day}")
    row = page.locator("#root .f-list li").filter(has_text="NOK")
    expect(row).to_contain_text("1 NOK = 0.085 EUR on 31 August 2026")
    expect(row).to_contain_text(f"{own} · {based}")

    page.goto(f"{served.url}/notebooks/net_worth/?{PERIOD}")
    change = (
        f"(select sum(base_balance) from marts.fct_daily_balance where {day}) - (select sum(base_balance)"
        " from marts.fct_daily_balance where balance_date = date '2025-08-31')"
    )
    paid = f"select sum(base_amount) from marts.fct_transactions where {YEAR.removeprefix(EUROS)}"
    moved = page.locator("marimo-table").filter(has_text="Rates and all else")
    expect(page.get_by_text(f"{served.money(f'select {change}')} from 1 Sep 2025")).to_be_visible(timeout=OPENS)
    last = moved.get_by_role("row").filter(has_text="All together")
    for amount in (
        paid,
        f"select {change} - ({paid})",
        f"select sum(base_balance) from marts.fct_daily_balance where {day}",
    ):
        expect(last).to_contain_text(served.money(amount))


def test_the_figures_of_every_chart_can_be_had_as_files(served: Served, page: Page) -> None:
    spent = f"select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and {YEAR}"
    kept = f"select sum(amount) from marts.fct_transactions where category_kind <> 'transfer' and {YEAR}"
    worth = "select net_worth from marts.fct_net_worth where currency = 'EUR' and balance_date = date '2026-08-31'"
    last = "select sum(balance) from marts.fct_daily_balance where balance_date = date '2026-08-31'"
    everywhere = last.replace("(balance)", "(base_balance)")
    rents = f"select -sum(amount) from marts.fct_transactions where merchant = 'Harbour Homes' and {YEAR}"
    expected = "select sum(balance) from marts.fct_forecast where currency = 'EUR' and days_ahead = 90"

    def ended(rows: pl.DataFrame, part: str) -> pl.DataFrame:
        return rows.filter(pl.col(part).is_in(["All together", "What it became"])).sort("day").tail(1)

    charts_of: dict[str, list[tuple[str | None, Callable[[pl.DataFrame], pl.Series]]]] = {
        "spending": [(spent, lambda rows: rows["spent"]), (None, lambda rows: rows["spent"])],
        "cash_flow": [(kept, lambda rows: rows["amount"])] * 2,
        "net_worth": [
            (worth, lambda rows: ended(rows, "account")["balance"]),
            (everywhere, lambda rows: ended(rows, "of")["balance"]),
        ],
        "recurring": [(rents, lambda rows: rows.filter(pl.col("whom") == "Harbour Homes")["amount"])],
        "forecast": [
            (expected, lambda rows: rows.sort("day").tail(1)["balance"]),
            (f"{last} and currency = 'EUR'", lambda rows: ended(rows, "told")["balance"]),
        ],
    }
    for name, charts in charts_of.items():
        page.goto(f"{served.url}/notebooks/{name}/?{PERIOD}")
        buttons = page.get_by_text("Figures as CSV", exact=True)
        expect(buttons).to_have_count(len(charts), timeout=OPENS)
        for number, (sql, figures) in enumerate(charts):
            found = []
            for form in ("CSV", "Parquet"):
                with page.expect_download(timeout=OPENS) as download:
                    page.get_by_text(f"Figures as {form}", exact=True).nth(number).click()
                found.append(read(download.value.path(), form))
            assert found[0].columns == found[1].columns
            assert found[0]["currency"].unique().to_list() == ["EUR"]
            totals = {figures(rows).cast(pl.Decimal(19, 4)).sum() for rows in found}
            assert len(totals) == 1
            if sql is not None:
                assert {served.money(f"select {total}") for total in totals} == {served.money(sql)}, name


def read(file: Path, form: str) -> pl.DataFrame:
    """Read a file that was downloaded, with amounts as decimals."""
    if form == "Parquet":
        return pl.read_parquet(file)
    names = ("amount", "spent", "balance")
    columns = pl.read_csv(file, n_rows=0).columns
    return pl.read_csv(file, schema_overrides={name: pl.Decimal(19, 4) for name in names if name in columns})


def test_what_is_downloaded_adds_up_to_what_is_shown(served: Served, page: Page) -> None:
    spent = served.money(f"select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and {YEAR}")
    page.goto(f"{served.url}/notebooks/spending/?{PERIOD}")
    expect(page.get_by_role("heading", name=f"{spent} in ")).to_be_visible(timeout=OPENS)

    for name in ("CSV", "Parquet"):
        with page.expect_download(timeout=OPENS) as download:
            page.get_by_text(name, exact=True).click()
        rows = read(download.value.path(), name)
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
    page.mouse.move(box["x"] + box["width"] * 0.37, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.63, box["y"] + 120, steps=5)
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

    # So does one that the bank took back.
    gone = page.locator("marimo-table").filter(has_text="Held by a card").first
    gone.get_by_role("checkbox").first.click()
    expect(page.get_by_role("heading", name="Every version")).to_have_count(2)
    version = page.locator("marimo-table").filter(has_text="Last seen (UTC)").first.get_by_role("row").last
    expect(version).to_contain_text("Lantern Cinema")
    expect(version).to_contain_text(served.money("select amount from marts.fct_retractions"))


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
