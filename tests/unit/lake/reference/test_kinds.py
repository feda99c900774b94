"""What an owner may decide, and the one line that each mistake gets."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from farthing.lake.reference import (
    Budget,
    CategoryOverride,
    Decision,
    Goal,
    ManualAccount,
    ManualBalance,
    Note,
    Rule,
    Split,
    Tag,
    TransferDecision,
)
from farthing.lake.reference.faults import mistakes_in

SPLIT = {"transaction_key": "t", "amount": "-10.00"}
GOOD: list[tuple[type[Decision], dict[str, object]]] = [
    (CategoryOverride, {"transaction_key": "t", "category": "Groceries"}),
    (Rule, {"pattern": "^corner shop$", "category": "Groceries"}),
    (Rule, {"pattern": "baker*", "category": "Bakeries & specialities", "direction": "out", "priority": "1"}),
    (Rule, {"field": "mcc", "pattern": "5411 5412-5499", "category": "Groceries"}),
    (Tag, {"transaction_key": "t", "tag": "holiday"}),
    (Note, {"transaction_key": "t", "note": "two\nlines"}),
    (Split, SPLIT | {"parts": [{"amount": "-7.5", "category": "Groceries"}, {"amount": "-2.50", "category": "Cash"}]}),
    (Budget, {"scope": "category", "name": "Groceries", "currency": "EUR", "month": "2026-03", "amount": "400"}),
    (Budget, {"scope": "group", "name": "Food", "currency": "EUR", "month": "2026-03-15", "amount": "0"}),
    (Goal, {"goal": "boat", "account_key": "a", "amount": "1E+3", "currency": "EUR", "target_date": "2027-01-01"}),
    (ManualAccount, {"account_key": "cash", "account_name": "Cash", "kind": "cash", "currency": "EUR"}),
    (ManualBalance, {"account_key": "loan", "balance_date": "2026-03-01", "amount": "-1200.00"}),
]


@pytest.mark.parametrize(("kind", "values"), GOOD, ids=lambda each: getattr(each, "table", ""))
def test_reads_what_it_wrote(kind: type[Decision], values: dict[str, object]) -> None:
    made = kind.model_validate(values)

    assert kind.model_validate({name: text for name, text in made.to_row().items() if text is not None}) == made
    assert all(text is None or isinstance(text, str) for text in made.to_row().values())


def test_budgets_hold_from_the_first_of_a_month_and_amounts_are_plain() -> None:
    budget = Budget.model_validate(GOOD[8][1])
    goal = Goal.model_validate(GOOD[9][1])

    assert (budget.to_row()["month"], goal.to_row()["amount"]) == ("2026-03-01", "1000")


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (CategoryOverride, {"transaction_key": "t", "category": "groceries"}, "category: there is no such category: "),
        (CategoryOverride, {"transaction_key": "t", "category": "Grocery"}, "did you mean Groceries?"),
        (CategoryOverride, {"transaction_key": "t", "category": "9876"}, "`farthing categories` lists"),
        (CategoryOverride, {"transaction_key": "two words", "category": "Cash"}, "transaction_key: it should be a key"),
        (Rule, {"pattern": "…", "category": "Cash"}, "no word to look for"),
        (Rule, {"pattern": "ab*", "category": "Cash"}, "at least 3 letters"),
        (Rule, {"pattern": "can*ary", "category": "Cash"}, "a star stands at its beginning or its end"),
        (Rule, {"pattern": "canary", "category": "Cash", "priority": "100"}, "priority: "),
        (Rule, {"pattern": "canary", "category": "Cash", "colour": "red"}, "colour: "),
        (Tag, {"transaction_key": "t", "tag": "can\nary"}, "tag: it should be one line"),
        (Tag, {"transaction_key": "t", "tag": "x" * 41}, "tag: "),
        (Note, {"transaction_key": "t", "note": " "}, "note: "),
        (Split, SPLIT | {"parts": [{"amount": "-10.00", "category": "Cash"}]}, "parts: "),
        (Split, SPLIT | {"parts": [{"amount": a, "category": "Cash"} for a in ("-5", "-4.9999")]}, "do not add up"),
        (Split, SPLIT | {"parts": [{"amount": a, "category": "Cash"} for a in ("-10", "0")]}, "a part is of nothing"),
        (Split, SPLIT | {"parts": [{"amount": a, "category": "x"} for a in ("-5", "-5")]}, "parts.1.category: "),
        (Budget, GOOD[7][1] | {"amount": "-1"}, "amount: "),
        (Budget, GOOD[7][1] | {"amount": 1.5}, "amount: money is exact"),
        (Budget, GOOD[7][1] | {"amount": "1.00001"}, "amount: "),
        (Budget, GOOD[7][1] | {"amount": "NaN"}, "amount: "),
        (Budget, GOOD[7][1] | {"currency": "euro"}, "currency: it should be three capital letters, such as EUR"),
        (Budget, GOOD[7][1] | {"month": "March"}, "month: "),
        (Budget, GOOD[7][1] | {"scope": "group"}, "name: there is no such group"),
        (Budget, GOOD[7][1] | {"month": "0206-01"}, "month: the year is out of bounds"),
        (Goal, GOOD[9][1] | {"target_date": "9999-12-31"}, "target_date: the year is out of bounds"),
        (Split, SPLIT | {"parts": "canary"}, "parts: it should be a list of parts"),
        (ManualAccount, GOOD[10][1] | {"account_key": "a" * 32}, "account_key: it should be small letters"),
        (TransferDecision, dict.fromkeys(TransferDecision.identity, "t") | {"decision": "rejected"}, "two sides"),
    ],
)
def test_says_each_mistake_in_a_line_that_does_not_repeat_it(
    kind: type[Decision], values: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(values)

    mistakes = mistakes_in(refused.value)
    assert any(said in mistake for mistake in mistakes)
    assert all("\n" not in mistake and "canary" not in mistake for mistake in mistakes)


def test_counts_parts_exactly() -> None:
    parts = [{"amount": "-0.1", "category": "Cash"}] * 3
    assert Split.model_validate({"transaction_key": "t", "amount": "-0.3", "parts": parts}).amount == Decimal("-0.3")
