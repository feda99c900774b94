"""What the owner wants of recurring payments, kept and taken back, in words for a page."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from farthing.errors import FarthingError
from farthing.lake.reference import RecurringMark, current, decide, undo, withdraw
from farthing.lake.store import open_store
from farthing.settings import Settings


def read_marks(settings: Settings) -> dict[str, str] | None:
    """Read what the owner wants of each series, also what no build shows yet; null if the lake does not answer."""
    try:
        return {each.series_key: each.mark for each in current(open_store(settings), RecurringMark)}
    except FarthingError:
        return None


def with_marks(series: pl.DataFrame, marks: Mapping[str, str] | None) -> pl.DataFrame:
    """Put the marks of this moment in the place of those that the build knew.

    :param marks: what :func:`read_marks` found.
    """
    if marks is None:
        return series
    return series.with_columns(
        mark=pl.Series([marks.get(key) for key in series["series_key"]], dtype=pl.String),
    )


def decide_on(settings: Settings, series_key: str, name: str, mark: str, *, now: datetime) -> tuple[str, str]:
    """Keep the owner's mark of a series.

    :param name: what the series is called.
    :param mark: ``keep`` or ``cancel``; an empty one takes back what was said.
    :returns: what happened, in words, and the key that undoes it; empty if nothing was kept.
    """
    try:
        store = open_store(settings)
        if mark:
            decision = RecurringMark.model_validate({"series_key": series_key, "mark": mark})
            [object_key] = decide(store, [decision], decided_at=now)
        else:
            object_key = withdraw(store, RecurringMark, [(series_key,)], decided_at=now) or ""
    except FarthingError as exc:
        return f"Not kept: {exc}", ""
    kept = f"{name} is marked: {mark}" if mark else f"{name} has no mark any more"
    return f"{kept}. From the next build on it shows everywhere.", object_key


def take_back(settings: Settings, object_key: str, *, now: datetime) -> tuple[str, str]:
    """Undo what was kept under a key, and say so in the same way."""
    try:
        again = undo(open_store(settings), object_key, decided_at=now)
    except FarthingError as exc:
        return f"Not undone: {exc}", ""
    if again is None:
        return "Nothing of it holds any more: it was decided anew since.", ""
    return "Undone: what held before holds again.", again
