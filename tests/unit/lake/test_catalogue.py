import io
import json
from dataclasses import replace

import duckdb
import polars as pl
import pytest

from farthing.lake import layout
from farthing.lake.catalogue import (
    Mart,
    NothingPublishedError,
    confirm,
    marts_of,
    open_catalogue,
    publish,
    published_inputs,
)
from farthing.lake.inputs import Inputs
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings

MART = Mart(name="dim_x", description="One row a thing, it's said.", columns={"key": "The key.", "n": "A number."})


def write_mart(store: ObjectStore, build_id: str, rows: dict[str, list[object]]) -> None:
    buffer = io.BytesIO()
    pl.DataFrame(rows, schema={"key": pl.String, "n": pl.Int64}).write_parquet(buffer)
    store.put(layout.mart_key(model="dim_x", build_id=build_id), buffer.getvalue())


def read(settings: Settings, query: str = "from marts.dim_x order by all") -> list[tuple[object, ...]]:
    with open_catalogue(settings) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(params=["lake", "O'Brien's lake"])
def settings(request: pytest.FixtureRequest, empty_lake: Settings) -> Settings:
    return empty_lake.model_copy(update={"lake_url": f"{empty_lake.lake_url}/{request.param}"})


def test_publishes_the_rows_of_one_build(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": ["a", "b"], "n": [1, None]})
    publish(store, settings, build_id="one", marts=[MART])
    write_mart(store, "two", {"key": ["c"], "n": [3]})

    assert read(settings) == [("a", 1), ("b", None)]  # a build that is not published yet is not seen
    publish(store, settings, build_id="two", marts=[MART])
    assert read(settings) == [("c", 3)]
    assert store.exists(layout.catalogue_key("one"))


def test_shows_a_mart_without_rows_as_empty(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": [None], "n": [None]})
    publish(store, settings, build_id="one", marts=[MART])

    assert read(settings) == []


def test_reads_no_column_that_is_not_asked_for(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": ["a", None], "n": [1, None]})
    publish(store, settings, build_id="one", marts=[MART])

    assert read(settings, "select count(*) from marts.dim_x") == [(2,)]
    [(_, plan)] = read(settings, "explain select sum(n) from marts.dim_x")
    assert "READ_PARQUET" in str(plan)
    assert "key" not in str(plan)


def test_describes_marts_and_columns(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": ["a"], "n": [1]})
    publish(store, settings, build_id="one", marts=[MART])

    assert read(settings, "select comment from duckdb_views() where view_name = 'dim_x'") == [(MART.description,)]
    assert read(
        settings, "select column_name, comment from duckdb_columns() where table_name = 'dim_x' order by 1"
    ) == list(MART.columns.items())


def test_publishes_a_mart_of_the_owners_that_describes_no_column(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": ["a"], "n": [1]})
    publish(store, settings, build_id="one", marts=[replace(MART, description="", columns={})])

    assert read(settings, "select key, n from marts.dim_x") == [("a", 1)]


def test_leaves_what_is_published_when_a_file_is_missing(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": ["a"], "n": [1]})
    publish(store, settings, build_id="one", marts=[MART])

    with pytest.raises(duckdb.IOException):
        publish(store, settings, build_id="gone", marts=[MART])

    assert read(settings) == [("a", 1)]
    assert not store.exists(layout.catalogue_key("gone"))


def test_says_what_to_do_before_anything_is_published(empty_lake: Settings) -> None:
    with pytest.raises(NothingPublishedError, match="farthing sync"):
        open_catalogue(empty_lake)


def test_takes_the_external_models_of_a_manifest_as_marts() -> None:
    def node(name: str, *, kind: str = "model", materialized: str = "external") -> dict[str, object]:
        return {
            "name": name,
            "description": "d",
            "columns": {"key": {"description": "k"}},
            "resource_type": kind,
            "config": {"materialized": materialized},
        }

    nodes = [node("mart"), node("view", materialized="view"), node("test", kind="test")]
    manifest = json.dumps({"nodes": {str(i): each for i, each in enumerate(nodes)}}).encode()

    assert marts_of(manifest) == [Mart(name="mart", description="d", columns={"key": "k"})]


INPUTS = Inputs(runs=frozenset({"a", "b"}), reference="r", models="m")


def test_tells_what_the_published_build_read(settings: Settings) -> None:
    assert published_inputs(settings) is None

    publish(open_store(settings), settings, build_id="one", marts=[], inputs=INPUTS)

    assert published_inputs(settings) == INPUTS


def test_notes_that_what_is_published_is_true_of_later_runs_too(settings: Settings) -> None:
    store = open_store(settings)
    write_mart(store, "one", {"key": ["a"], "n": [1]})
    publish(store, settings, build_id="one", marts=[MART], inputs=INPUTS)
    kept = store.get(layout.catalogue_key("one"))

    confirm(store, INPUTS, repeated=frozenset({"c"}))

    assert published_inputs(settings) == replace(INPUTS, repeated=frozenset({"c"}))
    assert read(settings) == [("a", 1)]
    assert store.get(layout.catalogue_key("one")) == kept
