"""The catalogue: a small DuckDB file with one view a mart, the one door through which people read.

Each view pins the files of one build, so a reader sees that build whole or the one before it, never a half.
"""

import json
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from farthing.errors import FarthingError
from farthing.lake import layout
from farthing.lake.connection import prepare
from farthing.lake.store import ObjectStore
from farthing.settings import Settings


class NothingPublishedError(FarthingError):
    """No build was ever published here: link a bank and sync first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mart:
    """One mart of a build: its name, what one row is, and what each column means."""

    name: str
    description: str
    columns: Mapping[str, str]


def marts_of(manifest: bytes) -> list[Mart]:
    """List the marts in dbt's ``manifest.json``: the external models, with their descriptions."""
    nodes = json.loads(manifest)["nodes"].values()
    return [
        Mart(
            name=node["name"],
            description=node["description"],
            columns={name: column["description"] for name, column in node["columns"].items()},
        )
        for node in nodes
        if node["resource_type"] == "model" and node["config"]["materialized"] == "external"
    ]


def publish(
    store: ObjectStore, settings: Settings, *, build_id: str, marts: list[Mart], runs: Collection[str] = ()
) -> None:
    """Make a build what people read, by one put; the build's own copy is kept to go back to.

    :param runs: the newest runs whose answers are in it, for :func:`published_runs`.
    :raises duckdb.IOException: if a mart's file is missing; what is published stays.
    """
    content = _make_catalogue(settings, build_id=build_id, marts=marts, runs=runs)
    store.put(layout.catalogue_key(build_id), content)
    store.put(layout.CATALOGUE, content)


def open_catalogue(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the published build for reading; ``marts.<name>`` resolves without more.

    :raises NothingPublishedError: if no build was published yet.
    :raises ServiceDownError: if the lake does not answer.
    """
    from farthing.lake.store import open_store

    store = open_store(settings)
    if not store.exists(layout.CATALOGUE):
        raise NothingPublishedError(
            "Nothing is published yet: link a bank with `farthing connect`, then run `farthing sync`."
        )
    connection = duckdb.connect()
    prepare(connection, settings)
    connection.execute(f"attach {_quoted(_url(settings, layout.CATALOGUE))} as farthing (read_only)")
    connection.execute("use farthing.marts")
    return connection


def published_runs(settings: Settings) -> frozenset[str]:
    """List the newest runs whose answers are in what people read; none if nothing is published.

    :raises ServiceDownError: if the lake does not answer.
    """
    try:
        with open_catalogue(settings) as catalogue:
            return frozenset(run_id for (run_id,) in catalogue.execute("select run_id from build.runs").fetchall())
    except (NothingPublishedError, duckdb.CatalogException):  # the second: published before runs were noted
        return frozenset()


def _make_catalogue(settings: Settings, *, build_id: str, marts: list[Mart], runs: Collection[str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="farthing-") as folder:
        path = Path(folder) / "farthing.duckdb"
        connection = duckdb.connect(path)
        try:
            prepare(connection, settings)
            connection.execute("create schema build")
            connection.execute("create table build.runs as select unnest($1::varchar[]) as run_id", [sorted(runs)])
            connection.execute("comment on table build.runs is 'The newest syncs whose answers are in this build.'")
            connection.execute("create schema marts")
            for mart in marts:
                _create_view(connection, mart, _url(settings, layout.mart_key(model=mart.name, build_id=build_id)))
        finally:
            connection.close()
        return path.read_bytes()


def _create_view(connection: duckdb.DuckDBPyConnection, mart: Mart, url: str) -> None:
    names = [f'"{name}"' for name in mart.columns]
    # A mart without rows is one row of nulls in its file; here it has none.
    is_row = " or ".join(f"{name} is not null" for name in names)
    view = f'marts."{mart.name}"'
    connection.execute(
        f"create view {view} as select {', '.join(names)} from read_parquet({_quoted(url)}) where {is_row}"  # noqa: S608 - names from our own models
    )
    connection.execute(f"comment on view {view} is {_quoted(mart.description)}")
    for name, description in mart.columns.items():
        connection.execute(f'comment on column {view}."{name}" is {_quoted(description)}')


def _url(settings: Settings, key: str) -> str:
    return f"{settings.lake_url.removeprefix('file://')}/{key}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
