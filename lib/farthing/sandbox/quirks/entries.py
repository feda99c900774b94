"""Which habits change entries, and in which order."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from farthing.sandbox.columns import Columns
from farthing.sandbox.objects import json_objects
from farthing.sandbox.quirks import amounts, dates, ids, shapes, texts
from farthing.sandbox.told import Fields, Told

type Change = Callable[[Fields, Told], Fields]
type Addition = Callable[[Fields, Told], tuple[Fields, pl.Expr]]

# A field whose name begins with an underscore is a column for others to build upon, so that it is worked out once.
# Names and texts first, then amounts and dates, then ids: later habits look at what earlier ones left.
_BOOKED: Mapping[int, Change] = {**texts.BOOKED, **amounts.BOOKED, **dates.BOOKED, **ids.BOOKED, **shapes.BOOKED}
_PENDING: Mapping[int, Change] = {**texts.PENDING, **amounts.PENDING, **dates.PENDING, **ids.PENDING}
_SHOWN: Mapping[int, Callable[[Told], pl.Expr]] = {**amounts.SHOWN, **dates.SHOWN}
_BOOKED_AGAIN: Mapping[int, Addition] = {**amounts.AGAIN, **ids.AGAIN}
_PENDING_AGAIN: Mapping[int, Addition] = ids.PENDING_AGAIN


def booked(
    columns: Columns, fields: Fields, told: Told, *, wanted: Callable[[Fields], pl.Expr], is_quoted: bool = False
) -> pl.DataFrame:
    """Tell of booked entries as their bank does: mostly once, at times not at all or twice.

    :param fields: what would be said without habits.
    :param wanted: which entries are asked for, from what is said of them.
    :param is_quoted: see :func:`farthing.sandbox.objects.json_objects`.
    :returns: ``place``, ``id`` and ``json`` in the order of the entries.
    """
    quirks = told.bank.quirks
    changed = _changed(fields | {"_text": fields[texts.TEXT], texts.TEXT: pl.col("_text")}, told, _BOOKED)
    for name in [name for name in changed if name.startswith("_")]:
        columns = columns.with_column(name, changed.pop(name))
    shown = (condition(told) for number, condition in _SHOWN.items() if number in quirks)
    known = columns.where(pl.all_horizontal(wanted(changed), *shown))
    return _written(known, changed, told, _BOOKED_AGAIN, is_quoted=is_quoted)


def pending(columns: Columns, fields: Fields, told: Told, *, is_quoted: bool = False) -> pl.DataFrame:
    """Tell of pending entries as their bank does; see :func:`booked`."""
    return _written(columns, _changed(fields, told, _PENDING), told, _PENDING_AGAIN, is_quoted=is_quoted)


def _changed(fields: Fields, told: Told, changes: Mapping[int, Change]) -> Fields:
    for number, change in changes.items():
        if number in told.bank.quirks:
            fields = change(fields, told)
    return fields


def _written(
    columns: Columns, fields: Fields, told: Told, additions: Mapping[int, Addition], *, is_quoted: bool
) -> pl.DataFrame:
    if columns.rows.is_empty():
        return columns.rows.select("place", "id", json=pl.lit(""))
    added = [addition(fields, told) for number, addition in additions.items() if number in told.bank.quirks]
    numbered = replace(columns, rows=columns.rows.with_row_index("row"))
    versions = [(fields, numbered), *((again, numbered.where(condition)) for again, condition in added)]
    told_of = [json_objects(each, version, "row", "place", "id", is_quoted=is_quoted) for version, each in versions]
    written = pl.concat(told_of).sort("row", maintain_order=True) if added else told_of[0]
    return written["place", "id", "json"]
