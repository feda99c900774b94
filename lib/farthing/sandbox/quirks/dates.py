"""Dates that say less than they seem to."""

from datetime import timedelta

import polars as pl

from farthing.sandbox.habits import Kind
from farthing.sandbox.told import Fields, Told, dated, either, padded

_TEXT = "remittanceInformationUnstructured"
_LATE = 3  # days
_DATES = ("bookingDate", "valueDate", "bookingDateTime", "valueDateTime")


def _in_text(fields: Fields, told: Told) -> Fields:
    """Book a card payment two days after the purchase; the text alone tells the day."""
    minute = told.number(720)
    clock = [(8 + minute // 60), minute % 60]
    time = pl.concat_str(*(padded(part, 2) for part in clock), separator=":")
    text = pl.format("(..4711) {} {} {}", dated(told.later(-2), "%Y-%m-%d"), time, fields[_TEXT])
    return fields | {_TEXT: either(told.is_by_card, text, fields[_TEXT])}


def _due(fields: Fields, told: Told) -> Fields:
    """Value a card payment on the first of the month after next."""
    due = told.day.dt.month_start().dt.offset_by("2mo")
    return fields | {"valueDate": either(told.is_by_card, due, fields["valueDate"])}


def _truer_value(fields: Fields, told: Told) -> Fields:
    return fields | {"valueDate": either(told.is_by_card, told.later(-1), fields["valueDate"])}


def _late(told: Told) -> pl.Expr:
    """Keep one card payment in three back until some days after its booking date."""
    return ~(told.is_by_card & told.one_in(3) & (told.age < _LATE))


def _other_day(fields: Fields, told: Told) -> Fields:
    return fields | {
        "bookingDateTime": dated(told.later(-1), "%Y-%m-%dT23:38:36Z"),
        "valueDateTime": dated(told.day, "%Y-%m-%dT00:00:00.000Z"),
    }


def _undated(fields: Fields, _told: Told) -> Fields:
    return {name: field for name, field in fields.items() if name not in _DATES}


def _latest(fields: Fields, told: Told) -> Fields:
    latest = (told.today + timedelta(days=4)).isoformat()
    return fields | {"bookingDate": latest, "valueDate": latest}


def _announced(fields: Fields, told: Told) -> Fields:
    """Name the debit as it will be booked, without the prefix it gets then."""
    return fields | {
        "bookingDate": either(told.is_by_card, None, told.day),
        _TEXT: either(told.is_by_card, fields[_TEXT], told.text),
    }


def booked_debit(fields: Fields, told: Told) -> Fields:
    """Put a prefix before a debit that was announced without."""
    is_debit = told.kind == Kind.DEBIT.value
    return fields | {_TEXT: either(is_debit, pl.format("BS {}", fields[_TEXT]), fields[_TEXT])}


BOOKED = {17: _in_text, 18: _due, 19: _truer_value, 21: _other_day}
PENDING = {11: _announced, 12: _latest, 16: _undated, 17: _undated}
SHOWN = {20: _late}
