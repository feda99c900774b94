"""Folding the landing files of closed months changes no row of any mart."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest

from farthing.gocardless.landing import COLUMNS
from farthing.lake.fold import fold
from farthing.lake.landing import with_lineage
from farthing.lake.store import ObjectStore
from tests.integration.dbt import test_sandbox_days as days

pytestmark = pytest.mark.integration

# Ids, texts and dates that change, pendings that book otherwise or vanish, and answers that overlap.
BANKS = ("PAYFERRET_PAYFLUZZ", "FJORDKATT_FJKANOZZ")

type Query = Callable[[str], list[tuple[object, ...]]]


class Lake(days.Lake, Protocol):
    """What this test uses of the fixture ``lake``."""

    store: ObjectStore

    def land(self, day: date = ...) -> None: ...


def test_folding_changes_no_row_of_any_mart(lake: Lake) -> None:
    sandbox = days.SandboxDays()
    for bank in BANKS:
        sandbox.link(bank)
    for _ in range(6):  # from 3 March to 27 April: March is closed then
        sandbox.sync(lake, days=1)
        lake.land(sandbox.now.date())
        sandbox.now += timedelta(days=10)
    before = marts(lake.build())
    closed = [key for key in lake.store.keys("landing/") if "/date=" in key and "/date=2026-04" not in key]

    later = datetime.now(UTC) + timedelta(hours=2)
    done = [
        fold(
            lake.store,
            "gocardless",
            with_lineage(COLUMNS),
            now=later,
            today=sandbox.now.date(),
            grace=timedelta(hours=1),
        )
        for _ in "ab"
    ]

    assert [each.removed for each in done] == [0, len(closed)]
    assert sum("/date=2026-03" in key for key in lake.store.keys("landing/")) == len(with_lineage(COLUMNS))
    after = marts(lake.build())

    assert [mart for mart in before if after[mart] != before[mart]] == []
    assert len(before["fct_transactions"]) > 100
    assert len(before["fct_transaction_versions"]) > len(before["fct_transactions"])


def marts(query: Query) -> dict[str, list[tuple[object, ...]]]:
    names = query("select table_name from information_schema.tables where table_schema = 'marts' order by all")
    return {str(name): query(f"from marts.{name} order by all") for (name,) in names}
