"""The lease, on a simulated store with a clock of its own, and among processes that may stall or die anywhere."""

import json
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.errors import ServiceDownError
from farthing.lake import lease as lease_module
from farthing.lake.lease import LIFETIME, MARGIN, Lease, LeaseHeldError, LeaseLostError, acquire, lease
from farthing.lake.store import ObjectStore, StoredObject
from farthing.lake.witness import Witnesses

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
CLAIMS = "lease/lake/"


class Killed(BaseException):
    """Ends a simulated process where it stands."""


class Store(ObjectStore):
    """Objects in memory, stamped with whole seconds of the store's clock, as S3 does; each call takes two turns."""

    def __init__(self, pause: Callable[[], None] = lambda: None) -> None:
        super().__init__("file:///simulated", filesystem=None)
        self.time = NOON
        self.pause = pause
        self.claims: dict[str, tuple[bytes, datetime]] = {}

    def put(self, key: str, content: bytes) -> None:
        self.pause()
        self.claims[key] = (content, self.time.replace(microsecond=0))
        self.pause()

    def get(self, key: str) -> bytes:
        self.pause()
        if key not in self.claims:
            raise FileNotFoundError(key)
        return self.claims[key][0]

    def delete(self, keys: Iterable[str]) -> None:
        self.pause()
        for key in keys:
            self.claims.pop(key, None)
        self.pause()

    def objects(self, prefix: str) -> list[StoredObject]:
        self.pause()
        found = [
            StoredObject(key=key, size_bytes=len(content), modified_at=at)
            for key, (content, at) in sorted(self.claims.items())
            if key.startswith(prefix)
        ]
        self.pause()
        return found


class Known(Witnesses):
    """Witnesses that know of deaths at once, or of none, as those of other machines."""

    def __init__(self) -> None:
        super().__init__(Path("/none"))
        self.dead: set[str] = set()

    def is_dead(self, token: str) -> bool:
        return token in self.dead

    def bury(self, token: str) -> None:
        self.dead.discard(token)


class Process:
    """Acquires the lease, works and renews for a while, gives it back, and begins again."""

    def __init__(self, world: "World", number: int, skew: timedelta) -> None:
        self.token = f"p{number}"
        self.held: Lease | None = None
        self.times_held = 0
        self.is_killed = self.is_over = False
        self.wakes_at = NOON
        self._world, self._skew = world, skew
        self._turn, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def now(self) -> datetime:
        return self._world.store.time + self._skew

    def step(self) -> None:
        self._turn.release()
        self._done.acquire()

    def pause(self) -> None:
        self._done.release()
        self._turn.acquire()
        if self.is_killed:
            raise Killed

    def _sleep(self, seconds: float) -> None:
        self.wakes_at = self._world.store.time + timedelta(seconds=seconds)
        self.pause()

    def _run(self) -> None:
        self._turn.acquire()
        try:
            self._work()
        except Killed:
            pass
        finally:
            self.held = None
            self.is_over = True
            self._done.release()

    def _work(self) -> None:
        try:
            self.held = acquire(
                self._world.store, "lake", token=self.token, owner=self.token, witnesses=self._world.witnesses,
                now=self.now, sleep=self._sleep, patience=timedelta(seconds=200),
            )  # fmt: skip
        except LeaseHeldError:
            return
        self.times_held += 1
        for _ in range(3):
            self.pause()
            if not self.held.renew():
                break
        held, self.held = self.held, None
        held.withdraw()


