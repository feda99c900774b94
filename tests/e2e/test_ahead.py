"""What comes again and where it leads: the notebooks ``recurring`` and ``forecast`` in a real browser."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from farthing.explore.books import open_books
from farthing.explore.marks import read_marks
from farthing.explore.money import format_change
from farthing.settings import Settings
from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, TODAY, Served, serving, serving_made_up
from tests.made_up_lake import make_lake

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

PERIOD = "period=2025-09+to+2026-08"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # Of today, for what is due is told from the clock of the server.
    with serving_made_up(tmp_path_factory.mktemp("ahead"), today=datetime.now(UTC).date()) as served:
        yield served


def test_leads_from_a_payment_to_its_row_and_says_what_is_due(served: Served, page: Page, refused: list[str]) -> None:
    yearly = served.money(
        "select -sum(yearly_amount) from marts.fct_recurring where status = 'active' and kind = 'spending'"
    )
    due = served.money(
        "select sum(events.amount) from marts.fct_recurring_events as events inner join marts.fct_recurring as series"
        " using (series_key) where event = 'due' and kind = 'spending' and event_date <= today() + 60"
    )
    page.goto(f"{served.url}/notebooks/recurring/")
    expect(page.get_by_text(yearly, exact=True)).to_be_visible(timeout=OPENS)
    expect(page.get_by_role("heading", name=f"{due} is expected until")).to_be_visible(timeout=OPENS)
    rent = page.locator('path[aria-label*="Whom: Harbour Homes"]').last
    expect(rent).to_be_visible(timeout=OPENS)

    rent.click()

    expect(page.get_by_role("heading", name="-€1,150.00 in 1 payment")).to_be_visible()
    expect(page).to_have_url(re.compile(r"in=series(%3A|:)[0-9a-f]{32}(%2C|,)day(%3A|:)"))
    page.get_by_role("button", name="All series").click()
    expect(page.get_by_role("heading", name="in 1 payment")).to_have_count(0)
    assert refused == []


def test_keeps_a_mark_and_takes_it_back(served: Served, page: Page) -> None:
    [gym] = [str(key) for (key,) in served.books.connection.execute("select md5('Iron Gymjoint')").fetchall()]
    page.goto(f"{served.url}/notebooks/recurring/?in=series:{gym}")
    page.get_by_role("button", name="Cancel").click(timeout=OPENS)
    expect(page.get_by_text("Iron Gym is marked: cancel")).to_be_visible()
    expect(page.get_by_text(served.money("select 12 * 29.90::decimal(9, 2)"), exact=True).first).to_be_visible()
    assert read_marks(served.settings) == {gym: "cancel"}

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: what held before holds again")).to_be_visible()
    assert read_marks(served.settings) == {}


def test_forecast_heeds_what_is_assumed_and_keeps_it_in_the_address(
    served: Served, page: Page, refused: list[str]
) -> None:
    expected = "select sum(balance) from marts.fct_forecast where currency = 'EUR' and days_ahead = 90"
    rents = (
        "select sum(amount) from marts.fct_recurring_events where event = 'due'"
        " and series_key = md5('Harbour Homesjoint') and event_date <= today() + 90"
    )
    [[key, moved]] = served.books.connection.execute(
        f"select md5('Harbour Homesjoint'), ({rents}) * 8 / 100 - 900"
    ).fetchall()
    day = served.books.connection.execute("select today() + 20").fetchall()[0][0]
    page.goto(f"{served.url}/notebooks/forecast/?change=series:8:{key},once:-900:{day}")

    change = format_change(Decimal(str(moved)), "EUR", locale="en_IE")
    expect(page.get_by_text(f"{change}; lowest")).to_be_visible(timeout=OPENS)
    expect(page.get_by_text(served.money(expected), exact=True)).to_be_visible()
    total = served.money(f"select ({expected}) + ({rents}) * 8 / 100 - 900")
    expect(page.get_by_role("heading", name=f"{total} on ")).to_be_visible()

    amount = page.get_by_placeholder("-900 or 250")
    amount.fill("much")
    amount.blur()
    expect(page.get_by_text("That is no amount")).to_be_visible()
    amount.fill("")
    amount.blur()
    without = served.money(f"select ({expected}) + ({rents}) * 8 / 100")
    expect(page.get_by_role("heading", name=f"{without} on ")).to_be_visible()
    expect(page).not_to_have_url(re.compile("once"))
    assert refused == []


def test_a_day_of_the_fan_leads_to_what_its_balance_is_made_of(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/notebooks/forecast/")
    days = page.locator('line[aria-label*="Nine times in ten above"]')
    expect(days.nth(40)).to_be_attached(timeout=OPENS)
    days.nth(40).click(force=True)

    expect(page).to_have_url(re.compile(r"in=day(%3A|:)\d{4}-\d\d-\d\d"))
    chosen = page.url.split("in=day%3A")[-1].split("in=day:")[-1][:10]
    told = served.money(
        f"select sum(balance) from marts.fct_forecast where currency = 'EUR' and balance_date = date '{chosen}'"
    )
    expect(page.get_by_role("heading", name=f"{told} on ")).to_be_visible()

    # Of how wrong forecasts were, a brush chooses days, and each says by how much.
    chart, words = page.locator("marimo-vega svg.marks").last, page.get_by_text("; drag over the chart to choose some")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 80, steps=5)
    page.mouse.up()
    ninety = str(served.books.connection.execute("select strftime(today() - 89, '%-d %b %Y')").fetchall()[0][0])
    expect(words).not_to_contain_text(f"Each day from {ninety}")
    until = words.inner_text().split(" to ")[1].split(";")[0]
    last = datetime.strptime(until, "%d %b %Y").date()  # noqa: DTZ007 - a day has no zone
    row = page.locator("marimo-table").last.get_by_role("row").filter(has_text=str(last)).first
    missed = f"from marts.fct_forecast_error where currency = 'EUR' and balance_date = date '{last}'"
    age = served.books.connection.execute(f"select min(origin_age) {missed}").fetchall()[0][0]
    expect(row).to_contain_text(served.money(f"select sum(error) {missed} and origin_age = {age}"))


@pytest.mark.parametrize(
    ("name", "mart", "sentence"),
    [
        ("recurring", "fct_recurring", "A series shows once it was seen three times"),
        ("forecast", "fct_forecast", "Nothing is told of balances in NOK yet"),
    ],
)
def test_says_what_to_do_without_any_and_shows_the_copy_when_the_lake_is_down(
    page: Page, tmp_path: Path, name: str, mart: str, sentence: str
) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    make_lake(settings, today=TODAY, purchases=100, months=6, empty=frozenset({mart}))
    open_books(settings)
    shutil.rmtree(tmp_path / "lake")
    (tmp_path / "lake" / "catalogue").mkdir(parents=True)
    (tmp_path / "lake" / "catalogue" / "farthing.duckdb").write_bytes(b"broken")
    with serving(settings) as url:
        page.goto(f"{url}/notebooks/{name}/?currency=NOK&period=2026")
        expect(page.get_by_text("Shown is the copy of").first).to_be_visible(timeout=OPENS)
        expect(page.get_by_text(sentence)).to_be_visible(timeout=OPENS)
