"""Names and texts in the wrong place, or in the wrong shape."""

from datetime import date
from html import escape

import numpy as np
import polars as pl
import pyarrow as pa

from farthing.sandbox.habits import Kind
from farthing.sandbox.movements import counted
from farthing.sandbox.quirks.dates import booked_debit
from farthing.sandbox.told import Fields, Told, dated, either, padded

TEXT, _LIST = "remittanceInformationUnstructured", "remittanceInformationUnstructuredArray"
_PLACEHOLDER = "Kartenzahlung vorgemerkt"
_UNSETTLED = 3  # days
_LINE = 27  # characters
_AT_ONCE = 8192  # texts
_ENTITIES = {character: escape(character) for character in "&<>\"'"}
NEW_LAYOUT = date(2026, 7, 1)


def _without(fields: Fields, *names: str) -> Fields:
    return {name: field for name, field in fields.items() if name not in names}


def _placeholder(fields: Fields, told: Told) -> Fields:
    return fields | {TEXT: either(told.is_by_card, _PLACEHOLDER, fields[TEXT])}


def _unsettled(fields: Fields, told: Told) -> Fields:
    is_settled = told.age >= _UNSETTLED
    accounts = {name: either(is_settled, fields[name], None) for name in ("creditorAccount", "debtorAccount")}
    return fields | accounts | {TEXT: either(is_settled, fields[TEXT], pl.format("RESERVERT {}", fields[TEXT]))}


