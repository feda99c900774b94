"""What no kept build needs goes, and nothing else, wherever the lake lies."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from farthing.lake import layout
from farthing.lake.catalogue import Mart, NothingPublishedError, open_catalogue, publish
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import put_table
from farthing.lake.vacuum import Waste, find_waste, remove_waste
from farthing.settings import Settings

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
MARTS = [Mart(name=name, description="d", columns={"key": "k"}) for name in ("dim_x", "fct_y")]
OTHERS = ["raw/bank/a", "landing/bank/a.parquet", "reference/a.parquet", "lease/lake/a-b-1.json"]


def files_of(*builds: str) -> set[str]:
    return {layout.mart_key(model=mart.name, build_id=build) for mart in MARTS for build in builds}


def build(store: ObjectStore, build_id: str, settings: Settings | None = None) -> None:
    """Write a build's files and, with settings, publish it."""
    for key in files_of(build_id):
        put_table(store, key, pl.DataFrame({"key": [build_id]}))
    if settings is not None:
        publish(store, settings, build_id=build_id, marts=MARTS)


def keys_of(waste: Waste) -> set[str]:
    return {each.key for each in (*waste.catalogues, *waste.mart_files)}


@pytest.fixture
def store(anywhere: Settings) -> ObjectStore:
    """A lake of three published builds and one that failed its tests."""
    store = open_store(anywhere)
    store.prepare()
    for key in OTHERS:
        store.put(key, b"x")
    for build_id in ("one", "two", "three"):
        build(store, build_id, anywhere)
    build(store, "failed")
    return store


def test_removes_what_only_old_builds_show(store: ObjectStore, anywhere: Settings) -> None:
    now = datetime.now(UTC) + 2 * DAY  # the store has its own clock; only a later now makes its objects old
    before = set(store.keys(""))

    waste = find_waste(store, keep=0, grace=DAY, now=now)
    expected = files_of("one", "two", "failed") | {layout.catalogue_key(build_id) for build_id in ("one", "two")}
    assert keys_of(waste) == expected
    assert waste.size_bytes == sum(each.size_bytes for each in store.objects("") if each.key in expected)
    assert waste.kept_builds == 1
    assert waste.kept_bytes == sum(
        each.size_bytes
        for each in store.objects("")
        if each.key.startswith(("marts/", "catalogue/")) and each.key not in expected
    )

    remove_waste(store, waste)
    assert set(store.keys("")) == before - expected
    with open_catalogue(anywhere) as catalogue:
        assert catalogue.execute("from marts.dim_x union all from marts.fct_y").fetchall() == [("three",)] * 2
    assert keys_of(find_waste(store, keep=0, grace=DAY, now=now)) == set()


def test_keeps_the_newest_builds_beside_the_current(store: ObjectStore) -> None:
    waste = find_waste(store, keep=2, grace=DAY, now=datetime.now(UTC) + 2 * DAY)

    assert keys_of(waste) == files_of("failed")
    assert waste.kept_builds == 3


def test_keeps_what_is_young_and_what_was_current_within_the_grace_period(store: ObjectStore) -> None:
    assert keys_of(find_waste(store, keep=0, grace=DAY, now=datetime.now(UTC))) == set()


def test_never_removes_what_the_current_catalogue_shows(store: ObjectStore, anywhere: Settings) -> None:
    store.put(layout.CATALOGUE, store.get(layout.catalogue_key("one")))  # someone went back

    waste = find_waste(store, keep=0, grace=DAY, now=datetime.now(UTC) + 2 * DAY)
    assert keys_of(waste) == files_of("two", "three", "failed") | {
        layout.catalogue_key(build_id) for build_id in ("two", "three")
    }

    remove_waste(store, waste)
    with open_catalogue(anywhere) as catalogue:
        assert catalogue.execute("from marts.dim_x").fetchall() == [("one",)]


def test_removes_nothing_where_nothing_is_published(store: ObjectStore) -> None:
    store.delete([layout.CATALOGUE])

    with pytest.raises(NothingPublishedError, match="none was removed"):
        find_waste(store, keep=0, grace=DAY, now=datetime.now(UTC) + 2 * DAY)


def test_removes_catalogues_before_the_files_they_show(store: ObjectStore) -> None:
    checks = 0

    def check() -> None:
        nonlocal checks
        checks += 1
        if checks == 2:
            raise KeyboardInterrupt

    now = datetime.now(UTC) + 2 * DAY
    with pytest.raises(KeyboardInterrupt):
        remove_waste(store, find_waste(store, keep=0, grace=DAY, now=now), check=check)

    assert store.keys(layout.CATALOGUES) == [layout.catalogue_key("three")]
    assert keys_of(find_waste(store, keep=0, grace=DAY, now=now)) == files_of("one", "two", "failed")
