"""The commands that make the lake anew and keep it tidy, as the shell runs them."""

import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest

from farthing.cli import main, output
from farthing.clock import utc_now
from farthing.gocardless.landing import COLUMNS
from farthing.lake import layout
from farthing.lake.catalogue import Mart, publish
from farthing.lake.fingerprints import Difference, Fingerprint, differences, fingerprints
from farthing.lake.landing import write_schemas
from farthing.lake.lease import lease
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import put_table
from farthing.lake.witness import Witnesses
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import Settings
from farthing.writing import sole_writer, sole_writer_async

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
MART = Mart(name="dim_x", description="d", columns={"key": "k", "n": "n"})


@pytest.fixture
def store(empty_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """A lake with one raw answer, which the environment names."""
    monkeypatch.setenv("FARTHING_ENV_FILE", str(empty_lake.home / "none.env"))
    monkeypatch.setenv("FARTHING_HOME", str(empty_lake.home))
    monkeypatch.setenv("FARTHING_LAKE_URL", empty_lake.lake_url)
    monkeypatch.setattr(output.out, "width", 200)
    store = open_store(empty_lake)
    write_schemas(store, "gocardless", COLUMNS)
    extract = make_extract(
        provider="gocardless", ask=Ask(endpoint=Endpoint.ACCOUNTS, account_id="a"), run_id=UUID(int=1), attempt=1,
        requested_at=NOON, version="0.1.0",
    )  # fmt: skip
    answer = Answer(
        method="GET", path="accounts/a/", params={}, started_at=NOON, ended_at=NOON, status=200,
        body=b'{"id": "a", "status": "READY"}',
    )  # fmt: skip
    write_raw(store, extract, answer)
    return store


def build(store: ObjectStore, settings: Settings, build_id: str, rows: list[tuple[str | None, int | None]]) -> None:
    put_table(
        store, layout.mart_key(model=MART.name, build_id=build_id),
        pl.DataFrame(rows, schema={"key": pl.String, "n": pl.Int64}, orient="row"),
    )  # fmt: skip
    publish(store, settings, build_id=build_id, marts=[MART])


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[str, str]:
    """Run a command as the shell does, and give what it said and what it complained of."""
    monkeypatch.setattr(sys, "argv", ["farthing", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code in (0, None)) == (said.err == "")
    return said.out, said.err


@pytest.mark.usefixtures("store")
def test_replay_compares_with_what_was_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = run(capsys, monkeypatch, "replay")
    again, _ = run(capsys, monkeypatch, "replay")

    told = "1 raw answers of 1 runs replayed."
    assert f"{told} Landing files: 0 equal, 0 changed, 2 added, 0 gone." in first
    assert f"{told} All 2 landing files are as before." in again


@pytest.mark.parametrize("command", ["replay", "vacuum"])
def test_a_lake_in_use_is_one_line_that_says_by_whom(
    command: str, store: ObjectStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr("farthing.writing.PATIENCE", timedelta(0))
    elsewhere = Witnesses(tmp_path / "elsewhere")
    before = store.keys("landing/")

    with lease(
        store, "lake", owner="sync on attic", witnesses=elsewhere, now=utc_now, sleep=lambda _: None,
        patience=timedelta(0),
    ):  # fmt: skip
        out, err = run(capsys, monkeypatch, command)

    assert out == ""
    assert re.fullmatch(
        r"farthing: sync on attic is writing to the lake: wait until it is done, then run this again\. "
        r"If it died, the lake is free at \d\d:\d\d:\d\d UTC\.\n",
        err,
    )
    assert store.keys("landing/") == before


def test_vacuum_lists_first_and_then_removes(
    store: ObjectStore, empty_lake: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for build_id in ("one", "two"):
        build(store, empty_lake, build_id, [(build_id, 1)])
    monkeypatch.setattr("farthing.cli.upkeep.utc_now", lambda: utc_now() + timedelta(days=2))
    mart, catalogue = layout.mart_key(model="dim_x", build_id="one"), layout.catalogue_key("one")

    listed, _ = run(capsys, monkeypatch, "vacuum", "--dry-run", "--keep", "0")
    assert mart in listed
    assert catalogue in listed
    assert "Would remove 1 mart files and 1 catalogues, " in listed
    assert "1 builds stay, " in listed
    assert store.exists(mart)

    removed, _ = run(capsys, monkeypatch, "vacuum", "--keep", "0")
    assert "Removed 1 mart files and 1 catalogues, " in removed
    assert not store.exists(mart)
    assert not store.exists(catalogue)
    assert "Removed 0 mart files" in run(capsys, monkeypatch, "vacuum", "--keep", "0")[0]
    assert store.keys("lease/") == []


@pytest.mark.usefixtures("store")
def test_vacuum_without_a_build_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing is published" in run(capsys, monkeypatch, "vacuum")[1]


def test_a_writer_inside_another_shares_its_lease(store: ObjectStore, empty_lake: Settings) -> None:
    @sole_writer_async("sync")
    async def sync() -> str:
        with sole_writer(empty_lake, "build") as inner:
            assert store.keys("lease/") == [inner.key]
            return inner.key

    first, second = asyncio.run(sync()), asyncio.run(sync())

    assert first != second
    assert store.keys("lease/") == []


@pytest.mark.parametrize(
    ("rows", "is_same"),
    [
        pytest.param([("b", None), ("a", 1), ("a", 1)], True, id="other-order"),
        pytest.param([("a", 1), ("b", None)], False, id="a-double-less"),
        pytest.param([("a", 1), ("a", 1), ("b", 0)], False, id="other-value"),
        pytest.param([("a", 1), ("a", 1), (None, 1)], False, id="value-in-another-column"),
        pytest.param([(None, None)], False, id="empty"),
    ],
)
def test_a_fingerprint_tells_rows_apart(
    store: ObjectStore, empty_lake: Settings, rows: list[tuple[str | None, int | None]], is_same: bool
) -> None:
    build(store, empty_lake, "one", [("a", 1), ("a", 1), ("b", None)])
    before = fingerprints(empty_lake)
    build(store, empty_lake, "two", rows)
    after = fingerprints(empty_lake)

    assert (differences(before, after) == []) is is_same
    assert before["dim_x"].rows == 3


def test_names_the_marts_that_differ() -> None:
    one, two = Fingerprint(1, 10), Fingerprint(1, 11)

    assert differences({"a": one, "b": one, "c": one}, {"a": one, "b": two, "d": two}) == [
        Difference(mart="b", before=one, after=two),
        Difference(mart="c", before=one, after=None),
        Difference(mart="d", before=None, after=two),
    ]
