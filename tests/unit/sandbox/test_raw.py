"""Raw answers without a server: a lake as large as one likes, which lands like any other."""

import re
from pathlib import Path

from typer.testing import CliRunner

from farthing.assembly import READER
from farthing.errors import ConfigurationError
from farthing.lake import layout
from farthing.lake.raw import read_raw
from farthing.lake.store import open_store
from farthing.provider import Endpoint
from farthing.sandbox import cli
from farthing.settings import Settings
from farthing.sync.replay import replay

BANKS = ("--institution", "GELATERIA_GELAITZZ", "--institution", "NORDLICHT_NOLIDEZZ")


def test_what_is_written_lands(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["raw", str(tmp_path), *BANKS, "--households", "2", "--on", "2026-03-18"])
    assert done.exit_code == 0, done.output
    entries, accounts = map(int, re.findall(r"\d+", done.output)[:2])
    assert accounts == 2 * 3 + 3  # the bank written by hand has one household, whatever is asked for
    store = open_store(Settings(lake_url=f"file://{tmp_path}"))

    landed = replay(store, READER)
    assert landed.answers == accounts * len(Endpoint)
    assert landed.runs == 3
    answers = [read_raw(store, key) for key in store.keys(layout.raw_prefix("gocardless"))]
    told = sum(each.body.count('"transactionAmount"') for each in answers)
    assert told == entries > 2 * 2000
    assert {each.status for each in answers} == {200}


def test_an_unknown_bank_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["raw", str(tmp_path), "--institution", "NOBODYS"])
    assert isinstance(done.exception, ConfigurationError)
    assert "NOBODYS" in str(done.exception)
