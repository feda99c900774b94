from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from farthing.lake.reference import BadAccountNameError, name_account, read_names
from farthing.lake.reference.names import read_namings
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import put_table
from farthing.settings import Settings

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def name_in_turn(store: ObjectStore, *names: str) -> None:
    for second, name in enumerate(names):
        name_account(store, provider="bank", account_id="a", name=name, named_at=NOON + timedelta(seconds=second))


def test_reads_the_newest_name_of_each_account(store: ObjectStore) -> None:
    name_in_turn(store, "Joint", "Ours")
    name_account(store, provider="bank", account_id="b", name="Mine", named_at=NOON - timedelta(days=1))

    assert read_names(store) == {"a": "Ours", "b": "Mine"}


def test_goes_by_the_moment_of_naming_in_whatever_zone(store: ObjectStore) -> None:
    name_in_turn(store, "Joint")
    earlier = (NOON - timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=5)))
    name_account(store, provider="bank", account_id="a", name="Before", named_at=earlier)

    assert read_names(store) == {"a": "Joint"}


def test_adds_an_object_for_each_naming_and_overwrites_none(store: ObjectStore) -> None:
    name_in_turn(store, "Joint")
    [first] = store.keys("reference/")
    content = store.get(first)
    name_in_turn(store, "Joint", "Ours")

    assert len(store.keys("reference/")) == 2
    assert store.get(first) == content


def test_an_empty_name_takes_the_name_back(store: ObjectStore) -> None:
    name_in_turn(store, "Joint", " \n")
    assert read_names(store) == {}

    name_in_turn(store, "Joint", "", "Ours")
    assert read_names(store) == {"a": "Ours"}


@pytest.mark.parametrize("account_id", ["../../x", "a/b", "a*[b]", "…", "%2F"])
def test_keeps_to_its_folder_whatever_the_account_is_called(store: ObjectStore, account_id: str) -> None:
    name_account(store, provider="bank", account_id=account_id, name="Joint", named_at=NOON)

    assert len(store.keys("reference/account_names/bank/")) == 1
    assert read_names(store) == {account_id: "Joint"}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("  Our Joint\t", "Our Joint", id="blanks-at-the-ends"),
        pytest.param("x" * 80, "x" * 80, id="longest"),
        pytest.param(" " * 90 + "x", "x", id="counted-without-its-blanks"),
        pytest.param("Famille 👨‍👩‍👧 & Söhne's", "Famille 👨‍👩‍👧 & Söhne's", id="any-script"),
    ],
)
def test_takes_a_name(store: ObjectStore, name: str, kept: str) -> None:
    name_in_turn(store, name)

    assert read_names(store) == {"a": kept}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x" * 81, id="too-long"),
        pytest.param("Our\nJoint", id="two-lines"),
        pytest.param("Our\u2028Joint", id="line-separator"),
        pytest.param("Our\x00Joint", id="nul"),
        pytest.param("Our\x1b[31mJoint", id="escape"),
        pytest.param("Our\ud800Joint", id="half-a-character"),
    ],
)
def test_refuses_a_name_in_one_line_that_does_not_repeat_it(store: ObjectStore, name: str) -> None:
    with pytest.raises(BadAccountNameError) as refused:
        name_in_turn(store, name)

    assert isinstance(refused.value, ValueError)
    assert "\n" not in str(refused.value)
    assert name[:3] not in str(refused.value)
    assert store.keys("reference/") == []


def test_passes_over_what_is_no_name_and_says_so_without_repeating_it(store: ObjectStore) -> None:
    name_in_turn(store, "Joint")
    rows = [
        ("bank", "a", "canary", "yesterday"),
        ("bank", "a", "can\nary", "2026-03-09"),
        ("bank", "b", "B", "2026-03-09"),
    ]
    bad = pl.DataFrame(rows, schema=["provider", "account_id", "name", "named_at"], orient="row")
    put_table(store, "reference/account_names/bank/bad.parquet", bad)
    store.put("reference/account_names/bank/broken.parquet", b"PAR1 canary")

    _, faults = read_namings(store)

    assert read_names(store) == {"a": "Joint", "b": "B"}
    assert [(Path(fault.object_key).stem, fault.row_number, fault.mistake.split(":")[0]) for fault in faults] == [
        ("bad", 1, "named_at"),
        ("bad", 2, "name"),
        ("broken", None, "the object is no Parquet file of account names"),
    ]
    assert "ary" not in str([fault.mistake for fault in faults])


def test_reads_no_names_where_none_was_given(store: ObjectStore) -> None:
    assert read_names(store) == {}


def test_passes_over_what_a_put_left_that_was_cut_short(store: ObjectStore) -> None:
    name_in_turn(store, "Joint")
    [key] = store.keys("reference/")
    Path(store.url.removeprefix("file://"), key).with_name(".cut_short").write_bytes(b"PAR1")

    assert read_names(store) == {"a": "Joint"}
