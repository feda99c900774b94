"""How a person proposes decisions: forms, what they come to before they are staged, and buttons that stage."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import marimo as mo
import polars as pl

from farthing.explore.books import Books
from farthing.explore.review import proposals, rules, staging
from farthing.explore.review.payments import Kept
from farthing.explore.review.staging import Staged
from farthing.explore.scope import Scope
from farthing.lake.reference import BadDecisionError, RefundDecision, Rule, TransferDecision, checked
from farthing.lake.reference.categories import groups_by_category
from farthing.lake.reference.kinds import RULE_PRIORITIES
from farthing.web import decisions, frame

type Rows = Sequence[Mapping[str, Any]]

ACTIONS = ("Category", "Rule", "Split", "Tags", "Note")
_PARTS, _NO_CATEGORY = 4, "Uncategorised"
_CATEGORIES = sorted(groups_by_category())
_DIRECTIONS = {"paid or received": "any", "paid": "out", "received": "in"}
_FIELDS = {"name or text": "word", "trade (MCC)": "mcc", "bank's code": "bank_code", "purpose": "purpose_code"}


def elements_of(action: str, pattern: str) -> dict[str, Callable[..., Any]]:
    """Give what makes the elements of an action's form; what is typed is heard while one types."""
    category = partial(mo.ui.dropdown, _CATEGORIES, label="Category", searchable=True)
    match action:
        case "Rule":
            return {
                "pattern": partial(mo.ui.text, value=pattern, label="Where it says", debounce=300),
                "category": category,
                "direction": partial(
                    mo.ui.dropdown, _DIRECTIONS, value=next(iter(_DIRECTIONS)), label="Money", allow_select_none=False
                ),
                "field": partial(
                    mo.ui.dropdown, _FIELDS, value=next(iter(_FIELDS)), label="Looked for in", allow_select_none=False
                ),
                "priority": partial(mo.ui.number, 1, RULE_PRIORITIES, value=50, label="Priority (lowest wins)"),
            }
        case "Split":
            amount: Callable[..., Any] = partial(mo.ui.text, placeholder="the rest", debounce=300)
            return {
                f"{name}_{number}": partial(amount, label=f"Part {number}")
                if name == "amount"
                else partial(mo.ui.dropdown, _CATEGORIES, label="for", searchable=True)
                for number in range(1, _PARTS + 1)
                for name in ("amount", "category")
            }
        case "Tags":
            return {
                "tags": partial(mo.ui.text, label="Tags", placeholder="holiday, 2026", debounce=300),
                "how": partial(mo.ui.radio, ["Tie to them", "Take off them"], value="Tie to them", inline=True),
            }
        case "Note":
            return {"note": partial(mo.ui.text_area, label="Note (empty takes it off)", rows=2, debounce=300)}
    return {"category": category, "back": partial(mo.ui.checkbox, label="Take my word back: let rules decide")}


def suggested_pattern(rows: Rows) -> str:
    """Suggest what a rule looks for: the merchant of the payments, where they have one alone."""
    keys = {row["merchant_key"] for row in rows}
    return next(iter(keys)) if len(keys) == 1 else ""


def propose(
    action: str, chosen: Mapping[str, Any], rows: Rows, *, books: Books, kept: Kept, scope: Scope
) -> tuple[Staged | None, mo.Html]:
    """Make what the form says into a change, shown before it is staged; or say what is missing."""
    more = []
    try:
        match action:
            case "Rule":
                if not chosen["pattern"].strip():
                    return None, frame.note("Write a word or words that the payments have in common.")
                made = checked(Rule, **{**chosen, "category": chosen["category"] or _NO_CATEGORY})
                found = rules.preview(books, made, decided=kept.categories)
                if not chosen["category"]:
                    fits = decisions.fits_in_words(found)
                    return None, frame.note(f"{fits} Choose the category that the rule is to give.")
                more = [decisions.preview_in_words(found, locale=scope.locale)]
                change = proposals.rule(made, found, currency=scope.currency)
            case "Split":
                parts = [(chosen[f"amount_{n}"], chosen[f"category_{n}"]) for n in range(1, _PARTS + 1)]
                change = proposals.split(rows, parts, scope=scope)
            case "Tags":
                is_off = chosen["how"] != "Tie to them"
                change = proposals.tags(rows, chosen["tags"], is_taken_off=is_off, kept=kept, currency=scope.currency)
            case "Note":
                change = proposals.note(rows, chosen["note"], currency=scope.currency)
            case _:
                change = proposals.category(
                    rows, chosen["category"], is_taken_back=chosen["back"], currency=scope.currency
                )
    except BadDecisionError as exc:
        return None, mo.Html(f'<div class="f-money">{"".join(frame.note(each).text for each in exc.mistakes)}</div>')
    return change, mo.vstack([mo.Html(decisions.proposed(change, locale=scope.locale)), *more], gap=0.4)


def word_buttons(
    chosen: pl.DataFrame,
    kind: type[TransferDecision | RefundDecision],
    what: str,
    set_staged: Callable[[Any], None],
    columns: tuple[str, str, str, str],
    *,
    confirm_only: bool = False,
) -> list[mo.ui.button]:
    """Make the buttons that stage the owner's word on the pairs that are chosen; see :func:`frame.crumbs`."""

    def say(decision: str, _pressed: object) -> None:
        for one, other, amount, currency in chosen.select(columns).iter_rows():
            change = proposals.pair(kind, one, other, decision=decision, what=what, amount=amount, currency=currency)
            set_staged(lambda waiting, change=change: staging.added(waiting, change))

    words = {"confirmed": f"Yes, a {what.lower()}", "rejected": f"No {what.lower()}"}
    return [
        mo.ui.button(label=label, kind="neutral", disabled=chosen.is_empty(), on_change=partial(say, decision))
        for decision, label in words.items()
        if decision == "confirmed" or not confirm_only
    ]
