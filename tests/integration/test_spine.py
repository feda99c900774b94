"""The way of the data from a sandbox bank's pages to the published marts, on the real embedded stack."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from unittest.mock import patch

import polars as pl
import pytest
from rich.console import Console, RenderableType

from farthing import summary
from farthing.lake import layout
from farthing.lake.store import open_store
from farthing.query import run_select
from farthing.settings import Settings
from farthing.stack.demo import BANKS, link_through_the_browser
from farthing.stack.services import prefect_environment
from farthing.stack.stack import running_stack

pytestmark = pytest.mark.integration

COUNTS = "select count(*), count(distinct transaction_key) from marts.fct_transactions"


@dataclass(frozen=True, slots=True)
class Synced:
    """A running stack whose banks are linked and synced once."""

    settings: Settings
    waited_for: list[str]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    """Run the stack, link both banks and sync; the environment is put back at the end."""
    home = tmp_path_factory.mktemp("spine")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FARTHING_", "PREFECT_"))}
    ours = {"FARTHING_HOME": str(home), "FARTHING_ENV_FILE": str(home / "none.env"), **_free_ports()}
    waited_for: list[str] = []
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, clean | ours, clear=True))
        running = stack.enter_context(running_stack(Settings.load(), say=waited_for.append, with_sandbox=True))
        for bank in BANKS:
            link_through_the_browser(running.settings, bank)
        os.environ |= prefect_environment(running.settings)
        _sync()
        yield Synced(running.settings, waited_for)


def test_says_what_it_waits_for(synced: Synced) -> None:
    assert synced.waited_for == ["Postgres", "S3", "Sandbox bank", "Web", "Prefect"]


def test_links_both_banks(synced: Synced) -> None:
    assert summary.linked_institutions(synced.settings) == set(BANKS)


def test_reconciles_every_account_to_the_last_farthing(synced: Synced) -> None:
    rows = run_select(synced.settings, "select account_key, difference from marts.fct_reconciliation")
    accounts = run_select(synced.settings, "select account_key from marts.dim_account")

    assert len(accounts) > 0
    assert set(rows["account_key"]) == set(accounts["account_key"])
    assert [row for row in rows.iter_rows() if row[1] != 0] == []


def test_publishes_every_transaction_once(synced: Synced) -> None:
    rows, keys = _one_row(synced.settings, COUNTS)

    assert rows > 6_000
    assert keys == rows


def test_publishes_a_catalogue_and_keeps_the_builds_own(synced: Synced) -> None:
    store = open_store(synced.settings)

    assert store.exists(layout.CATALOGUE)
    assert store.get(layout.CATALOGUE) in [store.get(key) for key in store.keys("catalogue/builds/")]


def test_keeps_a_raw_answer_for_every_landed_extract(synced: Synced) -> None:
    store = open_store(synced.settings)
    raw = store.keys(layout.raw_prefix("gocardless"))
    landed = _landed(synced.settings, "extracts")

    assert sorted(landed["raw_key"]) == raw
    assert set(landed["outcome"]) == {"ok"}
    assert len(_landed(synced.settings, "transactions")) > 6_000


def test_renders_the_summaries(synced: Synced) -> None:
    text = _text(*summary.status(synced.settings))
    accounts = len(run_select(synced.settings, "from marts.dim_account"))

    assert f"of {accounts} accounts" in text
    assert "Last sync: 20" in text
    assert _text(summary.reconciliation(synced.settings)).count("✓") == accounts
    assert "Spending in" in _text(summary.spending_last_month(synced.settings))


def test_a_second_sync_adds_nothing_and_doubles_nothing(synced: Synced) -> None:
    before = _one_row(synced.settings, COUNTS)
    builds = len(open_store(synced.settings).keys("catalogue/builds/"))

    _sync()

    assert _one_row(synced.settings, COUNTS) == before
    assert len(open_store(synced.settings).keys("catalogue/builds/")) == builds + 1


def _sync() -> None:
    import flows  # late: importing Prefect reads its address from the environment

    flows.run("sync", ui="")


def _one_row(settings: Settings, query: str) -> tuple[int, ...]:
    return tuple(int(value) for value in run_select(settings, query).row(0))


def _landed(settings: Settings, entity: str) -> pl.DataFrame:
    store = open_store(settings)
    keys = store.keys(f"landing/gocardless/{entity}/")
    return pl.concat([pl.read_parquet(store.get(key)) for key in keys], how="diagonal")


def _text(*parts: RenderableType) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(*parts)
    return captured.get()


def _free_ports() -> dict[str, str]:
    with ExitStack() as stack:
        ports = {}
        for name in ("WEB", "PREFECT", "S3", "SANDBOX"):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports[f"FARTHING_{name}_PORT"] = str(probe.getsockname()[1])
    return ports
