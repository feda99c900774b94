"""Whether what has landed since the published build says anything new; most syncs of a day do not."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from farthing.lake.inputs import Inputs
from farthing.lake.landing import read_extracts, read_rows
from farthing.lake.store import ObjectStore
from farthing.provider import Outcome, Reader

type _Extract = Mapping[str, str | None]


def is_news(store: ObjectStore, provider: Reader, *, published: Inputs, now: Inputs, today: date) -> bool:
    """Whether a build of what there is now could show anything else than the published one.

    Answers are nothing new if each repeats what the same question was told earlier that day, row for row and in the
    same order, as far as its window goes; when it was told, and how many calls are left, is no news. Another day is
    news in itself: windows move, and the marts go on by a day.

    :param published: what the published build read.
    :param now: what there is to read.
    :param today: the UTC day of the newest run.
    """
    if not published.differs_in_runs_only(now):
        return True
    extracts = read_extracts(store, provider.name, since=today - timedelta(days=1)).sort("requested_at")
    is_published = pl.col("run_id").is_in(list(published.told))
    told = {_question(row): row for row in extracts.filter(is_published).iter_rows(named=True)}
    landed_since = extracts.filter(~is_published).iter_rows(named=True)
    return not all(_is_repeated(store, provider, row, told.get(_question(row))) for row in landed_since)


def _question(extract: _Extract) -> tuple[str | None, ...]:
    return str(extract["requested_at"])[:10], extract["account_id"], extract["endpoint"]


def _is_repeated(store: ObjectStore, provider: Reader, new: _Extract, old: _Extract | None) -> bool:
    """Whether an answer says again what an older one said; a failure is news, and so is what follows one."""
    if old is None or not new["outcome"] == old["outcome"] == Outcome.OK:
        return False
    if new["date_to"] != old["date_to"]:
        return False
    before, after = _rows(store, provider, old), _rows(store, provider, new)
    if new["date_from"] == old["date_from"]:
        return before.equals(after)
    within = _within(before, provider.days, since=new["date_from"])
    return within is not None and within.equals(after)


def _rows(store: ObjectStore, provider: Reader, extract: _Extract) -> pl.DataFrame:
    entity = str(extract["endpoint"])
    rows = read_rows(store, provider.name, entity, extract, columns=provider.columns[entity])
    return rows.drop("entry_index", strict=False)  # the same entry stands further down in a longer answer


def _within(rows: pl.DataFrame, days: tuple[str, ...], *, since: str | None) -> pl.DataFrame | None:
    """Leave out what is older than a window by every day it has; null if nothing shows that the rows go back so far."""
    newest = pl.max_horizontal(pl.col(name).str.head(10) for name in days)
    kept = rows.filter(newest.is_null() | (newest >= since))
    return kept if kept.height < rows.height else None
