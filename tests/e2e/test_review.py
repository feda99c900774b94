"""Putting the books right in a real browser: what is staged, what lies in the lake after saving, and after undoing."""

import os
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from farthing.explore.books import Books, open_books
from farthing.explore.money import format_money
from farthing.explore.queries import Query
from farthing.lake.reference import CategoryOverride, Note, RefundDecision, Rule, Split, Tag, TransferDecision, current
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import PROJECT_DIR, Settings
from tests.e2e.axe import serious_faults
from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, Served

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

PERIOD = "period=2025-09+to+2026-08"
YEAR = "booking_date between date '2025-09-01' and date '2026-08-31'"


class Review:
    """The review page over a made-up lake of its own, and what a person does there."""

    def __init__(self, url: str, settings: Settings, page: Page) -> None:
        self.page = page
        self.store: ObjectStore = open_store(settings)
        self.books: Books = open_books(settings)
        self.url = f"{url}/notebooks/review/"

    def open(self, query: str = PERIOD) -> None:
        self.page.goto(f"{self.url}?{query}")
        expect(self.page.get_by_role("heading", name="Refunds")).to_be_visible(timeout=OPENS)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        return Query(sql=sql).run(self.books.connection).rows()

    def choose(self, table: int, *texts: str) -> None:
        """Choose rows of a table by what they say."""
        for text in texts:
            row = self.page.locator("marimo-table").nth(table).get_by_role("row").filter(has_text=text).first
            row.get_by_role("checkbox").click()
            expect(row.get_by_role("checkbox")).to_be_checked()

    def choose_merchant(self, name: str) -> None:
        """Choose one merchant, and wait until the page is about its payments: its forms are drawn anew then."""
        self.choose(0, name)
        expect(self.page.get_by_role("heading", name=re.compile(r"^\d+ payments? of 1 merchant"))).to_be_visible()

    def change(self, action: str) -> Locator:
        """Say what is to change, and give the form for it."""
        self.page.get_by_role("radio", name=action, exact=True).click()
        form = self.page.get_by_role("group", name=action, exact=True)
        expect(form).to_be_visible()
        return form

    def pick(self, form: Locator, category: str, *, label: str = "Category", nth: int = 0) -> None:
        """Choose a category from its searchable list."""
        form.get_by_role("button", name=label).nth(nth).click()
        self.page.locator("[cmdk-input]").fill(category)
        self.page.get_by_role("option", name=category, exact=True).click()

    def stage(self, waiting: int) -> None:
        self.page.get_by_role("button", name="Stage it").click()
        words = "1 change waits" if waiting == 1 else f"{waiting} changes wait"
        expect(self.page.get_by_role("link", name=words)).to_be_visible()

    def save(self) -> None:
        self.page.get_by_role("button", name="Save all").click()
        expect(self.page.get_by_text("saved in one go; the next build shows it")).to_be_visible()

    def undo(self) -> None:
        self.page.get_by_role("button", name="Undo").first.click()
        expect(self.page.get_by_text("Undone in one go")).to_be_visible()


@pytest.fixture
def review(served: Served, page: Page) -> Iterator[Review]:
    decided = Path(served.settings.lake_url.removeprefix("file://")) / "reference"
    yield Review(served.url, served.settings, page)
    shutil.rmtree(decided, ignore_errors=True)  # the next test begins with nothing decided


def test_stages_shows_saves_and_undoes_categories_and_a_rule_in_one_go(review: Review, refused: list[str]) -> None:
    page = review.page
    sundry = review.ask(
        f"select transaction_key, amount from marts.fct_transactions where merchant = 'Sundry 4711' and {YEAR}"
    )
    total = format_money(sum((Decimal(str(amount)) for _, amount in sundry), Decimal()), "EUR", locale="en_IE")
    [(hits, moved)] = review.ask(
        "select count(*), sum(amount) from marts.fct_transactions where merchant = 'Kiosk am Ring'"
    )
    [(left,)] = review.ask(f"select count(*) from marts.fct_transactions where category_source = 'none' and {YEAR}")
    review.open()
    expect(page.get_by_role("heading", name=f"{left} payments without a category")).to_be_visible()

    review.choose_merchant("Sundry 4711")
    expect(page.get_by_role("heading", name=f"{len(sundry)} payments of 1 merchant")).to_be_visible()
    review.pick(review.change("Category"), "Gifts & flowers")
    expect(page.locator(".f-change")).to_have_text(
        re.compile(rf"Uncategorised → Gifts & flowers\s*{len(sundry)} payments\s*{re.escape(total)}")
    )
    review.stage(1)
    # What waits has left the queue.
    expect(
        page.get_by_role("heading", name=f"{int(str(left)) - len(sundry)} payments without a category")
    ).to_be_visible()

    rule = review.change("Rule")
    rule.get_by_label("Where it says").fill("kiosk am ring")
    review.pick(rule, "Books & press")
    amount = format_money(Decimal(str(moved)), "EUR", locale="en_IE")
    expect(page.get_by_text(f"It fits {hits} payments of all time and moves {hits} of them, {amount}.")).to_be_visible()
    review.stage(2)
    expect(page.get_by_role("list", name="Waiting to be saved").get_by_role("listitem")).to_have_count(2)
    assert current(review.store, CategoryOverride) == []

    review.save()
    assert len(review.store.keys("reference/")) == 1
    assert {(each.transaction_key, each.category) for each in current(review.store, CategoryOverride)} == {
        (key, "Gifts & flowers") for key, _ in sundry
    }
    assert [(each.pattern, each.category) for each in current(review.store, Rule)] == [
        ("kiosk am ring", "Books & press")
    ]
    expect(page.get_by_role("list", name="Saved")).to_contain_text(f"{len(sundry)} categories, 1 rule")
    assert serious_faults(page) == []

    review.undo()
    assert current(review.store, CategoryOverride) == []
    assert current(review.store, Rule) == []
    expect(page.get_by_role("heading", name=f"{left} payments without a category")).to_be_visible()
    assert refused == []


