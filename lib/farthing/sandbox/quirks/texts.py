"""Names and texts in the wrong place, or in the wrong shape."""

from datetime import date
from html import escape

from farthing.sandbox.habits import Kind
from farthing.sandbox.quirks.dates import booked_debit
from farthing.sandbox.quirks.told import Told
from farthing.sandbox.wire import Document

_TEXT, _LIST = "remittanceInformationUnstructured", "remittanceInformationUnstructuredArray"
_PLACEHOLDER = "Kartenzahlung vorgemerkt"
_UNSETTLED = 3  # days
NEW_LAYOUT = date(2026, 7, 1)


def _without(document: Document, *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def _placeholder(document: Document, told: Told) -> list[Document]:
    return [document | {_TEXT: _PLACEHOLDER}] if told.is_by_card else [document]


def _unsettled(document: Document, told: Told) -> list[Document]:
    if told.age >= _UNSETTLED:
        return [document]
    text = f"RESERVERT {document[_TEXT]}"
    return [_without(document, "creditorAccount", "debtorAccount") | {_TEXT: text}]


def _pas(document: Document, told: Told) -> list[Document]:
    """Give a list only: the shop before ``,PAS``, or what a debit's form has."""
    if told.is_by_card:
        name = told.movement.party.name
        number, day = told.entry.entry_id.int % 10**8, told.entry.day
        minutes = told.entry.entry_id.int % 780
        clock = f"{8 + minutes // 60:02}:{minutes % 60:02}"
        lines = ["BEA, Betaalpas", f"CCV*{name},PAS001", f"NR:{number:08}, {day:%d.%m.%y}/{clock}", "VOORBEELDDAM"]
    else:
        lines = ["SEPA Overboeking", f"Naam: {told.movement.party.name}", f"Omschrijving: {document[_TEXT]}"]
    shown = {**_without(document, _TEXT, "creditorName"), _LIST: lines}
    return [shown | ({"creditorName": ""} if told.is_outgoing else {})]


def _shuffled(document: Document, told: Told) -> list[Document]:
    number = told.entry.entry_id.int
    lines = [str(document[_TEXT]), f"REF {number % 10**9:09}", f"CB {told.entry.day:%d/%m/%y}"]
    turn = number % len(lines)
    return [_without(document, _TEXT) | {_LIST: lines[turn:] + lines[:turn]}]


def _cut(document: Document, told: Told) -> list[Document]:
    """Lengthen a text as forms do, then cut it."""
    number = told.entry.entry_id.hex.upper()
    references = f"End-to-End-Ref.: {number} Mandatsref.: M{number[:20]} Gläubiger-ID: DE00ZZZ{number[:11]}"
    whole = f"{document[_TEXT]} {references} Dauerlastschrift"
    chunks = [whole[start : start + 27] for start in range(0, len(whole), 27)]
    return [document | {_TEXT: whole[:140], _LIST: chunks}]


def _structured(document: Document, told: Told) -> list[Document]:
    """Put the text into the structured field, or for every other entry into the structured list."""
    text = str(document[_TEXT])
    if told.one_in(2):
        return [_without(document, _TEXT) | {"remittanceInformationStructuredArray": [told.movement.kind.name, text]}]
    return [_without(document, _TEXT) | {"remittanceInformationStructured": f"{told.entry.day:%d.%m.} {text}\\\\"}]


def _additional(document: Document, _told: Told) -> list[Document]:
    """Put text and payee into the additional field."""
    return [_without(document, _TEXT, "creditorName") | {"additionalInformation": document[_TEXT]}]


def _pairs(document: Document, told: Told) -> list[Document]:
    name, town = told.movement.party.name.upper(), told.merchant.town.upper() if told.merchant else ""
    pairs = f"atmPosName: {name}, narrative: ['{name} {town}', '{document[_TEXT]}'], valueDate: {told.entry.day:%d/%m}"
    return [_without(document, _TEXT) | {"additionalInformation": pairs}]


def _nameless(document: Document, told: Told) -> list[Document]:
    """Name the account holder as debtor and nobody as creditor; the text tells who was paid."""
    if not told.is_outgoing:
        return [document]
    text = f"{told.movement.party.name} {document.get(_TEXT, '')}".strip()
    named = {"creditorName": "", "debtorName": told.account.owner}
    return [document | named | ({_TEXT: text} if _TEXT in document else {})]


def _new_layout(document: Document, told: Told) -> list[Document]:
    """From a day on, answers have the text in the structured field, for old entries too."""
    if told.today < NEW_LAYOUT:
        return [document]
    return [_without(document, _TEXT) | {"remittanceInformationStructured": document[_TEXT]}]


def _general_word(document: Document, told: Told) -> list[Document]:
    if not told.is_outgoing or told.merchant is None:
        return [document]
    word = "Lastschriftzahlung" if told.movement.kind is Kind.DEBIT else "Kartenzahlung"
    return [document | {"creditorName": word, "ultimateCreditor": told.merchant.name}]


def _noisy(document: Document, told: Told) -> list[Document]:
    text = document.get(_TEXT) or document.get("additionalInformation")
    field = _TEXT if _TEXT in document else "additionalInformation"
    number = told.entry.entry_id.int % 3
    noise = (
        f"{text}\nEndToEndID: NOTPROVIDED",
        f"/Txt/D|{text}".replace(" ", ";"),
        f"  \tPOS{told.entry.day:%d%b}   {text}   ".upper(),
    )
    return [document | {field: noise[number]}]


def _escaped(document: Document, told: Told) -> list[Document]:
    if told.is_by_card:
        return [document]
    return [document | {_TEXT: f"{document[_TEXT]} - grazie \\U0001f600"}]


def _entities(document: Document, _told: Told) -> list[Document]:
    changed = {
        name: escape(str(document[name]), quote=True) for name in ("creditorName", "debtorName") if name in document
    }
    return [document | changed]


# 53 follows 43, whose layout it changes; 45 follows 41, wherever the text is by then.
BOOKED = {
    11: booked_debit,
    14: _placeholder,
    15: _unsettled,
    46: _escaped,
    47: _entities,
    44: _general_word,
    43: _nameless,
    53: _new_layout,
    37: _pas,
    38: _shuffled,
    39: _cut,
    40: _structured,
    41: _additional,
    42: _pairs,
    45: _noisy,
}
PENDING = {14: _placeholder}
