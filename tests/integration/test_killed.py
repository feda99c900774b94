"""A sync that is killed at any point is finished by the next one: no answer asked twice, no row lost or doubled."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from unittest.mock import patch

import httpx
import polars as pl
import pytest

from farthing.assembly import prepare_stores
from farthing.lake import layout
from farthing.lake.raw import read_raw
from farthing.lake.store import open_store
from farthing.query import run_select
from farthing.settings import Settings
from farthing.stack.demo import link_through_the_browser
from farthing.stack.services import prefect_environment
from farthing.stack.stack import running_stack
from tests.integration.ports import free_ports

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).with_name("killed_run.py")
MARTS = {
    "fct_transactions": "select * exclude (extract_id) from marts.fct_transactions order by all",
    "fct_pending": "select * exclude (extract_id, pending_key) from marts.fct_pending order by all",
    "fct_reconciliation": "from marts.fct_reconciliation order by all",
    "fct_monthly_spending": "from marts.fct_monthly_spending order by all",
    "dim_account": "from marts.dim_account order by all",
}


@dataclass(frozen=True, slots=True)
class World:
    """A running stack with a linked bank, whose clock moves on from one test to the next."""

    settings: Settings

    def next_day(self) -> datetime:
        """Let two days pass at the bank, so that its allowances are renewed; gives its time."""
        admin = f"http://127.0.0.1:{self.settings.sandbox_admin_port}"
        httpx.post(f"{admin}/actions", json={"action": "advance", "days": 2}).raise_for_status()
        return datetime.fromisoformat(httpx.get(f"{admin}/state").json()["now"])

    def calls(self) -> dict[tuple[str, str], int]:
        """Count the calls that the bank itself has on record, by endpoint and account."""
        state = httpx.get(f"http://127.0.0.1:{self.settings.sandbox_admin_port}/state").json()
        return {
            (endpoint, account): count
            for account, known in state["accounts"].items()
            for endpoint, count in known["calls"].items()
        }

    def lake(self, name: str) -> Settings:
        """Use a lake of its own in the same store; the environment names it to the flows too."""
        os.environ["FARTHING_LAKE_URL"] = f"s3://farthing/{name}"
        settings = Settings.load()
        prepare_stores(settings)
        return settings

    def sync(self, at: datetime) -> None:
        """Sync undisturbed, in a process of its own, for Prefect keeps the first server's address for good."""
        command = [sys.executable, "-m", "farthing.cli", "sync", "--at", at.isoformat()]
        subprocess.run(command, check=True, timeout=180)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("killed")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FARTHING_", "PREFECT_"))}
    ours = {"FARTHING_HOME": str(home), "FARTHING_ENV_FILE": str(home / "none.env"), **free_ports()}
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, clean | ours, clear=True))
        running = stack.enter_context(running_stack(Settings.load(), say=lambda _: None, with_sandbox=True))
        link_through_the_browser(running.settings, "SANDBOXFINANCE_SFIN0000")
        os.environ |= prefect_environment(running.settings)
        yield World(running.settings)


@pytest.fixture(scope="module")
def writes(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """All that a sync does to a lake, in order."""
    at, log = world.next_day(), tmp_path_factory.mktemp("writes") / "log"
    world.lake("logged")
    subprocess.run([sys.executable, SCRIPT, at.isoformat(), "log", log], check=True, timeout=180)
    return log.read_text().splitlines()


@pytest.mark.parametrize(
    ("write", "when"),
    [
        pytest.param("put raw/", "before", id="with-an-answer-in-hand"),
        pytest.param("put raw/", "after", id="while-pulling"),
        pytest.param("put landing/gocardless/extracts/date=", "before", id="before-the-commit-mark"),
        pytest.param("put landing/gocardless/extracts/date=", "after", id="before-the-build"),
        pytest.param("build marts", "after", id="before-the-tests"),
        pytest.param("put catalogue/builds/", "after", id="while-publishing"),
        pytest.param("put catalogue/farthing.duckdb", "after", id="once-published"),
    ],
)
def test_the_next_sync_finishes_what_was_killed(world: World, writes: list[str], write: str, when: str) -> None:
    number = next(number for number, each in enumerate(writes, start=1) if each.startswith(write))
    _kill_and_compare(world, [(number, when)])


@pytest.mark.skipif("KILL_EVERYWHERE" not in os.environ, reason="takes an hour: KILL_EVERYWHERE=1 runs it")
def test_the_next_sync_finishes_what_was_killed_anywhere(world: World, writes: list[str]) -> None:
    # Just after a write is just before the next one, but for the last.
    points = [*((number, "before") for number in range(1, len(writes) + 1)), (len(writes), "after")]
    for some in batched(points, 3):  # and one undisturbed: four calls a day
        _kill_and_compare(world, some)


def _kill_and_compare(world: World, points: Sequence[tuple[int, str]]) -> None:
    """Kill a sync at each point, each in a lake of its own, sync again, and compare with one that was left alone."""
    at = world.next_day()
    found = []
    for number, when in points:
        killed = world.lake(f"killed-{at:%Y%m%d}-{number}-{when}")
        ended = subprocess.run([sys.executable, SCRIPT, at.isoformat(), str(number), when], check=False, timeout=180)
        assert ended.returncode == -9, f"{number} {when}"
        stored, calls = _good_answers(killed), world.calls()

        world.sync(at)

        answers = _good_answers(killed)
        assert answers >= stored
        assert set(answers.values()) == {1}  # none was asked for again
        assert len(answers) == 8  # four questions of two accounts
        for question, count in world.calls().items():
            assert question not in stored or count == calls[question], f"{question} was asked again: {number} {when}"
        found.append({name: run_select(killed, query) for name, query in MARTS.items()})
    undisturbed = world.lake(f"undisturbed-{at:%Y%m%d}")
    world.sync(at)
    for name, query in MARTS.items():
        expected = run_select(undisturbed, query)
        for point, marts in zip(points, found, strict=True):
            assert marts[name].equals(expected), f"{point}: {_first_difference(name, marts[name], expected)}"
    assert all(len(marts["fct_transactions"]) > 100 for marts in found)


def _good_answers(settings: Settings) -> Counter[tuple[str, str]]:
    """Count the good raw answers by endpoint and account."""
    store = open_store(settings)
    extracts = [read_raw(store, key) for key in store.keys(layout.raw_prefix("gocardless"))]
    return Counter((each.extract.endpoint, each.extract.account_id) for each in extracts if each.status == 200)


def _first_difference(name: str, found: pl.DataFrame, expected: pl.DataFrame) -> str:
    """Say where two marts differ."""
    if found.shape != expected.shape:
        return f"{name}: {found.shape} rows and columns instead of {expected.shape}"
    return f"{name}: {[column for column in found.columns if not found[column].equals(expected[column])]} differ"