class World:
    """Some processes, of which one moves at a time."""

    def __init__(self, skews: list[float], *, is_one_machine: bool) -> None:
        self.store = Store(self._pause)
        self.witnesses = Known()
        self._is_one_machine = is_one_machine
        self.processes = [Process(self, number, timedelta(seconds=skew)) for number, skew in enumerate(skews)]
        self._moving = self.processes[0]

    def move(self, number: int, seconds: float, *, is_kill: bool = False) -> None:
        """Let time pass, then let one process take its next step, or its last."""
        self.store.time += timedelta(seconds=seconds)
        process = self._moving = self.processes[number % len(self.processes)]
        if process.is_over or (process.wakes_at > self.store.time and not is_kill):
            return
        process.is_killed |= is_kill
        process.step()
        if is_kill and self._is_one_machine:
            self.witnesses.dead.add(process.token)
        assert sum(each.held is not None and each.held.is_valid for each in self.processes) <= 1

    def _pause(self) -> None:
        self._moving.pause()

    def finish(self) -> None:
        """Go on in small steps until all are done."""
        for number in range(100_000):
            if all(process.is_over for process in self.processes):
                return
            self.move(number, 0.01)
        raise AssertionError("no end")


SECONDS = st.sampled_from([0.0, 0.01, 0.4, 1.0, 14.0, 20.0, 44.0, 46.0, 60.0, 61.0, 90.0])
MOVES = st.lists(st.tuples(st.integers(0, 2), SECONDS, st.sampled_from([False] * 19 + [True])), max_size=90)
SKEWS = st.lists(st.floats(-7200, 7200), min_size=2, max_size=3)


@settings(max_examples=400, deadline=None)
@given(skews=SKEWS, moves=MOVES, is_one_machine=st.booleans())
def test_never_has_two_holders(skews: list[float], moves: list[tuple[int, float, bool]], is_one_machine: bool) -> None:
    world = World(skews, is_one_machine=is_one_machine)
    for number, seconds, is_kill in moves:
        world.move(number, seconds, is_kill=is_kill)
    world.finish()

    assert world.store.claims.keys() <= {  # nothing is left but by those who died
        key for key in world.store.claims if any(p.is_killed and p.token in key for p in world.processes)
    }


@settings(max_examples=100, deadline=None)
@given(skews=SKEWS, order=st.lists(st.integers(0, 2), max_size=60))
def test_lets_all_have_it_in_turn_if_none_stalls(skews: list[float], order: list[int]) -> None:
    world = World(skews, is_one_machine=True)
    for number in order:
        world.move(number, 0.01)
    world.finish()

    assert [process.times_held for process in world.processes] == [1] * len(skews)


