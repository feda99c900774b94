"""Raw answers without a server: a lake as large as one likes, which lands like any other."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from farthing.assembly import READER
from farthing.errors import ConfigurationError
from farthing.lake import layout
from farthing.lake.raw import make_extract, read_raw, write_raw
from farthing.lake.store import open_store
from farthing.provider import Answer, Ask, Endpoint
from farthing.sandbox import cli
from farthing.sandbox.answers import answers
from farthing.sandbox.books import Books
from farthing.sandbox.documents import array, timestamp, to_json
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.institutions import BANKS, Institution
from farthing.settings import Settings
from farthing.sync.replay import replay

CHOSEN = ("--institution", "GELATERIA_GELAITZZ", "--institution", "NORDLICHT_NOLIDEZZ")


def test_what_is_written_lands(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["raw", str(tmp_path), *CHOSEN, "--households", "2", "--on", "2026-03-18"])
    assert done.exit_code == 0, done.output
    entries, accounts = map(int, re.findall(r"\d+", done.output)[:2])
    assert accounts == 2 * 3 + 3  # the bank written by hand has one household, whatever is asked for
    store = open_store(Settings(lake_url=f"file://{tmp_path}"))

    landed = replay(store, READER)
    banks = 2
    assert landed.answers == accounts * (len(Endpoint) - 1) + banks
    assert landed.runs == 3
    answers = [read_raw(store, key) for key in store.keys(layout.raw_prefix("gocardless"))]
    told = sum(each.body.count('"transactionAmount"') for each in answers)
    assert told == entries > 2 * 2000
    assert {each.status for each in answers} == {200}


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.key)
def test_a_body_made_in_quotes_is_stored_as_the_one_that_is_served(bank: Institution, tmp_path: Path) -> None:
    now = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
    store = open_store(Settings(lake_url=f"file://{tmp_path}"))
    told = list(answers(Books(HOUSEHOLDS, seed=7), bank, [4], first=date(2025, 12, 1), at=now))
    assert sum(each.entries for each in told) > 30
    for each in told:
        ask = Ask(endpoint=Endpoint.TRANSACTIONS, account_id=str(each.account_id))
        extract = make_extract(
            provider="gocardless", ask=ask, run_id=each.account_id, attempt=1, requested_at=now, version="1"
        )
        booked = each.statement.booked(date(2025, 12, 1), now.date(), undated=True)
        lists = {"booked": array(booked), "pending": array(each.statement.pending())}
        body = to_json({"transactions": lists, "last_updated": timestamp(now)})
        served, empty = (
            Answer(method="GET", path="", params={}, started_at=now, ended_at=now, status=200, body=content)
            for content in (body, b"")
        )
        expected = store.get(write_raw(store, extract, served))
        assert store.get(write_raw(store, extract, empty, quoted_body=each.quoted)) == expected


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.key)
def test_what_few_entries_have_is_written_the_same_when_there_are_many(
    bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[bytes]:
        now = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
        some = answers(Books(HOUSEHOLDS, seed=7), bank, [4], first=date(2025, 6, 1), at=now)
        return [each.quoted for each in some]

    expected = told()
    monkeypatch.setattr("farthing.sandbox.objects._MANY", 0)
    assert told() == expected


def test_an_unknown_bank_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["raw", str(tmp_path), "--institution", "NOBODYS"])
    assert isinstance(done.exception, ConfigurationError)
    assert "NOBODYS" in str(done.exception)
