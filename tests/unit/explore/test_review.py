"""What waits to be saved, what is proposed, and what a rule would move, held against SQL and the owner's own files."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from farthing.explore.books import Books, open_books
from farthing.explore.periods import Period
from farthing.explore.queries import Query
from farthing.explore.review import pairs, payments, proposals, rules, staging
from farthing.explore.scope import Scope
from farthing.explore.views import View
from farthing.explore.wording import folded, without_legal_form, wording
from farthing.lake.reference import (
    BadDecisionError,
    CategoryOverride,
    Note,
    Rule,
    Split,
    Tag,
    TransferDecision,
    current,
    decide,
    undo,
)
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings
from tests.made_up_lake import make_lake

NOON = datetime(2026, 8, 31, 12, tzinfo=UTC)
TODAY = date(2026, 8, 31)
SCOPE = Scope(view=View(currency="EUR"), period=Period(first=date(2025, 9, 1), last=TODAY), locale="en_IE")


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("review")
    settings = Settings(lake_url=f"file://{folder}/lake", home=folder / "home")
    make_lake(settings, today=TODAY, purchases=400, months=14)
    return settings


@pytest.fixture
def books(made_up: Settings) -> Books:
    return open_books(made_up)


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def row(key: str, amount: str = "-10.00", category: str = "Uncategorised", note: str = "") -> dict[str, Any]:
    return {"transaction_key": key, "amount": Decimal(amount), "category": category, "note": note}


def ask(books: Books, sql: str) -> Any:
    return Query(sql=sql).run(books.connection).item()


ROWS = [row("a"), row("b", "-2.50", "Rent")]


def test_a_later_word_on_a_payment_takes_the_place_of_the_one_that_waited() -> None:
    waiting = staging.added((), proposals.category(ROWS, "Groceries", currency="EUR"))
    waiting = staging.added(waiting, proposals.note(ROWS[:1], "mine", currency="EUR"))
    waiting = staging.added(waiting, proposals.category(ROWS[1:], "Cash", currency="EUR"))

    assert [(each.what, each.after, each.before, each.payments, each.amount) for each in waiting] == [
        ("Category", "Groceries", "Uncategorised", 1, Decimal("-10.00")),
        ("Note", "mine", "no note", 1, Decimal("-10.00")),
        ("Category", "Cash", "Rent", 1, Decimal("-2.50")),
    ]
    assert staging.new_categories(waiting) == {"a": "Groceries", "b": "Cash"}
    assert [each.after for each in staging.without(waiting, 0)] == ["mine", "Cash"]
    assert [each.after for each in staging.added(waiting, proposals.category(ROWS, "Cash", currency="EUR"))] == [
        "mine",
        "Cash",
    ]


def test_says_of_how_many_payments_what_was_there_before() -> None:
    proposed = proposals.category([*ROWS, row("c")], "Groceries", currency="EUR")
    assert (proposed.before, proposed.payments, proposed.amount) == (
        "Uncategorised (2), Rent (1)",
        3,
        Decimal("-22.50"),
    )


def test_saves_all_that_waits_in_one_object_and_takes_decisions_back_with_it(store: ObjectStore) -> None:
    decide(store, [CategoryOverride(transaction_key="b", category="Rent")], decided_at=NOON.replace(hour=1))
    waiting = staging.added((), proposals.category(ROWS[:1], "Groceries", currency="EUR"))
    waiting = staging.added(waiting, proposals.category(ROWS[1:], None, is_taken_back=True, currency="EUR"))
    waiting = staging.added(waiting, proposals.note(ROWS[:1], "mine", currency="EUR"))

    key = staging.save(store, waiting, now=NOON)

    assert store.keys("reference/changes/") == [key]
    assert current(store, CategoryOverride) == [CategoryOverride(transaction_key="a", category="Groceries")]
    assert current(store, Note) == [Note(transaction_key="a", note="mine")]
    undo(store, key, decided_at=NOON.replace(hour=13))
    assert current(store, CategoryOverride) == [CategoryOverride(transaction_key="b", category="Rent")]
    assert current(store, Note) == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("6", "Groceries"), ("3", "Cash")], "The parts do not add up to €10.00: €1.00 is missing."),
        ([("6", "Groceries"), ("5", "Cash")], "The parts do not add up to €10.00: €1.00 is too much."),
        ([("10", "Groceries"), ("", "Cash")], "Nothing of €10.00 is left for the last part."),
        ([("", "Groceries"), ("3", "Cash")], "only the last one may stay empty"),
        ([("6", None), ("4", "Cash")], "Choose a category for each part."),
        ([("six", "Groceries"), ("4", "Cash")], "An amount is a number above zero"),
        ([("10", "Groceries")], "A split has two parts or more"),
    ],
)
def test_refuses_a_split_that_does_not_make_the_whole(parts: list[tuple[str, str | None]], said: str) -> None:
    with pytest.raises(BadDecisionError, match=said.replace(".", r"\.")):
        proposals.split(ROWS[:1], parts, scope=SCOPE)


def test_splits_with_the_rest_in_the_last_part_and_the_sign_of_the_whole() -> None:
    proposed = proposals.split(ROWS[:1], [("6.25", "Groceries"), ("", "Cash"), ("", None)], scope=SCOPE)
    [line] = proposed.lines
    assert isinstance(line.decision, Split)
    assert [part.amount for part in line.decision.parts] == [Decimal("-6.25"), Decimal("-3.75")]
    assert proposed.after == "€6.25 Groceries + €3.75 Cash"
    assert proposals.split(ROWS[:1], [("", None)], scope=SCOPE).lines[0].decision is None


@pytest.mark.parametrize("rows", [[], ROWS])
def test_splits_one_payment_at_a_time(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(BadDecisionError, match="one payment"):
        proposals.split(rows, [("6", "Groceries"), ("", "Cash")], scope=SCOPE)


def test_ties_and_takes_off_only_the_tags_that_change_something() -> None:
    kept = payments.Kept(tags={"a": ("party",)})
    tied = proposals.tags(ROWS, "#party, 2026, ", is_taken_off=False, kept=kept, currency="EUR")
    assert [line.subject for line in tied.lines] == [("a", "2026"), ("b", "party"), ("b", "2026")]
    assert (tied.payments, tied.amount) == (2, Decimal("-12.50"))
    taken = proposals.tags(ROWS, "party", is_taken_off=True, kept=kept, currency="EUR")
    assert [(line.subject, line.decision) for line in taken.lines] == [(("a", "party"), None)]
    with pytest.raises(BadDecisionError, match="None has such a tag"):
        proposals.tags(ROWS[1:], "party", is_taken_off=True, kept=kept, currency="EUR")


def test_asks_for_payments_before_it_proposes_anything() -> None:
    with pytest.raises(BadDecisionError, match="Choose payments above"):
        proposals.category([], "Groceries", currency="EUR")
    with pytest.raises(BadDecisionError, match="Choose a category for the 2 payments"):
        proposals.category(ROWS, None, currency="EUR")


@pytest.mark.parametrize(
    ("pattern", "direction", "where"),
    [
        ("green basket", "any", "merchant = 'Green Basket'"),
        ("green basket", "in", "merchant = 'Green Basket' and amount > 0"),
        ("Basket", "out", "merchant = 'Green Basket' and amount < 0"),
        ("^harbour", "any", "merchant in ('Harbour Homes', 'Harbour Inn')"),
        ("homes payment", "any", "merchant = 'Harbour Homes'"),
        ("bask*", "any", "merchant = 'Green Basket'"),
        ("*rumb", "any", "merchant = 'Crumb & Crust'"),
        ("green bas", "any", "false"),
    ],
)
def test_a_rule_hits_what_its_words_are_in(books: Books, pattern: str, direction: str, where: str) -> None:
    made = Rule.model_validate({"pattern": pattern, "direction": direction, "category": "Gifts & flowers"})
    found = rules.preview(books, made)
    count = f"select count(*) from marts.fct_transactions where {where}"
    assert found.hits == ask(books, count)
    assert found.moved == ask(books, f"{count} and category <> 'Gifts & flowers'")
    assert found.amounts.get("EUR", Decimal()) == ask(
        books,
        f"select coalesce(sum(amount), 0) from marts.fct_transactions where {where} and category <> 'Gifts & flowers'",
    )


def test_a_rule_moves_neither_what_is_there_already_nor_what_its_owner_has_decided(books: Books) -> None:
    made = Rule(pattern="harbour", category="Rent")
    keys = Query(
        sql="select transaction_key from marts.fct_transactions where merchant = 'Harbour Inn' order by all limit 1"
    ).run(books.connection)["transaction_key"]
    inns = ask(books, "select count(*) from marts.fct_transactions where merchant = 'Harbour Inn'")
    homes = ask(books, "select count(*) from marts.fct_transactions where merchant = 'Harbour Homes'")

    found = rules.preview(books, made, decided=keys.to_list())

    assert found.moves.select("category", "payments").rows() == ([("Hotels & lodging", inns - 1)] if inns > 1 else [])
    assert found.stays == {"is there already": homes, "your own word on the payment stays": 1}
    staged = proposals.rule(made, found, currency="EUR")
    assert (staged.payments, staged.after) == (inns - 1, "Rent")


def test_knows_what_was_decided_since_the_build(books: Books, store: ObjectStore) -> None:
    keys = Query(
        sql="select transaction_key from marts.fct_transactions where merchant = 'Sundry 4711' order by all"
    ).run(books.connection)["transaction_key"]
    kiosks = ask(books, "select count(*) from marts.fct_transactions where merchant = 'Kiosk am Ring'")
    decisions = [
        Rule(pattern="kiosk am ring", category="Books & press"),
        Tag(transaction_key=keys[0], tag="party"),
        TransferDecision(outflow_transaction_key="x", inflow_transaction_key="y", decision="rejected"),
        CategoryOverride(transaction_key=keys[0], category="Rent"),
    ]
    decide(store, decisions, decided_at=NOON)

    kept = payments.read_kept(store, books)

    assert (len(kept.ruled), kept.tags) == (kiosks, {keys[0]: ("party",)})
    assert kept.pairs == {"x", "y"}
    where = SCOPE.over(Period(first=date(2020, 1, 1), last=TODAY)).where(payments.UNDECIDED)
    left = payments.merchants(where, order="Most frequent first", settled=kept.settled).run(books.connection)
    assert dict(left.select("merchant", "payments").iter_rows())["Sundry 4711"] == len(keys) - 1
    assert "Kiosk am Ring" not in left["merchant"]
    shown = payments.tidy(payments.payments(where, settled=(), search="sundry").run(books.connection), kept, {})
    assert shown.filter(will_be="Rent").select("tags").rows() == [("party",)]
    told = dict(payments.why(store, shown.filter(will_be="Rent").to_dicts()[0]))
    assert told["Chosen by"] == "No rule fits"
    assert told["Your word, version 1"] == "Rent · 31 August 2026 12:00 UTC"


def test_looks_for_the_other_side_among_what_could_be_it(books: Books) -> None:
    one = Query(
        sql="select outflow_transaction_key as one, inflow_transaction_key as other from marts.fct_transfers limit 1"
    ).run(books.connection)
    sides = pairs.other_sides(one["one"].item()).run(books.connection)
    assert sides["transaction_key"][0] == one["other"].item()
    assert sides["leg_outflow_key"][0] == one["one"].item()
    assert (
        pairs.transfers(SCOPE, decided=[one["one"].item()])
        .run(books.connection)
        .filter(outflow_transaction_key=one["one"].item())
        .is_empty()
    )


@pytest.mark.parametrize(
    ("sql", "text", "words"),
    [
        (folded, "Bäckerei  L'Épicerie & Co", "backerei epicerie co"),
        (folded, "BAECKEREI", "backerei"),
        (lambda column: without_legal_form(folded(column)), "Corner Shop GmbH", "corner shop"),
        (lambda column: folded(wording(column)), "Payment 2026-03-02 of 4711/22 to Lidl", "payment of 22 to lidl"),
    ],
)
def test_folds_texts_as_the_models_do(sql: Any, text: str, words: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"select {sql('text')} from (select $1 as text)", [text]).fetchone()
    assert found == (words,)
