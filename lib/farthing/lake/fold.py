"""Many landing files into few: for each closed month and entity, one file in place of one a run.

Why nobody who reads meanwhile misses a row or counts one twice is in ``docs/adr/0011-closed-months-are-folded.md``.
"""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from farthing.lake import layout
from farthing.lake.landing import EXTRACTS
from farthing.lake.store import ObjectStore, StoredObject
from farthing.lake.tables import get_tables, put_table

GRACE = timedelta(hours=24)  # how long the files that were folded stay for those who had listed them before
_OPEN_FOR = timedelta(days=14)  # after a month's end: what runs that died left may still land in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """How many files were written, each of one month and entity; from how many; and how many were removed."""

    written: int
    folded: int
    removed: int


def fold(
    store: ObjectStore,
    provider: str,
    entities: Iterable[str],
    *,
    now: datetime,
    today: date,
    grace: timedelta = GRACE,
    check: Callable[[], None] = lambda: None,
) -> Folded:
    """Fold the closed months, and remove the files that were folded longer ago than the grace period.

    A month is closed two weeks after its end, counted by the newest day that has landed; what landed on days to come is
    of a clock that was ahead, and closes nothing. Killed anywhere, it is simply run again. In memory is one entity of
    one month.

    :param entities: the landing entities; ``extracts`` is folded last.
    :param now: by the store's clock.
    :param today: the day of the run, which a simulation may have ahead of the store's.
    :param check: called before each file is written and before anything is removed; raises to stop there.
    """
    days = [day for day in store.days(layout.landing_prefix(provider, EXTRACTS)) if day <= today]
    if not days:
        return Folded(written=0, folded=0, removed=0)
    written = folded = 0
    stale: list[str] = []
    for entity in sorted(entities, key=lambda name: name == EXTRACTS):
        for end, files in _closed_months(store, provider, entity, newest=days[-1]).items():
            key = layout.folded_key(provider=provider, entity=entity, month_end=end)
            before = next((each for each in files if each.key == key), None)
            runs = [each for each in files if each.key != key]
            if any(before is None or each.modified_at >= before.modified_at for each in runs):
                check()
                put_table(store, key, _together([each.key for each in runs], None if before is None else key, store))
                written += 1
                folded += len(runs)
            elif before is not None and now - before.modified_at >= grace:
                stale += [each.key for each in runs]
    check()
    store.delete(stale)
    return Folded(written=written, folded=folded, removed=len(stale))


def _closed_months(store: ObjectStore, provider: str, entity: str, *, newest: date) -> dict[date, list[StoredObject]]:
    """List an entity's files by the last day of their month."""
    months: dict[date, list[StoredObject]] = {}
    for each in store.objects(layout.landing_prefix(provider, entity)):
        day = layout.day_of(each.key)
        if day is None or layout.is_leftover(each.key):
            continue
        end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        if end + _OPEN_FOR < newest:
            months.setdefault(end, []).append(each)
    return months


def _together(keys: list[str], before: str | None, store: ObjectStore) -> pl.DataFrame:
    """Put files' rows into one table, each row once; a run that landed anew outweighs what was folded of it."""
    tables = get_tables(store, [*keys, before] if before else keys)
    rows = pl.concat(tables, how="diagonal")
    identity = [name for name in ("extract_id", "entry_index", "booking_status") if name in rows.columns]
    return rows.unique(identity, keep="first", maintain_order=True).sort("extract_id", maintain_order=True)
