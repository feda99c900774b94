"""Which habits change entries, and in which order."""

from collections.abc import Callable, Mapping

import polars as pl

from farthing.sandbox.columns import Columns
from farthing.sandbox.objects import json_objects
from farthing.sandbox.quirks import amounts, dates, ids, shapes, texts
from farthing.sandbox.told import Fields, Told

type Change = Callable[[Fields, Told], Fields]
type Addition = Callable[[Fields, Told], tuple[Fields, pl.Expr]]

# Names and texts first, then amounts and dates, then ids: later habits look at what earlier ones left.
_BOOKED: Mapping[int, Change] = {**texts.BOOKED, **amounts.BOOKED, **dates.BOOKED, **ids.BOOKED, **shapes.BOOKED}
_PENDING: Mapping[int, Change] = {**texts.PENDING, **amounts.PENDING, **dates.PENDING, **ids.PENDING}
_SHOWN: Mapping[int, Callable[[Told], pl.Expr]] = {**amounts.SHOWN, **dates.SHOWN}
_BOOKED_AGAIN: Mapping[int, Addition] = {**amounts.AGAIN, **ids.AGAIN}
_PENDING_AGAIN: Mapping[int, Addition] = ids.PENDING_AGAIN


def booked(columns: Columns, fields: Fields, told: Told, *, wanted: Callable[[Fields], pl.Expr]) -> pl.DataFrame:
    """Tell of booked entries as their bank does: mostly once, at times not at all or twice.

    :param fields: what would be said without habits.
    :param wanted: which entries are asked for, from what is said of them.
    :returns: ``place``, ``id`` and ``json`` in the order of the entries.
    """
    quirks = told.bank.quirks
    changed = _changed(fields, told, _BOOKED)
    shown = (condition(told) for number, condition in _SHOWN.items() if number in quirks)
    return _written(columns, changed, told, _BOOKED_AGAIN, pl.all_horizontal(wanted(changed), *shown))


def pending(columns: Columns, fields: Fields, told: Told) -> pl.DataFrame:
    """Tell of pending entries as their bank does; see :func:`booked`."""
    return _written(columns, _changed(fields, told, _PENDING), told, _PENDING_AGAIN, pl.lit(value=True))


def _changed(fields: Fields, told: Told, changes: Mapping[int, Change]) -> Fields:
    for number, change in changes.items():
        if number in told.bank.quirks:
            fields = change(fields, told)
    return fields


def _written(
    columns: Columns, fields: Fields, told: Told, additions: Mapping[int, Addition], shown: pl.Expr
) -> pl.DataFrame:
    added = [addition(fields, told) for number, addition in additions.items() if number in told.bank.quirks]
    versions = [(fields, shown), *((again, shown & condition) for again, condition in added)]
    beside = {"row": pl.int_range(pl.len()), "place": pl.col("place"), "id": pl.col("id")}
    told_of = (json_objects(columns, version, **beside, is_shown=condition) for version, condition in versions)
    written = pl.concat(each.filter("is_shown") for each in told_of)
    return (written.sort("row", maintain_order=True) if added else written).select("place", "id", "json")
