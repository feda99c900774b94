from datetime import UTC, datetime

import polars as pl

from farthing.explore.marks import decide_on, read_marks, take_back, with_marks
from farthing.settings import Settings

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)


def test_keeps_a_mark_takes_it_back_and_brings_it_again(empty_lake: Settings) -> None:
    words, kept = decide_on(empty_lake, "gym", "Iron Gym", "cancel", now=NOW)
    assert words.startswith("Iron Gym is marked: cancel")
    assert read_marks(empty_lake) == {"gym": "cancel"}

    _, gone = decide_on(empty_lake, "gym", "Iron Gym", "", now=NOW.replace(hour=13))
    assert read_marks(empty_lake) == {}

    words, _ = take_back(empty_lake, gone, now=NOW.replace(hour=14))
    assert words == "Undone: what held before holds again."
    assert read_marks(empty_lake) == {"gym": "cancel"}
    assert take_back(empty_lake, kept, now=NOW.replace(hour=15)) == (
        "Nothing of it holds any more: it was decided anew since.",
        "",
    )
    assert read_marks(empty_lake) == {"gym": "cancel"}


def test_says_what_it_cannot_undo(empty_lake: Settings) -> None:
    words, key = take_back(empty_lake, "reference/no/such.parquet", now=NOW)
    assert (words.startswith("Not undone: "), key) == (True, "")


def test_marks_of_this_moment_stand_before_those_of_the_build() -> None:
    series = pl.DataFrame({"series_key": ["gym", "rent"], "mark": ["keep", "keep"]})
    assert with_marks(series, {"gym": "cancel"})["mark"].to_list() == ["cancel", None]
    assert with_marks(series, None)["mark"].to_list() == ["keep", "keep"]
