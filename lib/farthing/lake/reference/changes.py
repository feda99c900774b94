"""What was decided together: the objects that hold decisions of several kinds, as a person's list of what to undo."""

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from farthing.lake import layout
from farthing.lake.reference.decisions import CHANGES, DECIDED_AT, KIND, UNDOES
from farthing.lake.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Decisions that were saved in one go.

    :ivar object_key: for :func:`~farthing.lake.reference.undo`.
    :ivar counts: how many decisions of each kind's table.
    :ivar is_undone: whether it was undone, and that was not undone in its turn.
    """

    object_key: str
    decided_at: datetime
    counts: Mapping[str, int]
    is_undone: bool


def saved_changes(store: ObjectStore, *, limit: int = 20) -> list[Change]:
    """List what was saved in one go, the newest first; undoings are told by what they undo.

    :param limit: how many objects are read, undoings among them.
    """
    keys = [key for key in store.keys(layout.decisions_prefix(CHANGES)) if not layout.is_leftover(key)][-limit:]
    found: list[tuple[str, datetime, Counter[str], str | None]] = []
    for key, content in sorted(store.get_many(keys).items(), reverse=True):
        try:
            table = pl.read_parquet(io.BytesIO(content), columns=[KIND, DECIDED_AT, UNDOES]).cast(pl.String)
            first = table.row(0, named=True)
            found.append((key, datetime.fromisoformat(first[DECIDED_AT]), Counter(table[KIND]), first[UNDOES]))
        except (pl.exceptions.PolarsError, TypeError, ValueError):
            continue  # `farthing status` says what cannot be read
    undone: set[str] = set()
    for key, _, _, undoes in found:  # the newest first: what an undone undoing undid holds again
        if undoes is not None and key not in undone:
            undone.add(undoes)
    return [
        Change(object_key=key, decided_at=at, counts=counts, is_undone=key in undone)
        for key, at, counts, undoes in found
        if undoes is None
    ]
