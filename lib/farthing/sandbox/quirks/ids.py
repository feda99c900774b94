"""Ids that cannot be a key."""

from hashlib import sha256
from uuid import uuid5

from farthing.sandbox.habits import Kind
from farthing.sandbox.institutions import Dialect
from farthing.sandbox.quirks.told import Told
from farthing.sandbox.wire import Document

_TEMPORARY = 3  # days


def _absent(document: Document, _told: Told) -> list[Document]:
    return [{name: value for name, value in document.items() if name != "transactionId"}]


def _blank(document: Document, told: Told) -> list[Document]:
    return [document | {"transactionId": " "}] if told.one_in(4) else [document]


def _shared(document: Document, told: Told) -> list[Document]:
    reused = told.is_by_card and told.one_in(6)
    return [document | {"transactionId": "9998"}] if reused else [document]


def _not_provided(document: Document, told: Told) -> list[Document]:
    return [document | {"transactionId": "NOTPROVIDED"}] if told.is_by_card else [document]


def _reissued(document: Document, told: Told) -> list[Document]:
    """Give an entry its lasting ids after some days, and every third one the next day as booking date."""
    if told.age < _TEMPORARY:
        return [document]
    lasting = uuid5(told.entry.entry_id, "lasting").hex
    changed = document | {"transactionId": f"R{lasting[:15].upper()}"}
    if told.one_in(3):
        changed |= {"internalTransactionId": lasting, "bookingDate": told.day(1)}
    return [changed]


def _malformed(document: Document, told: Told) -> list[Document]:
    if told.age >= _TEMPORARY:
        return [document | {"transactionId": told.entry.entry_id.hex}]
    sign = "DEBIT" if told.is_outgoing else "CREDIT"
    cents = abs(int(told.movement.amount * 100))
    name = told.movement.party.name if told.merchant else "TRANSFER"
    text = f"00{sign}{told.entry.day:%Y%m%d}{0:010}-{cents}{name.upper()}"
    internal = uuid5(told.entry.entry_id, "temporary").hex
    return [document | {"transactionId": text, "internalTransactionId": internal}]


def _same_internal(document: Document, told: Told) -> list[Document]:
    owner = told.account.key.rpartition("/")[0]
    text = f"{owner}/{told.entry.day}/{told.entry.serial}/{told.entry.generation}"
    return [document | {"internalTransactionId": sha256(text.encode()).hexdigest()[:32]}]


def _serial(document: Document, told: Told) -> list[Document]:
    return [document | {"transactionId": f"{told.entry.day:%Y%m%d}{told.entry.serial:05}-{1 + told.entry.generation}"}]


def _twice(document: Document, told: Told) -> list[Document]:
    """Give interest a second time, its date-times swapped."""
    if told.movement.kind is not Kind.INTEREST:
        return [document]
    first, second = f"{told.day(-1)}T23:38:36Z", f"{told.day()}T00:00:00.000Z"
    other = uuid5(told.entry.entry_id, "twin").hex
    once = document | {"bookingDateTime": first, "valueDateTime": second}
    again = document | {"bookingDateTime": second, "valueDateTime": first, "internalTransactionId": other}
    return [once, again]


def _changing(document: Document, told: Told) -> list[Document]:
    """Announce a payment by an id of its own, at times with a check that never books.

    The banks written by hand give no id at all: there, text and id change all the same.
    """
    if told.bank.dialect is not Dialect.PLAIN:
        return [document]
    number = told.entry.entry_id.int % 10_000
    changed = document | {"transactionId": f"P-{number:04}"}
    if told.one_in(5) and told.is_outgoing:
        return [changed, changed | {"transactionId": f"P-{number:04}C", "transactionAmount": _one_unit(told)}]
    return [changed]


def _one_unit(told: Told) -> Document:
    return {"amount": "-1.00", "currency": told.account.currency}


BOOKED = {
    1: _absent,
    2: _blank,
    4: _not_provided,
    5: _reissued,
    6: _malformed,
    3: _shared,  # whatever the id would be
    7: _same_internal,
    8: _serial,
    22: _twice,
}
PENDING = {4: _not_provided, 10: _changing}
