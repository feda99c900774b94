"""A sync that is killed at any point is finished by the next one: no answer asked twice, no row lost or doubled."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
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


@pytest.mark.parametrize(
    ("prefix", "count", "when"),
    [
        pytest.param("raw/", 3, "after", id="while-pulling"),
        pytest.param("landing/gocardless/extracts/date=", 1, "before", id="before-the-commit-mark"),
        pytest.param("landing/gocardless/extracts/date=", 1, "after", id="before-the-build"),
        pytest.param("catalogue/builds/", 1, "after", id="while-publishing"),
    ],
)
def test_the_next_sync_finishes_what_was_killed(world: World, prefix: str, count: int, when: str) -> None:
    at = world.next_day()
    killed = world.lake(f"killed-{at:%Y%m%d}")
    ended = subprocess.run([sys.executable, SCRIPT, at.isoformat(), prefix, str(count), when], check=False, timeout=180)
    assert ended.returncode == -9
    stored = _good_answers(killed)

    world.sync(at)

    answers = _good_answers(killed)
    assert answers >= stored
    assert set(answers.values()) == {1}  # none was asked for again
    assert len(answers) == 8  # four questions of two accounts
    found = {name: run_select(killed, query) for name, query in MARTS.items()}
    undisturbed = world.lake(f"undisturbed-{at:%Y%m%d}")
    world.sync(at)
    for name, query in MARTS.items():
        expected = run_select(undisturbed, query)
        assert found[name].equals(expected), _first_difference(name, found[name], expected)
    assert len(found["fct_transactions"]) > 100


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
