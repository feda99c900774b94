"""Closed months become one file an entity, wherever the lake lies, and nobody who reads meanwhile is told otherwise."""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from farthing.assembly import READER
from farthing.gocardless.landing import COLUMNS
from farthing.lake import layout
from farthing.lake.fold import Folded, fold
from farthing.lake.forget import forget
from farthing.lake.landing import landed_runs, read_extracts, with_lineage, write_schemas
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import get_table, put_table
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import Settings
from farthing.sync.land import land_run, recover
from farthing.sync.replay import replay

pytestmark = pytest.mark.integration

BANK = "gocardless"
FIRST = datetime(2026, 1, 30, 12, tzinfo=UTC)
RUNS = 8  # every third day: January has one, February most, and the newest is on 20 February
LAST = FIRST + timedelta(days=3 * (RUNS - 1))
ENTITIES = tuple(with_lineage(COLUMNS))
HOUR = timedelta(hours=1)


class WatchedStore(ObjectStore):
    """A store that lets someone look before and after each change, and can die there."""

    def __init__(self, store: ObjectStore, look: Callable[[], object]) -> None:
        vars(self).update(vars(store))
        self._look = look

    def put(self, key: str, content: bytes) -> None:
        self._look()
        super().put(key, content)
        self._look()

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._look()
            super().delete([key])
            self._look()


@pytest.fixture
def store(anywhere: Settings) -> ObjectStore:
    store = open_store(anywhere)
    store.prepare()
    write_schemas(store, BANK, COLUMNS)
    asyncio.run(_land(anywhere, store))
    return store


async def _land(settings: Settings, store: ObjectStore) -> None:
    for run in range(RUNS):
        at = FIRST + timedelta(days=3 * run)
        keys = []
        for account in ("a", "b"):
            extract = make_extract(
                provider=READER.name, ask=Ask(endpoint=Endpoint.TRANSACTIONS, account_id=account),
                run_id=UUID(int=run), attempt=1, requested_at=at, version="0.1.0",
            )  # fmt: skip
            entries = [{"transactionId": str(number)} for number in range(run + 1)]
            answer = Answer(
                method="GET", path=f"accounts/{account}/transactions/", params={}, started_at=at, ended_at=at,
                status=200, body=json.dumps({"transactions": {"booked": entries, "pending": entries[:1]}}).encode(),
            )  # fmt: skip
            keys.append(write_raw(store, extract, answer))
        land_run(store, READER, keys)


def rows_of(store: ObjectStore) -> dict[str, set[tuple[object, ...]]]:
    """All rows that count, by entity: each once, and only if its extract is there."""
    found: dict[str, set[tuple[object, ...]]] = {entity: set() for entity in ENTITIES}
    for entity in ENTITIES:
        for key in store.keys(layout.landing_prefix(BANK, entity)):
            found[entity] |= set(get_table(store, key).rows())
    marks = {row[0] for row in found["extracts"]}
    return {entity: {row for row in rows if row[0] in marks} for entity, rows in found.items()}


def folding(store: ObjectStore, *, later: timedelta = timedelta()) -> Folded:
    return fold(store, BANK, ENTITIES, now=datetime.now(UTC) + later, today=LAST.date(), grace=HOUR)


def test_nobody_misses_a_row(store: ObjectStore) -> None:
    rows, raw = rows_of(store), store.keys("raw/")
    seen: list[dict[str, set[tuple[object, ...]]]] = []
    watched = WatchedStore(store, lambda: seen.append(rows_of(store)))
    runs = landed_runs(store, BANK)

    assert folding(watched) == Folded(written=2, folded=2, removed=0)
    assert folding(watched) == Folded(written=0, folded=0, removed=0)  # those who listed the old files may read them
    assert folding(watched, later=2 * HOUR) == Folded(written=0, folded=0, removed=2)
    assert folding(watched, later=2 * HOUR) == Folded(written=0, folded=0, removed=0)

    assert seen
    assert all(each == rows for each in seen)
    assert rows_of(store) == rows
    assert store.keys("raw/") == raw
    january = [key for key in store.keys("landing/") if "date=2026-01" in key]
    assert january == [
        f"landing/{BANK}/{entity}/date=2026-01-31/month-2026-01.parquet" for entity in ("extracts", "transactions")
    ]
    # Those who plan, publish and recover see what they saw.
    assert len(read_extracts(store, BANK, since=FIRST.date())) == 2 * RUNS
    assert runs - landed_runs(store, BANK) == {str(UUID(int=0))}  # published long ago


def test_closes_no_month_by_a_clock_that_was_ahead(store: ObjectStore) -> None:
    ahead = layout.landing_key(
        provider=BANK, entity="extracts", day=(LAST + timedelta(days=400)).date(), run_id="ahead"
    )
    put_table(store, ahead, get_table(store, store.keys(layout.landing_prefix(BANK, "extracts"))[0]))

    assert folding(store) == Folded(written=2, folded=2, removed=0)  # January
    assert not [key for key in store.keys("landing/") if "month-2026-02" in key]


@pytest.mark.parametrize("changes", range(4))
def test_goes_on_where_it_was_killed(store: ObjectStore, changes: int) -> None:
    rows = rows_of(store)
    left = iter(range(2 * changes))

    def die() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    watched = WatchedStore(store, die)
    with pytest.raises(KeyboardInterrupt):
        _ = [folding(watched, later=2 * HOUR) for _ in range(2)]
    assert rows_of(store) == rows

    for _ in range(2):
        folding(store, later=2 * HOUR)
    assert rows_of(store) == rows
    assert sum("date=2026-01" in key for key in store.keys("landing/")) == 2


def test_replay_and_forgetting_work_on_what_is_folded(store: ObjectStore, anywhere: Settings) -> None:
    asyncio.run(_replay_and_forget(store, anywhere))


async def _replay_and_forget(store: ObjectStore, settings: Settings) -> None:
    rows = rows_of(store)
    for _ in range(2):
        folding(store, later=2 * HOUR)
    assert recover(store, READER, now=FIRST + timedelta(days=3 * RUNS)) == frozenset()
    replay(store, READER)
    assert rows_of(store) == rows
    for _ in range(2):
        folding(store, later=2 * HOUR)
    forget(store, provider=BANK, account_ids=["a"])
    assert recover(store, READER, now=FIRST + timedelta(days=3 * RUNS)) == frozenset()

    left = {entity: {row for row in found if row[1] != "a"} for entity, found in rows.items()}
    assert rows_of(store) == left
