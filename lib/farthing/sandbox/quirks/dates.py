"""Dates that say less than they seem to."""

from datetime import timedelta

from farthing.sandbox.habits import Kind
from farthing.sandbox.quirks.told import Told
from farthing.sandbox.wire import Document

_LATE = 3  # days
_DATES = ("bookingDate", "valueDate", "bookingDateTime", "valueDateTime")


def _in_text(document: Document, told: Told) -> list[Document]:
    """Book a card payment two days after the purchase; the text alone tells the day."""
    if not told.is_by_card:
        return [document]
    hours, minutes = divmod(told.entry.entry_id.int % 720, 60)
    text = f"(..4711) {told.day(-2)} {8 + hours:02}:{minutes:02} {document['remittanceInformationUnstructured']}"
    return [document | {"remittanceInformationUnstructured": text}]


def _due(document: Document, told: Told) -> list[Document]:
    """Value a card payment on the first of the month after next."""
    if not told.is_by_card:
        return [document]
    next_month = (told.entry.day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return [document | {"valueDate": (next_month + timedelta(days=32)).replace(day=1).isoformat()}]


def _truer_value(document: Document, told: Told) -> list[Document]:
    return [document | {"valueDate": told.day(-1)}] if told.is_by_card else [document]


def _late(document: Document, told: Told) -> list[Document]:
    """Keep one card payment in three back until some days after its booking date."""
    is_late = told.is_by_card and told.one_in(3)
    return [] if is_late and told.age < _LATE else [document]


def _other_day(document: Document, told: Told) -> list[Document]:
    return [document | {"bookingDateTime": f"{told.day(-1)}T23:38:36Z", "valueDateTime": f"{told.day()}T00:00:00.000Z"}]


def _undated(document: Document, _told: Told) -> list[Document]:
    return [{name: value for name, value in document.items() if name not in _DATES}]


def _latest(document: Document, told: Told) -> list[Document]:
    latest = (told.today + timedelta(days=4)).isoformat()
    return [document | {"bookingDate": latest, "valueDate": latest}]


def _announced(document: Document, told: Told) -> list[Document]:
    """Name the debit as it will be booked, without the prefix it gets then."""
    if told.is_by_card:
        return [document]
    return [document | {"bookingDate": told.day(), "remittanceInformationUnstructured": told.movement.text}]


def booked_debit(document: Document, told: Told) -> list[Document]:
    """Put a prefix before a debit that was announced without."""
    if told.movement.kind is not Kind.DEBIT:
        return [document]
    return [document | {"remittanceInformationUnstructured": f"BS {document['remittanceInformationUnstructured']}"}]


BOOKED = {17: _in_text, 18: _due, 19: _truer_value, 20: _late, 21: _other_day}
PENDING = {11: _announced, 12: _latest, 16: _undated, 17: _undated}
