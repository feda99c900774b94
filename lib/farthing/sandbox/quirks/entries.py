"""Which habits change an entry, and in which order."""

from collections.abc import Callable

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
    return _through(_BOOKED, document, told)


def pending(document: Document, told: Told) -> list[Document]:
    """Tell of a pending entry as its bank does."""
    return _through(_PENDING, document, told)


def _through(changes: dict[int, Change], document: Document, told: Told) -> list[Document]:
    documents = [document]
    for number, change in changes.items():
        if number in told.bank.quirks:
            documents = [changed for each in documents for changed in change(each, told)]
    return documents
