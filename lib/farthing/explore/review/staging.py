"""Decisions that wait to be saved together, each with what it changes: a list to look at before anything is kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from farthing.lake.reference import CategoryOverride, Decision, RefundDecision, Split, TransferDecision, decide_together
from farthing.lake.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One decision that waits, or one that is to be taken back.

    :ivar decision: null if what was decided on the subject is to be taken back.
    :ivar before: what the published books say, in words.
    :ivar amount: of the payment, in the currency of what is staged.
    """

    kind: type[Decision]
    subject: tuple[str, ...]
    decision: Decision | None
    before: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Decisions that were staged by one press of a button.

    :ivar what: what is decided, such as ``Category``.
    :ivar after: what the books will say, in words.
    :ivar payments: how many payments it touches.
    """

    what: str
    after: str
    currency: str
    lines: tuple[Line, ...]
    payments: int
    amount: Decimal

    @property
    def before(self) -> str:
        """What the published books say of these payments; with the number of each where they differ."""
        found = Counter(line.before for line in self.lines)
        if len(found) == 1:
            return next(iter(found))
        return ", ".join(f"{before} ({count:,})" for before, count in found.most_common())


def staged(what: str, after: str, currency: str, lines: Sequence[Line]) -> Staged:
    """Make what is staged of decisions on payments, a line for each of them."""
    return Staged(
        what=what,
        after=after,
        currency=currency,
        lines=tuple(lines),
        payments=len(lines),
        amount=sum((line.amount for line in lines), Decimal()),
    )


def added(waiting: Sequence[Staged], new: Staged) -> tuple[Staged, ...]:
    """Stage one more: what waited on the same subjects is replaced by it."""
    decided = {(line.kind, line.subject) for line in new.lines}
    kept = []
    for each in waiting:
        lines = tuple(line for line in each.lines if (line.kind, line.subject) not in decided)
        if len(lines) == len(each.lines):
            kept.append(each)
        elif lines:
            kept.append(staged(each.what, each.after, each.currency, lines))
    return (*kept, new)


def without(waiting: Sequence[Staged], place: int) -> tuple[Staged, ...]:
    """Take one out, by its place in the list."""
    return tuple(each for number, each in enumerate(waiting) if number != place)


def new_categories(waiting: Sequence[Staged]) -> Mapping[str, str]:
    """Give the category that each payment is to have by its owner's word, by transaction key."""
    return {
        line.decision.transaction_key: line.decision.category
        for each in waiting
        for line in each.lines
        if isinstance(line.decision, CategoryOverride)
    }


def split(waiting: Sequence[Staged]) -> frozenset[str]:
    """Give the transactions that are to be in parts."""
    return frozenset(
        line.decision.transaction_key for each in waiting for line in each.lines if isinstance(line.decision, Split)
    )


def paired(waiting: Sequence[Staged]) -> frozenset[str]:
    """Give the transactions of which it is to be decided whether they belong together."""
    kinds = (TransferDecision, RefundDecision)
    return frozenset(key for each in waiting for line in each.lines if line.kind in kinds for key in line.subject)


def save(store: ObjectStore, waiting: Sequence[Staged], *, now: datetime) -> str:
    """Keep all that waits, in one object.

    :returns: its key, for :func:`farthing.lake.reference.undo`.
    :raises BadDecisionError: if nothing waits.
    :raises ServiceDownError: if the lake does not answer; then nothing was kept.
    """
    lines = [line for each in waiting for line in each.lines]
    return decide_together(
        store,
        [line.decision for line in lines if line.decision is not None],
        withdrawn=[(line.kind, line.subject) for line in lines if line.decision is None],
        decided_at=now,
    )
