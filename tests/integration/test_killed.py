"""A sync that is killed at any point is finished by the next one: no answer asked twice, no row lost or doubled."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
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

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SCRIPT = Path(__file__).with_name("killed_run.py")
RUNS = "fct_sync_runs"  # tells of the runs themselves, of which one was killed
# Another run's answers have other names, and the bank counts on with each call.
OF_THE_RUN = r".*(extract_id|raw_key|pending_key|announcement_key|allowance_remaining)"
type Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class World:
    """A running stack with a linked bank, a moment to sync as of, and a process that syncs."""

    settings: Settings
    at: datetime
    syncs: "subprocess.Popen[str]"

    def lake(self, name: str) -> Settings:
        """Make a lake of its own in the same store."""
        settings = self.settings.model_copy(update={"lake_url": f"s3://farthing/{name}"})
        prepare_stores(settings)
        return settings

    def sync(self, lake: Settings, **how: object) -> int:
        """Sync in a process of its own and return how that ended; for how to kill it see ``killed_run.py``."""
        assert self.syncs.stdin is not None
        assert self.syncs.stdout is not None
        wanted = {"lake": lake.lake_url, "endpoint": lake.s3_endpoint, "at": self.at.isoformat(), **how}
        print(json.dumps(wanted), file=self.syncs.stdin, flush=True)
        return int(self.syncs.stdout.readline())

    def calls(self) -> dict[tuple[str, str], int]:
        """Count the calls that the bank itself has on record, by endpoint and account."""
        state = httpx.get(f"http://127.0.0.1:{self.settings.sandbox_admin_port}/state").json()
        return {
            (endpoint, account): count
            for account, known in state["accounts"].items()
            for endpoint, count in known["calls"].items()
        }


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a sync that nobody disturbs does to a lake, in order, and the marts at its end."""

    writes: list[str]
    marts: Tables

    def first(self, write: str) -> int:
        """Find the number of the first write that begins so."""
        return next(number for number, each in enumerate(self.writes, start=1) if each.startswith(write))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("killed")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FARTHING_", "PREFECT_"))}
    ours = {"FARTHING_HOME": str(home), "FARTHING_ENV_FILE": str(home / "none.env"), **free_ports()}
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, clean | ours, clear=True))
        running = stack.enter_context(running_stack(Settings.load(), say=lambda _: None, with_sandbox=True))
        link_through_the_browser(running.settings, "SANDBOXFINANCE_SFIN0000")
        os.environ |= prefect_environment(running.settings) | _keys(running.settings)
        at = _early_next_day(running.settings)
        command = [sys.executable, "-m", "tests.integration.killed_run"]
        syncs = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        yield World(running.settings, at, syncs)


def _keys(settings: Settings) -> dict[str, str]:
    """Give the keys of the embedded S3 server as settings, for they count only where its address is left out."""
    assert settings.s3_access_key_id is not None
    assert settings.s3_secret_access_key is not None
    return {
        "FARTHING_S3_ACCESS_KEY_ID": settings.s3_access_key_id.get_secret_value(),
        "FARTHING_S3_SECRET_ACCESS_KEY": settings.s3_secret_access_key.get_secret_value(),
    }


