"""Which keys go with an account that is forgotten: its own, and none of the accounts it had to do with."""

from datetime import date
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest

from farthing import forgetting
from farthing.forgetting import forget_bank, keys_of
from farthing.lake import layout
from farthing.lake.lease import Lease, LeaseLostError
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.sync.pull import outbox_of

RAW = layout.raw_key(provider="gocardless", endpoint="balances", day=date(2026, 1, 1), account_id="a-1", extract_id="x")


def test_finds_what_belongs_to_an_account_and_nothing_of_the_other_side(empty_lake: Settings) -> None:
    file = Path(empty_lake.lake_url.removeprefix("file://")) / layout.CATALOGUE
    file.parent.mkdir(parents=True)
    with duckdb.connect(file) as catalogue:
        catalogue.execute("create schema marts")
        catalogue.execute("create table marts.dim_account (account_key text, account_ids text[])")
        catalogue.execute("insert into marts.dim_account values ('a', ['a-1', 'a-2']), ('b', ['b-1'])")
        catalogue.execute(
            "create table marts.fct_transactions"
            " (transaction_key text, account_key text, merchant_key text, counter_transaction_key text)"
        )
        catalogue.execute(
            "insert into marts.fct_transactions values ('t-a', 'a', 'shop', 't-b'), ('t-b', 'b', null, 't-a')"
        )
        catalogue.execute(
            "create table marts.fct_recurring (series_key text, account_key text, other_account_key text)"
        )
        catalogue.execute("insert into marts.fct_recurring values ('s-a', 'a', 'b'), ('s-b', 'b', null)")
        catalogue.execute("create table marts.fct_transfers (transfer_key text, outflow_transaction_key text)")

    assert keys_of(empty_lake, ["a-2"]) == {"a", "t-a", "s-a"}
    assert keys_of(empty_lake, ["nobody's"]) == set()


def test_finds_nothing_where_nothing_is_published(empty_lake: Settings) -> None:
    assert keys_of(empty_lake, ["a-1"]) == set()


def test_removes_nothing_once_the_lake_is_not_kept_to_itself(
    empty_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(empty_lake)
    store.put(RAW, b"an answer")
    monkeypatch.setattr(forgetting, "account_ids_of", lambda *_: {"a-1"})
    monkeypatch.setattr(Lease, "check", _lost)

    with pytest.raises(LeaseLostError):
        forget_bank(empty_lake, "BANK", build=lambda: "b2")

    assert store.get(RAW) == b"an answer"


def test_forgets_what_the_lake_had_not_taken_and_keeps_the_builds_once_it_was_lost_while_building(
    empty_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, outbox = open_store(empty_lake), outbox_of(empty_lake)
    outbox.put(RAW, b"an answer")
    for key in (layout.CATALOGUE, *map(layout.catalogue_key, ("b1", "b2"))):
        store.put(key, b"catalogue")
    monkeypatch.setattr(forgetting, "account_ids_of", lambda *_: {"a-1"})
    monkeypatch.setattr(forgetting, "keys_of", lambda *_: set())

    def build() -> str:
        monkeypatch.setattr(Lease, "check", _lost)
        return "b2"

    with pytest.raises(LeaseLostError):
        forget_bank(empty_lake, "BANK", build=build)

    assert store.exists(layout.catalogue_key("b1"))
    assert [*store.keys("raw/"), *outbox.keys("raw/")] == []


def _lost(_: Lease) -> NoReturn:
    raise LeaseLostError("lost")
