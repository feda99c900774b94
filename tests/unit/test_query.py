import io
from pathlib import Path

import polars as pl
import pytest

from farthing.lake import layout
from farthing.lake.catalogue import Mart, NothingPublishedError, publish
from farthing.lake.store import open_store
from farthing.query import QueryRefusedError, run_select
from farthing.settings import Settings


@pytest.fixture(params=["lake", "O'Brien's lake"])
def settings(request: pytest.FixtureRequest, empty_lake: Settings) -> Settings:
    """A lake whose mart is a file of its own, as builds write it."""
    settings = empty_lake.model_copy(update={"lake_url": f"{empty_lake.lake_url}/{request.param}"})
    store = open_store(settings)
    buffer = io.BytesIO()
    pl.DataFrame({"n": [1, 2]}).write_parquet(buffer)
    store.put(layout.mart_key(model="x", build_id="b"), buffer.getvalue())
    store.put("raw/secret.txt", b"CANARY")
    publish(store, settings, build_id="b", marts=[Mart(name="x", description="", columns={"n": ""})])
    return settings


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        pytest.param("from marts.x", [(1,), (2,)], id="from-first"),
        pytest.param("select n from x where n > 1;", [(2,)], id="without-schema"),
        pytest.param("with y as (from x) select sum(n)::int from y -- so", [(3,)], id="cte-and-comment"),
    ],
)
def test_answers_a_select(settings: Settings, query: str, rows: list[tuple[int]]) -> None:
    assert run_select(settings, query).rows() == rows


@pytest.mark.parametrize(
    "query",
    [
        "",
        "select 1; select 2",
        "create table memory.main.t as select 1",
        "drop view marts.x",
        "copy marts.x to '{folder}/out.csv'",
        "attach '{folder}/other.duckdb'",
        "set enable_external_access=true",
        "install httpfs",
        "selec 1",
        "from marts.none",
        "select * from read_text('{folder}/raw/secret.txt')",
        "select * from read_text('{folder}/marts/../raw/secret.txt')",
        "select * from '/etc/passwd'",
        "select * from glob('/etc/*')",
    ],
)
def test_refuses_all_else_and_files_out_of_reach(settings: Settings, query: str) -> None:
    folder = settings.lake_url.removeprefix("file://")

    with pytest.raises(QueryRefusedError) as refused:
        run_select(settings, query.format(folder=folder.replace("'", "''")))

    assert "CANARY" not in str(refused.value)
    assert not (Path(folder) / "out.csv").exists()


def test_says_that_nothing_is_published(empty_lake: Settings) -> None:
    with pytest.raises(NothingPublishedError):
        run_select(empty_lake, "select 1")