def test_a_split_that_does_not_add_up_is_refused_and_one_that_does_is_kept_with_tag_and_note(review: Review) -> None:
    page = review.page
    [(key, amount, number)] = review.ask(
        "select transaction_key, amount, split_part(description, ' ', -1) from marts.fct_transactions"
        f" where merchant = 'Fenwick Hall' and {YEAR} order by booking_date desc, transaction_key limit 1"
    )
    whole = -Decimal(str(amount))
    review.open(f"{PERIOD}&search=Fenwick")
    review.choose(1, f"Fenwick Hall payment {number}")
    expect(page.get_by_text("No rule fits")).to_be_visible()

    split = review.change("Split")
    split.get_by_label("Part 1").fill("10")
    review.pick(split, "Groceries", label="for")
    split.get_by_label("Part 2").fill("1.50")
    review.pick(split, "Gifts & flowers", label="for", nth=1)
    missing = format_money(whole - Decimal("11.50"), "EUR", locale="en_IE")
    written = format_money(whole, "EUR", locale="en_IE")
    expect(page.get_by_text(f"The parts do not add up to {written}: {missing} is missing.")).to_be_visible()
    expect(page.get_by_role("button", name="Stage it")).to_be_disabled()

    [(asked,)] = review.ask(f"select count(*) from marts.fct_transactions where merchant = 'Fenwick Hall' and {YEAR}")
    expect(page.get_by_role("heading", name=f"{asked} payments without a category")).to_be_visible()
    split.get_by_label("Part 2").fill("")
    review.stage(1)
    # In parts it has a category: it is asked for no longer.
    left = "1 payment" if asked == 2 else f"{int(str(asked)) - 1} payments"
    expect(page.get_by_role("heading", name=f"{left} without a category")).to_be_visible()
    page.get_by_label("Show", exact=True).select_option("Everything")
    review.choose(1, f"Fenwick Hall payment {number}")
    review.change("Tags").get_by_label("Tags").fill("party, 2026")
    review.stage(2)
    review.choose(1, f"Fenwick Hall payment {number}")
    review.change("Note").get_by_label("Note").fill("half of it is for Ada")
    review.stage(3)
    page.get_by_role("button", name="Take out").nth(2).click()
    expect(page.get_by_role("link", name="2 changes wait")).to_be_visible()

    review.save()
    [kept] = current(review.store, Split)
    assert (kept.transaction_key, [(part.amount, part.category) for part in kept.parts]) == (
        key,
        [(Decimal(-10), "Groceries"), (Decimal(10) - whole, "Gifts & flowers")],
    )
    assert [each.tag for each in current(review.store, Tag)] == ["2026", "party"]
    assert current(review.store, Note) == []


def test_transfers_and_refunds_are_rejected_and_confirmed(review: Review) -> None:
    page = review.page
    pairs = review.ask(
        "select outflow_transaction_key, inflow_transaction_key from marts.fct_transfers"
        " where outflow_date between date '2025-09-01' and date '2026-08-31' order by score, outflow_date desc limit 1"
    )
    refunds = review.ask("select purchase_transaction_key, refund_transaction_key from marts.fct_refunds")
    review.open()
    review.choose(2, "55 %")
    page.get_by_role("button", name="No transfer").click()
    expect(page.get_by_role("link", name="1 change waits")).to_be_visible()
    review.choose(4, "Green Basket")
    page.get_by_role("button", name="Yes, a refund").click()
    expect(page.get_by_role("link", name="2 changes wait")).to_be_visible()
    review.save()

    said = [(*each.subject, each.decision) for each in current(review.store, TransferDecision)]
    assert said == [(*pairs[0], "rejected")]
    said = [(*each.subject, each.decision) for each in current(review.store, RefundDecision)]
    assert said == [(*refunds[0], "confirmed")]
    expect(page.get_by_text("No refund waits for your word")).to_be_visible()


def test_says_so_when_the_lake_is_down_and_keeps_what_waits(review: Review) -> None:
    page = review.page
    review.open()
    review.choose_merchant("Sundry 4711")
    review.pick(review.change("Category"), "Gifts & flowers")
    review.stage(1)
    folder = Path(review.store.url.removeprefix("file://"))
    (folder / "reference").write_bytes(b"no folder")
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_text("Nothing was saved. The lake at")).to_be_visible()
    expect(page.get_by_role("link", name="1 change waits")).to_be_visible()

    (folder / "reference").unlink()
    review.save()
    assert len(current(review.store, CategoryOverride)) > 0


def test_a_phone_can_put_things_right(review: Review) -> None:
    review.page.set_viewport_size({"width": 390, "height": 844})
    review.open()
    review.choose_merchant("Sundry 4711")
    review.pick(review.change("Category"), "Gifts & flowers")
    review.stage(1)
    assert review.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="SCREENSHOTS=1 renews docs/images")
def test_takes_the_screenshot(review: Review) -> None:
    review.page.set_viewport_size({"width": 1200, "height": 1500})
    review.open()
    review.choose_merchant("Sundry 4711")
    review.pick(review.change("Category"), "Gifts & flowers")
    review.stage(1)
    review.pick(review.change("Rule"), "Books & press")
    review.page.get_by_label("Where it says").fill("kiosk am ring")
    expect(review.page.get_by_text("It fits")).to_be_visible()
    review.page.screenshot(path=PROJECT_DIR / "docs" / "images" / "review.png")