def _early_next_day(settings: Settings) -> datetime:
    """Let it be early the next day at the bank, which tells the same all day; it answers often enough for all tests."""
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.sandbox_admin_port}") as bank:
        now = datetime.fromisoformat(bank.get("state").json()["now"])
        early = (now + timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
        for action in ({"action": "set_time", "to": early.isoformat()}, {"action": "allow", "daily_calls": 1_000}):
            bank.post("actions", json=action).raise_for_status()
    return early


@pytest.fixture(scope="module")
def undisturbed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    log = tmp_path_factory.mktemp("writes") / "log"
    lake = world.lake("undisturbed")
    assert world.sync(lake, log=str(log)) == 0
    return Undisturbed(log.read_text().splitlines(), _marts(lake))


@pytest.mark.parametrize(
    ("write", "when"),
    [
        pytest.param("put raw/", "before", id="with-an-answer-in-hand"),
        pytest.param("put raw/", "after", id="while-pulling"),
        pytest.param("put landing/gocardless/transactions/date=", "after", id="while-landing"),
        pytest.param("put landing/gocardless/extracts/date=", "before", id="before-the-commit-mark"),
        pytest.param("put landing/gocardless/extracts/date=", "after", id="before-the-build"),
        pytest.param("build marts", "during", id="while-building"),
        pytest.param("build marts", "after", id="before-the-tests"),
        pytest.param("put catalogue/builds/", "after", id="while-publishing"),
        pytest.param("put catalogue/farthing.duckdb", "after", id="once-published"),
    ],
)
def test_the_next_sync_finishes_what_was_killed(world: World, undisturbed: Undisturbed, write: str, when: str) -> None:
    number = undisturbed.first(write)
    _kill_and_compare(world, world.lake(f"killed-{when}-{number}"), undisturbed, number, when)


@pytest.mark.parametrize("store", ["folder", "moto"])
def test_every_store_comes_to_the_same_after_a_kill(
    world: World, undisturbed: Undisturbed, tmp_path: Path, moto_endpoint: str, store: str
) -> None:
    elsewhere = (
        {"lake_url": f"file://{tmp_path}/lake"}
        if store == "folder"
        else {"lake_url": "s3://killed/in/a/folder", "s3_endpoint": moto_endpoint}
    )
    lake = world.settings.model_copy(update=elsewhere)
    prepare_stores(lake)
    _kill_and_compare(world, lake, undisturbed, undisturbed.first("put landing/gocardless/extracts/"), "before")


@pytest.mark.skipif("KILL_EVERYWHERE" not in os.environ, reason="takes long: KILL_EVERYWHERE=1 runs it")
def test_the_next_sync_finishes_what_was_killed_anywhere(
    world: World, undisturbed: Undisturbed, subtests: pytest.Subtests
) -> None:
    # Just after a write is just before the next one, but for the last.
    last = len(undisturbed.writes)
    for number, when in (*((number, "before") for number in range(1, last + 1)), (last, "after")):
        with subtests.test(f"{when} {number} of {last}"):
            _kill_and_compare(world, world.lake(f"anywhere-{when}-{number}"), undisturbed, number, when)


def _kill_and_compare(world: World, lake: Settings, undisturbed: Undisturbed, number: int, when: str) -> None:
    """Kill a sync in an empty lake, sync again, and compare with the one that was left alone."""
    point = f"{when} {number}, {undisturbed.writes[number - 1]}"
    assert world.sync(lake, kill=[number, when]) == -9, point
    stored, calls = _good_answers(lake), world.calls()

    assert world.sync(lake) == 0, point

    answers = _good_answers(lake)
    assert answers >= stored
    assert set(answers.values()) == {1}, point  # none was asked for again
    assert len(answers) == 9  # four questions of two accounts, one of their bank
    for question, count in world.calls().items():
        assert question not in stored or count == calls[question], f"{question} was asked again: {point}"
    marts = _marts(lake)
    assert marts.keys() == undisturbed.marts.keys()
    differences = [
        _difference(name, marts[name], expected)
        for name, expected in undisturbed.marts.items()
        if not marts[name].equals(expected)
    ]
    assert differences == [], point
    assert len(marts["fct_transactions"]) > 100


def _marts(settings: Settings) -> Tables:
    names = [name for name in run_select(settings, "show tables")["name"] if name != RUNS]
    return {
        name: run_select(
            settings,
            f"select columns(name -> not regexp_matches(name, '{OF_THE_RUN}')) from marts.{name} order by all",
        )
        for name in names
    }


def _good_answers(settings: Settings) -> Counter[tuple[str, str]]:
    """Count the good raw answers by endpoint and account."""
    store = open_store(settings)
    extracts = [read_raw(store, key) for key in store.keys(layout.raw_prefix("gocardless"))]
    return Counter((each.extract.endpoint, each.extract.account_id) for each in extracts if each.status == 200)


def _difference(name: str, found: pl.DataFrame, expected: pl.DataFrame) -> str:
    """Say where two marts differ."""
    if found.shape != expected.shape:
        return f"{name}: {found.shape} rows and columns instead of {expected.shape}"
    return f"{name}: {[column for column in found.columns if not found[column].equals(expected[column])]} differ"
