"""All landing made anew from raw, and only from raw, under readers' eyes."""

import gc
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import chain
from multiprocessing import get_context

from farthing.errors import FarthingError
from farthing.lake import layout
from farthing.lake.landing import landing_files, with_lineage, write_schemas
from farthing.lake.raw import parse_raw, peek_extract
from farthing.lake.store import ObjectStore
from farthing.lake.tables import Written, put_parquet_if_changed, to_parquet
from farthing.provider import Reader
from farthing.sync.land import land, raw_days, raw_keys

_AHEAD = 2 * (os.cpu_count() or 1)  # runs in the hands of other processes: one being landed, the next lying ready

type _Day = tuple[date, list[str]]  # with the keys of its answers
type _Files = dict[str, bytes]  # by key


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
    and finds equal what it had already written. In memory are a day of raw or two, compressed, and an answer of it
    a process, unpacked, beside the tables of its run.

    :param tell: called with how many days are done, and of how many.
    :param check: called before each run is written and before anything is removed; raises to stop there.
    :param processes_after: how many answers this process lands alone; if there are more, others do, one a core. To
        start them takes as long as to land some thousand.
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
    listed, are_many = _counted(((day, raw_keys(store, provider, day)) for day in days), processes_after)
    with _processes() if are_many else nullcontext() as pool:
        for run, files in _landed(provider, _runs_of(store, listed), pool):
            check()
            for key, content in files.items():
                written[put_parquet_if_changed(store, key, content)] += 1
                explained.add(key)
            runs += 1
            answers += len(run.answers)
            if run.is_last_of_day:
                tell(days.index(run.day) + 1, len(days))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What a run was answered: by key, compressed as it lies in the lake."""

    day: date
    run_id: str
    answers: dict[str, bytes]
    is_last_of_day: bool


def _counted(days: Iterator[_Day], many: int) -> tuple[Iterator[_Day], bool]:
    """Tell whether days have more answers than so many, without listing further than it takes; and give them back."""
    first: list[_Day] = []
    left = many
    for day in days:
        first.append(day)
        left -= len(day[1])
        if left < 0:
            break
    return chain(first, days), left < 0


def _runs_of(store: ObjectStore, days: Iterable[_Day]) -> Iterator[_Run]:
    """Read the answers of a day after the other, and give them by run, which all share its day."""
    for day, keys in days:
        runs: dict[str, dict[str, bytes]] = {}
        for key, content in sorted(store.get_many(keys).items()):
            runs.setdefault(str(_readable(key, content, peek_extract).run_id), {})[key] = content
        for run_id in sorted(runs):
            yield _Run(day=day, run_id=run_id, answers=runs[run_id], is_last_of_day=run_id == max(runs))


@contextmanager
def _processes() -> Iterator[Executor]:
    # Not forked: the threads of libraries would not come along. What an answer is made into has no cycles, and to look
    # for them among its entries takes a tenth of the time.
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=gc.disable)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _landed(provider: Reader, runs: Iterator[_Run], pool: Executor | None) -> Iterator[tuple[_Run, _Files]]:
    """Give each run with its files, as Parquet and in the order of writing.

    Other processes are given some runs ahead, so that they have always work, and memory does not grow with the runs.
    """
    if pool is None:
        yield from ((run, _files_of(provider, run)) for run in runs)
        return
    landing: deque[tuple[_Run, Future[_Files]]] = deque()
    for run in runs:
        landing.append((run, pool.submit(_files_of, provider, run)))
        if len(landing) > _AHEAD:
            landed, files = landing.popleft()
            yield landed, files.result()
    for landed, files in landing:
        yield landed, files.result()


def _files_of(provider: Reader, run: _Run) -> _Files:
    envelopes = (_readable(key, content, parse_raw) for key, content in run.answers.items())
    tables = land(envelopes, provider)
    files = landing_files(provider.name, day=run.day, run_id=run.run_id, tables=tables)
    return {key: to_parquet(table) for key, table in files.items()}


def _readable[T](key: str, content: bytes, read: Callable[[bytes], T]) -> T:
    try:
        return read(content)
    except ValueError as exc:
        raise RawUnreadableError(
            f"{key} cannot be read ({type(exc).__name__}), so nothing was removed: "
            "restore it from a copy of the lake, then run this again."
        ) from None