def _pas(fields: Fields, told: Told) -> Fields:
    """Give a list only: the shop before ``,PAS``, or what a debit's form has."""
    minute = told.number(780)
    clock = pl.format("{}:{}", padded(8 + minute // 60, 2), padded(minute % 60, 2))
    at_shop = [
        "BEA, Betaalpas",
        pl.format("CCV*{},PAS001", pl.coalesce("said", told.name)),
        pl.format("NR:{}, {}/{}", padded(told.number(10**8), 8), dated(told.day, "%d.%m.%y"), clock),
        "VOORBEELDDAM",
    ]
    form = ["SEPA Overboeking", pl.format("Naam: {}", told.name), pl.format("Omschrijving: {}", fields[TEXT])]
    name = either(told.is_outgoing, "", None)
    return {**_without(fields, TEXT), "creditorName": name, _LIST: either(told.is_by_card, at_shop, form)}


def _shuffled(fields: Fields, told: Told) -> Fields:
    reference = pl.format("REF {}", padded(told.number(10**9), 9))
    lines = [fields[TEXT], reference, pl.format("CB {}", dated(told.day, "%d/%m/%y"))]
    turn = told.number(3)
    turned = either(turn == 1, [*lines[1:], lines[0]], either(turn == 2, [lines[2], *lines[:2]], lines))
    return {**_without(fields, TEXT), _LIST: turned}


def _cut(fields: Fields, told: Told) -> Fields:
    """Lengthen a text as forms do, then cut it."""
    number = told.hex_id.str.to_uppercase()
    whole = pl.format(
        "{} End-to-End-Ref.: {} Mandatsref.: M{} Gläubiger-ID: DE00ZZZ{} Dauerlastschrift",
        *(fields[TEXT], number, number.str.head(20), number.str.head(11)),
    )
    lines = whole.map_batches(_all_lines, return_dtype=pl.List(pl.String))
    return fields | {TEXT: whole.str.head(140), _LIST: lines}


def _all_lines(texts: pl.Series) -> pl.Series:
    """Cut texts into lines, some at a time, since it takes three times their memory."""
    return pl.concat([_lines(texts.slice(start, _AT_ONCE)) for start in range(0, len(texts), _AT_ONCE)])


def _lines(texts: pl.Series) -> pl.Series:
    """Cut texts into lines of so many characters, which in memory are the texts still, with an offset a line."""
    whole = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, written = whole.buffers()
    begins = np.frombuffer(offsets, np.int64)
    inside = np.flatnonzero(np.frombuffer(written, np.int8) < -0x40)  # bytes that begin no character: 0x80 to 0xBF
    first = begins - np.searchsorted(inside, begins)  # character of each text, among those of all
    lines = -(-np.diff(first) // _LINE)
    which, nth = counted(lines)
    at = first[which] + _LINE * nth
    at += np.searchsorted(inside - np.arange(len(inside)), at, "right")
    cut = pa.LargeStringArray.from_buffers(len(at), pa.py_buffer(np.append(at, begins[-1])), written)
    ends = [None, pa.py_buffer(np.append(0, np.cumsum(lines)))]
    lists = pa.Array.from_buffers(pa.large_list(cut.type), len(lines), ends, children=[cut])
    return pl.Series(pl.from_arrow(lists))


def _structured(fields: Fields, told: Told) -> Fields:
    """Put the text into the structured field, or for every other entry into the structured list."""
    kind = told.kind.replace_strict({kind.value: kind.name for kind in Kind}, return_dtype=pl.String)
    text = pl.format("{} {}\\\\", dated(told.day, "%d.%m."), fields[TEXT])
    return {
        **_without(fields, TEXT),
        "remittanceInformationStructuredArray": either(told.one_in(2), [kind, fields[TEXT]], None),
        "remittanceInformationStructured": either(told.one_in(2), None, text),
    }


def _additional(fields: Fields, _told: Told) -> Fields:
    """Put text and payee into the additional field."""
    return _without(fields, TEXT, "creditorName") | {"additionalInformation": fields[TEXT]}


def _pairs(fields: Fields, told: Told) -> Fields:
    name, town = told.name.str.to_uppercase(), pl.col("party_town").str.to_uppercase()
    undated = pl.format("atmPosName: {}, narrative: ['{} {}', '{}'], valueDate: ", *(name, name, town, fields[TEXT]))
    pairs = pl.concat_str("_undated", dated(told.day, "%d/%m"))
    return _without(fields, TEXT) | {"_undated": undated, "additionalInformation": pairs}


def _nameless(fields: Fields, told: Told) -> Fields:
    """Name the account holder as debtor and nobody as creditor; the text tells who was paid."""
    text = pl.format("{} {}", told.name, fields[TEXT]).str.strip_chars()
    return fields | {
        "creditorName": either(told.is_outgoing, "", fields["creditorName"]),
        "debtorName": either(told.is_outgoing, pl.col("account_owner"), fields["debtorName"]),
        TEXT: either(told.is_outgoing, text, fields[TEXT]),
    }


def _new_layout(fields: Fields, told: Told) -> Fields:
    """From a day on, answers have the text in the structured field, for old entries too."""
    if told.today < NEW_LAYOUT:
        return fields
    return _without(fields, TEXT) | {"remittanceInformationStructured": fields[TEXT]}


def _general_word(fields: Fields, told: Told) -> Fields:
    is_paid = told.is_outgoing & told.is_merchant
    word = either(told.kind == Kind.DEBIT.value, "Lastschriftzahlung", "Kartenzahlung")
    return fields | {
        "creditorName": either(is_paid, word, fields["creditorName"]),
        "ultimateCreditor": either(is_paid, told.name, None),
    }


def _noisy(fields: Fields, told: Told) -> Fields:
    name = TEXT if TEXT in fields else "additionalInformation"
    text = fields[name]
    ended = pl.format("{}\nEndToEndID: NOTPROVIDED", text)
    joined = pl.format("/Txt/D|{}", text).str.replace_all(" ", ";", literal=True)
    spaced = pl.format("  \tPOS{}   {}   ", dated(told.day, "%d%b", is_upper=True), pl.col("_upper"))
    return fields | {
        "_noise": either(told.number(3) == 0, ended, joined),
        "_upper": text.str.to_uppercase(),
        name: either(told.number(3) == 2, spaced, pl.col("_noise")),
    }


def _escaped(fields: Fields, told: Told) -> Fields:
    text = pl.format("{} - grazie \\U0001f600", fields[TEXT])
    return fields | {TEXT: either(told.is_by_card, fields[TEXT], text)}


def _entities(fields: Fields, _told: Told) -> Fields:
    return fields | {name: fields[name].str.replace_many(_ENTITIES) for name in ("creditorName", "debtorName")}


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
