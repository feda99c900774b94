from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from farthing.lake.reference import (
    BadDecisionError,
    ManualAccount,
    Note,
    RecurringMark,
    TransferDecision,
    current,
    decide,
    decide_together,
    replace,
    saved_changes,
    undo,
    withdraw,
)
from farthing.lake.reference.decisions import remove
from farthing.lake.reference.loading import load_reference
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import get_table, put_table, to_parquet
from farthing.settings import Settings
from farthing.status import passed_over

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def mark(series: str, what: str) -> RecurringMark:
    return RecurringMark.model_validate({"series_key": series, "mark": what})


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def loaded(store: ObjectStore, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        load_reference(connection, store)
        return connection.execute(query).fetchall()


MARKS = "select series_key, mark from reference.recurring_marks order by all"


def test_the_newest_decision_on_each_subject_counts(store: ObjectStore) -> None:
    decide(store, [mark("gym", "keep"), mark("paper", "keep")], decided_at=after(1))
    decide(store, [mark("gym", "cancel")], decided_at=after(2))
    decide(store, [mark("paper", "cancel")], decided_at=after(0))

    assert current(store, RecurringMark) == [mark("gym", "cancel"), mark("paper", "keep")]
    assert loaded(store, MARKS) == [("gym", "cancel"), ("paper", "keep")]


def test_keeps_a_batch_in_one_object_for_each_kind_and_overwrites_none(store: ObjectStore) -> None:
    transfer = TransferDecision(outflow_transaction_key="a", inflow_transaction_key="b", decision="rejected")
    first = decide(store, [mark("gym", "keep"), mark("paper", "keep"), transfer], decided_at=NOON)
    second = decide(store, [mark("gym", "cancel")], decided_at=NOON)

    assert sorted([*first, *second]) == store.keys("reference/")
    assert len(first) == 2
    assert current(store, TransferDecision) == [transfer]


def test_takes_decisions_back(store: ObjectStore) -> None:
    decide(store, [mark("gym", "keep"), mark("paper", "keep")], decided_at=after(0))
    withdraw(store, RecurringMark, [("gym",)], decided_at=after(1))

    assert loaded(store, MARKS) == [("paper", "keep")]
    assert withdraw(store, RecurringMark, [], decided_at=after(1)) is None


def test_tells_the_models_what_was_taken_back_on_transactions(store: ObjectStore) -> None:
    """Another decision may come along from the key that the transaction had before; it does not hold then."""
    decide(
        store, [Note(transaction_key="kept", note="mine"), Note(transaction_key="back", note="old")], decided_at=NOON
    )
    withdraw(store, Note, [("back",)], decided_at=after(1))

    assert loaded(store, "select transaction_key, note, is_withdrawn from reference.notes order by all") == [
        ("back", None, "true"),
        ("kept", "mine", "false"),
    ]


def test_undoes_a_batch_to_what_held_before_and_the_undoing_too(store: ObjectStore) -> None:
    decide(store, [mark("gym", "keep")], decided_at=after(0))
    [batch] = decide(store, [mark("gym", "cancel"), mark("paper", "cancel")], decided_at=after(1))

    undoing = undo(store, batch, decided_at=after(2))
    assert current(store, RecurringMark) == [mark("gym", "keep")]

    assert undoing is not None
    undo(store, undoing, decided_at=after(3))
    assert current(store, RecurringMark) == [mark("gym", "cancel"), mark("paper", "cancel")]


def test_undoes_a_taking_back(store: ObjectStore) -> None:
    decide(store, [mark("gym", "keep")], decided_at=after(0))
    taking_back = withdraw(store, RecurringMark, [("gym",)], decided_at=after(1))

    assert taking_back is not None
    undo(store, taking_back, decided_at=after(2))
    assert current(store, RecurringMark) == [mark("gym", "keep")]


def test_undoing_leaves_what_was_decided_anew_since(store: ObjectStore) -> None:
    [batch] = decide(store, [mark("gym", "keep"), mark("paper", "keep")], decided_at=after(0))
    decide(store, [mark("gym", "cancel")], decided_at=after(1))

    undo(store, batch, decided_at=after(2))
    assert current(store, RecurringMark) == [mark("gym", "cancel")]
    assert undo(store, batch, decided_at=after(3)) is None


@pytest.mark.parametrize("key", ["reference/recurring_marks/none.parquet", "landing/bank/a.parquet", "reference/x"])
def test_undoes_nothing_that_was_not_decided(store: ObjectStore, key: str) -> None:
    with pytest.raises(BadDecisionError, match="nothing to undo"):
        undo(store, key, decided_at=NOON)


def test_a_bad_row_is_passed_over_and_the_last_good_one_holds(store: ObjectStore) -> None:
    [good] = decide(store, [mark("gym", "keep"), mark("paper", "keep")], decided_at=after(0))
    rows = get_table(store, good).with_columns(decided_at=pl.lit(after(1).isoformat()))
    bad = rows.with_columns(mark=pl.when(pl.col("series_key") == "gym").then(pl.lit("canary")).otherwise("mark"))
    put_table(store, "reference/recurring_marks/by-hand.parquet", bad)
    store.put("reference/recurring_marks/broken.parquet", b"PAR1 canary")
    store.put("reference/account_names/bank/broken.parquet", b"PAR1 canary")
    Path(store.url.removeprefix("file://"), good).with_name(".cut_short").write_bytes(b"PAR1")

    assert loaded(store, MARKS) == [("gym", "keep"), ("paper", "keep")]
    assert current(store, RecurringMark) == [mark("gym", "keep"), mark("paper", "keep")]
    faults = loaded(store, "select reference_table, object_key, row_number, mistake from reference.faults order by all")
    assert [fault[:3] for fault in faults] == [
        ("account_names", "reference/account_names/bank/broken.parquet", None),
        ("recurring_marks", "reference/recurring_marks/broken.parquet", None),
        ("recurring_marks", "reference/recurring_marks/by-hand.parquet", 1),
    ]
    assert "canary" not in str([fault[3] for fault in faults])
    assert [said.split(" is passed over", 1)[0] for said in passed_over(store)] == [fault[1] for fault in faults]
    assert "1 mistakes, the first in row 1, mark: " in passed_over(store)[2]


def test_a_lake_without_decisions_has_every_table(store: ObjectStore) -> None:
    assert loaded(store, "from reference.faults union all by name from reference.transfer_decisions") == []


def test_refuses_a_transfer_with_one_side() -> None:
    with pytest.raises(ValueError, match="two sides"):
        TransferDecision(outflow_transaction_key="a", inflow_transaction_key="a", decision="confirmed")


def test_replaces_all_decisions_of_a_kind_at_once_and_undoes_that(store: ObjectStore) -> None:
    decide(store, [mark("gym", "keep"), mark("paper", "keep")], decided_at=after(0))
    replacing = replace(store, RecurringMark, [mark("gym", "cancel"), mark("tv", "keep")], decided_at=after(1))

    assert current(store, RecurringMark) == [mark("gym", "cancel"), mark("tv", "keep")]
    assert replacing is not None
    undo(store, replacing, decided_at=after(2))
    assert current(store, RecurringMark) == [mark("gym", "keep"), mark("paper", "keep")]


def test_keeps_decisions_of_several_kinds_together_and_undoes_them_together(store: ObjectStore) -> None:
    transfer = TransferDecision(outflow_transaction_key="a", inflow_transaction_key="b", decision="rejected")
    decide(store, [mark("gym", "keep"), mark("tv", "keep")], decided_at=after(0))
    saved = decide_together(
        store,
        [mark("gym", "cancel"), mark("paper", "cancel"), transfer],
        withdrawn=[(RecurringMark, ("tv",))],
        decided_at=after(1),
    )

    assert len(store.keys("reference/changes/")) == 1
    assert loaded(store, MARKS) == [("gym", "cancel"), ("paper", "cancel")]
    assert current(store, TransferDecision) == [transfer]
    [change] = saved_changes(store)
    assert (change.object_key, change.counts, change.is_undone) == (
        saved,
        {"recurring_marks": 3, "transfer_decisions": 1},
        False,
    )

    undoing = undo(store, saved, decided_at=after(2))
    assert loaded(store, MARKS) == [("gym", "keep"), ("tv", "keep")]
    assert current(store, TransferDecision) == []
    assert [each.is_undone for each in saved_changes(store)] == [True]

    assert undoing is not None
    undo(store, undoing, decided_at=after(3))
    assert loaded(store, MARKS) == [("gym", "cancel"), ("paper", "cancel")]
    assert [each.is_undone for each in saved_changes(store)] == [False]


def test_what_is_decided_alone_and_together_counts_by_its_moment(store: ObjectStore) -> None:
    decide_together(store, [mark("gym", "keep")], decided_at=after(0))
    decide(store, [mark("gym", "cancel")], decided_at=after(1))
    assert current(store, RecurringMark) == [mark("gym", "cancel")]
    decide_together(store, [mark("gym", "keep")], decided_at=after(2))
    assert current(store, RecurringMark) == [mark("gym", "keep")]


def test_refuses_to_keep_together_what_the_common_table_has_no_column_for(store: ObjectStore) -> None:
    cash = ManualAccount(account_key="cash", account_name="Cash", kind="cash", currency="EUR")
    with pytest.raises(TypeError, match="'kind'"):
        decide_together(store, [cash], decided_at=NOON)

    assert store.keys("") == []
    decide(store, [cash], decided_at=NOON)
    assert current(store, ManualAccount) == [cash]


def test_a_broken_object_of_several_kinds_is_one_fault_and_empty_hands_save_nothing(store: ObjectStore) -> None:
    store.put("reference/changes/broken.parquet", b"PAR1")
    assert loaded(store, "select reference_table, object_key from reference.faults") == [
        ("changes", "reference/changes/broken.parquet")
    ]
    assert saved_changes(store) == []
    store.put("reference/changes/broken.parquet", to_parquet(pl.DataFrame({"kind": ["canary"], "decided_at": [""]})))
    assert loaded(store, "select reference_table, row_number, mistake from reference.faults") == [
        ("changes", 1, "kind: there is no such kind of decision")
    ]
    store.delete(["reference/changes/broken.parquet"])
    with pytest.raises(BadDecisionError, match="nothing to save"):
        decide_together(store, [], decided_at=NOON)


def test_forgets_what_was_decided_together(store: ObjectStore) -> None:
    notes = [Note(transaction_key=key, note="n") for key in ("gone", "kept")]
    saved = decide_together(store, [*notes, mark("gym", "keep")], decided_at=after(0))
    assert remove(store, ["gone"]) == 1
    assert current(store, Note) == notes[1:]
    assert current(store, RecurringMark) == [mark("gym", "keep")]
    assert store.keys("reference/") == [saved]
