"""All landing made anew from raw, and only from raw, under readers' eyes."""

import gzip
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from typing import Self

from farthing.errors import FarthingError
from farthing.lake import layout
from farthing.lake.landing import landing_files, with_lineage, write_schemas
from farthing.lake.raw import parse_raw, peek_extract
from farthing.lake.store import ObjectStore
from farthing.lake.tables import Written, put_parquet_if_changed, to_parquet
from farthing.provider import Reader
from farthing.sync.land import land, raw_days, raw_keys

_AT_ONCE = 8  # answers fetched together; each waits for the network alone

type _Answers = list[tuple[str, bytes]]  # by key, compressed as they lie in the lake
type _Runs = dict[str, _Answers]


class NothingToReplayError(FarthingError):
    """There is landing, but no raw to make it from: look for the raw answers before anything else."""


class RawUnreadableError(FarthingError):
    """A stored answer cannot be read: restore it from a copy of the lake, then replay again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What was read, and how the landing files compare with what was there before."""

    runs: int
    answers: int
    equal: int
    changed: int
    added: int
    gone: int

    @property
    def is_as_before(self) -> bool:
        """Whether landing was just as raw has it."""
        return self.changed == self.added == self.gone == 0


def replay(
    store: ObjectStore,
    provider: Reader,
    *,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
    check: Callable[[], None] = lambda: None,
    processes_after: int = 2_000,
) -> Replayed:
    """Land all raw answers again, day by day, and remove what no raw answer explains.

    A run's files keep their keys and ``extracts`` comes last, files that are equal are left alone, and what is to go
    goes at the end: whoever reads meanwhile misses no row and sees none twice. Killed anywhere, it is simply run again,
    and finds equal what it had already written. In memory is one day of raw, compressed, and a run of it
    a process, unpacked.

    :param tell: called with how many days are done, and of how many.
    :param check: called before each run is written and before anything is removed; raises to stop there.
    :param processes_after: how many answers to land in this process before others take over; to start them takes as
        long as to land some thousand.
    :raises NothingToReplayError: if there is no raw at all; then nothing is removed.
    :raises RawUnreadableError: if an answer cannot be read; then nothing is removed.
    """
    days = raw_days(store, provider)
    landed = layout.landing_prefix(provider.name)
    schemas = {
        layout.landing_schema_key(provider=provider.name, entity=name) for name in with_lineage(provider.columns)
    }
    if not days and (set(store.keys(landed)) - schemas):
        raise NothingToReplayError(
            f"The lake at {store.url} has landing, but no raw answers to make it from: nothing was changed. "
            "Correct FARTHING_LAKE_URL, or restore raw/ from a copy."
        )
    write_schemas(store, provider.name, provider.columns)  # new columns first: older files then have them, as nulls
    explained = schemas
    written: Counter[Written] = Counter()
    runs = answers = 0
    tell(0, len(days))
    with _Landing(provider, processes_after) as landing:
        for done, day in enumerate(days, start=1):
            of_day = _runs_of(store, provider, day)
            for files in landing.files(day, of_day):
                check()
                for key, content in files.items():
                    written[put_parquet_if_changed(store, key, content)] += 1
                    explained.add(key)
            runs += len(of_day)
            answers += sum(map(len, of_day.values()))
            tell(done, len(days))
    stale = [key for key in store.keys(landed) if key not in explained]
    check()
    store.delete(stale)
    return Replayed(
        runs=runs,
        answers=answers,
        equal=written[Written.EQUAL],
        changed=written[Written.CHANGED],
        added=written[Written.ADDED],
        gone=sum(not layout.is_leftover(key) for key in stale),
    )


class _Landing:
    """Makes landing files of raw answers; once they are many, with a process for each core."""

    def __init__(self, provider: Reader, processes_after: int) -> None:
        self._provider = provider
        self._left = processes_after
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def files(self, day: date, runs: _Runs) -> Iterator[dict[str, bytes]]:
        """Give each run's files by key, as Parquet, in the order of writing."""
        if self._left <= 0 and self._pool is None:
            # Not forked: the threads of libraries would not come along.
            self._pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))
        self._left -= sum(map(len, runs.values()))
        make = partial(_files_of, self._provider, day)
        yield from (self._pool.map if self._pool else map)(make, runs, runs.values())


def _files_of(provider: Reader, day: date, run_id: str, answers: _Answers) -> dict[str, bytes]:
    tables = land((_readable(key, content, parse_raw) for key, content in answers), provider)
    files = landing_files(provider.name, day=day, run_id=run_id, tables=tables)
    return {key: to_parquet(table) for key, table in files.items()}


def _runs_of(store: ObjectStore, provider: Reader, day: date) -> _Runs:
    """Give a day's answers by run, which all share its day."""
    keys = raw_keys(store, provider, day)
    runs: _Runs = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for key, content in zip(keys, pool.map(store.get, keys), strict=True):
            run_id = _readable(key, content, peek_extract).run_id
            runs.setdefault(str(run_id), []).append((key, content))
    return dict(sorted(runs.items()))


def _readable[T](key: str, content: bytes, read: Callable[[bytes], T]) -> T:
    try:
        return read(content)
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as exc:
        raise RawUnreadableError(
            f"{key} cannot be read ({type(exc).__name__}), so nothing was removed: "
            "restore it from a copy of the lake, then run this again."
        ) from None
