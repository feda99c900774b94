"""The lease on real stores: what the rules take for granted of them, and what it costs."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from farthing.lake import layout
from farthing.lake.lease import LIFETIME, LeaseHeldError, lease
from farthing.lake.store import open_store
from farthing.lake.witness import Witnesses
from farthing.settings import Settings

pytestmark = pytest.mark.integration


def never(seconds: float) -> None:
    raise AssertionError("waited")


def test_one_has_it_and_the_next_gets_it(anywhere: Settings, tmp_path: Path) -> None:
    store = open_store(anywhere)
    store.prepare()
    here, there = Witnesses(tmp_path / "here"), Witnesses(tmp_path / "there")

    def now() -> datetime:
        return datetime.now(UTC)

    for owner, witnesses in (("sync on box", here), ("build on attic", there)):
        with lease(
            store, "lake", owner=owner, witnesses=witnesses, now=now, sleep=never, patience=timedelta(0)
        ) as held:
            # Another machine whose clock is far off waits all the same.
            refused = lease(
                open_store(anywhere),
                "lake",
                owner="vacuum on shed",
                witnesses=Witnesses(tmp_path / "shed"),
                now=lambda: now() + timedelta(days=1),
                sleep=never,
                patience=timedelta(0),
            )
            with pytest.raises(LeaseHeldError, match=f"^{owner} is writing"), refused:
                pass
            assert store.keys(layout.claims_prefix("lake")) == [held.key]
            assert held.renew()
    assert store.keys(layout.claims_prefix("lake")) == []


def test_the_store_stamps_a_claim_anew_when_it_is_put_again(anywhere: Settings) -> None:
    store = open_store(anywhere)
    store.prepare()
    store.put("lease/lake/a-b-1.json", b"{}")
    [first] = store.objects("lease/lake/")
    for _ in range(30):  # S3 tells whole seconds
        store.put("lease/lake/a-b-1.json", b"{}")
        [again] = store.objects("lease/lake/")
        if again.modified_at > first.modified_at:
            break
        time.sleep(0.1)

    assert first.modified_at < again.modified_at < first.modified_at + LIFETIME


def test_costs_little_on_an_idle_lake(anywhere: Settings, tmp_path: Path) -> None:
    store = open_store(anywhere)
    store.prepare()
    spans = []
    for _ in range(5):
        began = time.perf_counter()
        with lease(
            store,
            "lake",
            owner="o",
            witnesses=Witnesses(tmp_path),
            now=lambda: datetime.now(UTC),
            sleep=never,
            patience=timedelta(0),
        ):
            pass
        spans.append(time.perf_counter() - began)

    assert min(spans) < 0.5


HOLDER = """
import sys, time
from pathlib import Path
from farthing.settings import Settings
from farthing.writing import sole_writer

settings = Settings(lake_url=sys.argv[1], home=Path(sys.argv[2]))
with sole_writer(settings, "sync"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_that_was_killed_blocks_nobody_on_its_own_machine(tmp_path: Path) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    command = [sys.executable, "-c", HOLDER, settings.lake_url, str(settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        def refused(witnesses: Witnesses) -> bool:
            try:
                with lease(
                    open_store(settings), "lake", owner="o", witnesses=witnesses, now=lambda: datetime.now(UTC),
                    sleep=never, patience=timedelta(0),
                ):  # fmt: skip
                    return False
            except LeaseHeldError:
                return True

        assert refused(Witnesses(settings.home / "leases"))
        holder.kill()
        holder.wait()

    assert refused(Witnesses(tmp_path / "another machine"))
    assert not refused(Witnesses(settings.home / "leases"))
    assert list((settings.home / "leases").iterdir()) == []
