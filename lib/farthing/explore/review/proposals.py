"""From what a person chose on the page to decisions that can be staged, or one sentence a mistake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal

from farthing.explore.review.payments import Kept
from farthing.explore.review.rules import Preview
from farthing.explore.review.staging import Line, Staged, staged
from farthing.explore.scope import Scope
from farthing.lake.reference import (
    BadDecisionError,
    CategoryOverride,
    Decision,
    Note,
    Part,
    Rule,
    Split,
    Tag,
    checked,
)

type Rows = Sequence[Mapping[str, Any]]


def category(rows: Rows, chosen: str | None, *, is_taken_back: bool = False, currency: str) -> Staged:
    """Propose one category for payments, or to take the owner's word on them back.

    :raises BadDecisionError: if no payment is chosen, or no category.
    """
    _some(rows)
    if is_taken_back:
        return staged("Category", "as rules say", currency, [_line(CategoryOverride, row, None) for row in rows])
    if not chosen:
        raise BadDecisionError([f"Choose a category for {_counted(rows)}."])
    made = [(row, checked(CategoryOverride, transaction_key=row["transaction_key"], category=chosen)) for row in rows]
    return staged("Category", chosen, currency, [_line(CategoryOverride, row, decision) for row, decision in made])


def tags(rows: Rows, text: str, *, is_taken_off: bool, kept: Kept, currency: str) -> Staged:
    """Propose tags to tie to payments, or to take off them.

    :param text: tags with commas between.
    :raises BadDecisionError: if no payment is chosen, no tag is written, or one does not fit.
    """
    _some(rows)
    names = list(dict.fromkeys(word.strip().removeprefix("#") for word in text.split(",") if word.strip(" #")))
    if not names:
        raise BadDecisionError(["Write one tag or more, with commas between."])
    lines = []
    for row in rows:
        key = row["transaction_key"]
        before = ", ".join(kept.tags.get(key, ())) or "no tag"
        for name in names:
            tag = checked(Tag, transaction_key=key, tag=name)
            if (name in kept.tags.get(key, ())) == is_taken_off:
                lines.append(
                    Line(
                        kind=Tag,
                        subject=tag.subject,
                        decision=None if is_taken_off else tag,
                        before=before,
                        amount=row["amount"],
                    )
                )
    if not lines:
        raise BadDecisionError(["None has such a tag." if is_taken_off else "All of them have it already."])
    touched = {line.subject[0]: line.amount for line in lines}
    return Staged(
        what="Tags",
        after=("without " if is_taken_off else "with ") + ", ".join(names),
        currency=currency,
        lines=tuple(lines),
        payments=len(touched),
        amount=sum(touched.values(), Decimal()),
    )


def note(rows: Rows, text: str, *, currency: str) -> Staged:
    """Propose one note for payments; an empty one takes notes off.

    :raises BadDecisionError: if no payment is chosen, or the note is too long.
    """
    _some(rows)
    lines = [
        _line(
            Note,
            row,
            checked(Note, transaction_key=row["transaction_key"], note=text) if text.strip() else None,
            before=row["note"] or "no note",
        )
        for row in rows
    ]
    return staged("Note", text.strip() or "no note", currency, lines)


def split(rows: Rows, parts: Sequence[tuple[str, str | None]], *, scope: Scope) -> Staged:
    """Propose to split one payment; no part takes a split back. The last amount may be left empty: it is the rest.

    :param parts: of each its amount as a person writes it, without sign, and its category.
    :raises BadDecisionError: if not one payment is chosen, an amount is none, or the parts do not make the whole.
    """
    if len(rows) != 1:
        raise BadDecisionError(["Choose one payment to split."])
    row = rows[0]
    whole: Decimal = row["amount"]
    given = [(text.strip(), name) for text, name in parts if text.strip() or name]
    if not given:
        return staged("Split", "in one piece", scope.currency, [_line(Split, row, None, before="in parts")])
    if len(given) == 1:
        raise BadDecisionError(["A split has two parts or more: give a second one."])
    if any(name is None for _, name in given):
        raise BadDecisionError(["Choose a category for each part."])
    if not all(text for text, _ in given[:-1]):
        raise BadDecisionError(["Write an amount for each part; only the last one may stay empty, for the rest."])
    amounts = [_amount(text, scope.locale) for text, _ in given if text]
    rest = abs(whole) - sum(amounts, Decimal())
    if len(amounts) < len(given):
        if rest <= 0:
            raise BadDecisionError([f"Nothing of {scope.money(abs(whole))} is left for the last part."])
        amounts.append(rest)
    elif rest:
        too = "missing" if rest > 0 else "too much"
        words = f"{scope.money(abs(whole))}: {scope.money(abs(rest))} is {too}."
        raise BadDecisionError([f"The parts do not add up to {words}"])
    sign = 1 if whole > 0 else -1
    made = checked(
        Split,
        transaction_key=row["transaction_key"],
        amount=whole,
        parts=[
            Part(amount=sign * amount, category=str(name)) for amount, (_, name) in zip(amounts, given, strict=True)
        ],
    )
    words = " + ".join(f"{scope.money(abs(part.amount))} {part.category}" for part in made.parts)
    return staged("Split", words, scope.currency, [_line(Split, row, made)])


def rule(made: Rule, found: Preview, *, currency: str) -> Staged:
    """Stage a rule, with what it would move."""
    counts: Counter[str] = Counter()
    for name, payments in found.moves.select("category", "payments").iter_rows():
        counts[name] += payments
    before = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common())
    line = Line(kind=Rule, subject=made.subject, decision=made, before=before or "nothing moves", amount=Decimal())
    shown = currency if currency in found.amounts else next(iter(found.amounts), currency)
    return Staged(
        what=f"Rule “{made.pattern}”",
        after=made.category,
        currency=shown,
        lines=(line,),
        payments=found.moved,
        amount=found.amounts.get(shown, Decimal()),
    )


def pair(
    kind: type[Decision], one: str, other: str, *, decision: str, what: str, amount: Decimal, currency: str
) -> Staged:
    """Propose the owner's word on two transactions: that they belong together, or not.

    :param kind: ``TransferDecision`` or ``RefundDecision``.
    :param one: the side by which the money left.
    :param what: what the two are together.
    """
    made = checked(kind, **dict(zip(kind.identity, (one, other), strict=True)), decision=decision)
    line = Line(kind=kind, subject=made.subject, decision=made, before=f"looks like a {what.lower()}", amount=amount)
    after = f"{'is a' if decision == 'confirmed' else 'is no'} {what.lower()}"
    return Staged(what=what, after=after, currency=currency, lines=(line,), payments=2, amount=amount)


def _line(kind: type[Decision], row: Mapping[str, Any], decision: Decision | None, *, before: str = "") -> Line:
    return Line(
        kind=kind,
        subject=(row["transaction_key"],),
        decision=decision,
        before=before or row["category"],
        amount=row["amount"],
    )


def _some(rows: Rows) -> None:
    if not rows:
        raise BadDecisionError(["Choose payments above, or merchants for all of theirs."])


def _counted(rows: Rows) -> str:
    return "the payment that is chosen" if len(rows) == 1 else f"the {len(rows):,} payments that are chosen"


def _amount(text: str, locale: str) -> Decimal:
    try:
        amount = parse_decimal(text.lstrip("+-−"), locale=locale, strict=True)
    except (NumberFormatError, InvalidOperation):
        amount = None
    if amount is None or amount <= 0 or amount.as_tuple().exponent < -4:  # type: ignore[operator]  # of a finite number it is an int
        raise BadDecisionError(["An amount is a number above zero, such as 12.50, with four decimals at most."])
    return amount