class Alone:
    """One process's clock and store, stepped by hand."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        self.witnesses = Witnesses(folder)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.store.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.store.time += timedelta(seconds=seconds)

    def lease(self, *, patience: timedelta = timedelta(seconds=15)) -> AbstractContextManager[Lease]:
        return lease(
            self.store, "lake", owner="sync on box", witnesses=self.witnesses, now=self.now, sleep=self.sleep,
            patience=patience,
        )  # fmt: skip

    def put_claim(self, *, token: str = "other", owner: str = "build on attic", age: float = 0) -> str:
        key = f"{CLAIMS}20260309T115900.000000Z-{token}-1.json"
        self.store.claims[key] = (json.dumps({"owner": owner}).encode(), NOON - timedelta(seconds=age))
        return key


@pytest.fixture
def alone(tmp_path: Path) -> Alone:
    return Alone(tmp_path / "witnesses")


def test_is_had_at_once_and_given_back(alone: Alone, tmp_path: Path) -> None:
    with alone.lease() as held:
        held.check()
        assert list(alone.store.claims) == [held.key]

    assert alone.slept == []
    assert alone.store.claims == {}
    assert list((tmp_path / "witnesses").iterdir()) == []


def test_is_given_back_when_the_work_fails(alone: Alone) -> None:
    with pytest.raises(ValueError, match="work"), alone.lease():
        raise ValueError("work")

    assert alone.store.claims == {}


def test_says_who_has_it_and_until_when(alone: Alone) -> None:
    key = alone.put_claim(age=10)

    with pytest.raises(LeaseHeldError, match=r"^build on attic is writing .* free at 12:00:50 UTC\.$"), alone.lease():
        pass

    assert 14 <= sum(alone.slept) <= 16
    assert list(alone.store.claims) == [key]


def test_waits_for_a_short_run_to_end(alone: Alone) -> None:
    key = alone.put_claim()
    sleep = alone.sleep

    def sleep_and_free(seconds: float) -> None:
        sleep(seconds)
        if len(alone.slept) == 3:
            del alone.store.claims[key]

    alone.sleep = sleep_and_free  # type: ignore[method-assign]  # a moment in between
    with alone.lease() as held:
        held.check()

    assert len(alone.slept) == 3


@pytest.mark.parametrize("age", [61, 3600])
def test_takes_over_from_one_who_does_not_renew(alone: Alone, age: float) -> None:
    key = alone.put_claim(age=age)

    with alone.lease():
        assert key not in alone.store.claims

    assert alone.slept == []


def test_takes_over_at_once_from_a_process_of_this_machine_that_died(alone: Alone, tmp_path: Path) -> None:
    key = alone.put_claim(token="dead")
    (tmp_path / "witnesses").mkdir()
    (tmp_path / "witnesses" / "dead").touch()

    with alone.lease():
        assert key not in alone.store.claims

    assert alone.slept == []
    assert list((tmp_path / "witnesses").iterdir()) == []


def test_waits_for_a_process_of_this_machine_that_lives(alone: Alone) -> None:
    alone.put_claim(token="lives")

    with alone.witnesses.alive("lives"), pytest.raises(LeaseHeldError), alone.lease(patience=timedelta(0)):
        pass


def test_is_lost_by_one_who_does_not_renew_in_time(alone: Alone) -> None:
    with alone.lease() as held:
        alone.store.time += LIFETIME - MARGIN

        with pytest.raises(LeaseLostError):
            held.check()
        assert not held.renew()


def test_lives_on_while_it_is_renewed(alone: Alone) -> None:
    with alone.lease() as held:
        for _ in range(100):
            alone.store.time += timedelta(seconds=20)
            assert held.renew()
            held.check()


def test_is_lost_if_the_renewal_arrives_late(alone: Alone) -> None:
    def pause() -> None:
        alone.store.time += timedelta(seconds=30)

    with alone.lease() as held:
        alone.store.pause = pause
        assert not held.renew()
        with pytest.raises(LeaseLostError):
            held.check()


def test_is_renewed_in_the_background_though_the_lake_fails_once(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "RENEWED_EVERY", timedelta(seconds=0.001))
    is_renewed = threading.Event()
    failures = [ServiceDownError("down")]

    def pause() -> None:
        if failures:
            raise failures.pop()
        is_renewed.set()

    with alone.lease() as held:
        alone.store.pause = pause
        assert is_renewed.wait(10)
        held.check()

    assert failures == []


def test_ignores_what_is_no_claim(alone: Alone) -> None:
    alone.store.claims[f"{CLAIMS}.tmpx8"] = (b"", NOON)

    with alone.lease():
        pass


def test_gives_back_its_claim_when_it_is_stopped_while_waiting(alone: Alone) -> None:
    key = alone.put_claim()

    def stop(seconds: float) -> None:
        raise SystemExit

    alone.sleep = stop  # type: ignore[method-assign]  # a moment in between
    with pytest.raises(SystemExit), alone.lease():
        pass

    assert list(alone.store.claims) == [key]


def test_is_not_had_by_a_claim_that_grew_old_before_it_was_looked_at(alone: Alone) -> None:
    waits = [0.0, 0.0, 50.0]  # the listing takes long

    def pause() -> None:
        alone.store.time += timedelta(seconds=waits.pop(0) if waits else 0)

    alone.store.pause = pause
    with alone.lease(patience=timedelta(seconds=90)) as held:
        held.check()
        assert held.key.endswith("-2.json")
        assert list(alone.store.claims) == [held.key]
