"""Which habits change an entry, and in which order."""

from collections.abc import Callable
from functools import cache

from farthing.sandbox.quirks import amounts, dates, ids, shapes, texts
from farthing.sandbox.quirks.told import Told
from farthing.sandbox.wire import Document

type Change = Callable[[Document, Told], list[Document]]

# Names and texts first, then amounts and dates, then ids: later habits look at what earlier ones left.
_BOOKED: dict[int, Change] = {
    **texts.BOOKED,
    **amounts.BOOKED,
    **dates.BOOKED,
    **ids.BOOKED,
    **shapes.BOOKED,
}
_PENDING: dict[int, Change] = {**texts.PENDING, **amounts.PENDING, **dates.PENDING, **ids.PENDING}


def booked(document: Document, told: Told) -> list[Document]:
    """Tell of a booked entry as its bank does: mostly once, at times not at all or twice."""
    return _through(_habits(told.bank.quirks)[0], document, told)


def pending(document: Document, told: Told) -> list[Document]:
    """Tell of a pending entry as its bank does."""
    return _through(_habits(told.bank.quirks)[1], document, told)


@cache
def _habits(quirks: frozenset[int]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Pick a bank's habits, those of booked entries and those of pending ones."""
    booked_entries, pending_entries = (
        tuple(change for number, change in changes.items() if number in quirks) for changes in (_BOOKED, _PENDING)
    )
    return booked_entries, pending_entries


def _through(changes: tuple[Change, ...], document: Document, told: Told) -> list[Document]:
    documents = [document]
    for change in changes:
        documents = [changed for each in documents for changed in change(each, told)]
    return documents
