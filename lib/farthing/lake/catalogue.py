"""The catalogue: a small DuckDB file with one view a mart, the one door through which people read.

Each view pins the files of one build, so a reader sees that build whole or the one before it, never a half.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from farthing.errors import FarthingError
from farthing.lake import layout
from farthing.lake.connection import prepare
from farthing.lake.inputs import UNKNOWN, Inputs
from farthing.lake.store import ObjectStore
from farthing.settings import Settings

_READS = re.compile(r"read_parquet\('((?:[^']|'')*)'")


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
    store: ObjectStore, settings: Settings, *, build_id: str, marts: list[Mart], inputs: Inputs = UNKNOWN
) -> None:
    """Make a build what people read, by one put; the build's own copy is kept to go back to.

    :param inputs: what there was to read when the build began, for :func:`published_inputs`.
    :raises duckdb.IOException: if a mart's file is missing; what is published stays.
    """
    content = _make_catalogue(settings, build_id=build_id, marts=marts, inputs=inputs)
    store.put(layout.catalogue_key(build_id), content)
    store.put(layout.CATALOGUE, content)


def confirm(store: ObjectStore, published: Inputs, *, repeated: frozenset[str]) -> None:
    """Note that runs since what is published told nothing new; the build and its own copy stay as they are.

    :param published: what the published build read.
    :raises FileNotFoundError: if nothing is published.
    """
    with _written(store.get(layout.CATALOGUE)) as (path, catalogue):
        _note_inputs(catalogue, replace(published, repeated=repeated))
        catalogue.close()
        store.put(layout.CATALOGUE, path.read_bytes())


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


def views_of(catalogue: bytes) -> list[str]:
    """Read the statements of a catalogue's views, in the order of their names; they pin the files of its build.

    :raises duckdb.Error: if it is no catalogue.
    """
    with _written(catalogue) as (_, connection):
        rows = connection.execute("select sql from duckdb_views() where not internal order by view_name").fetchall()
    return [sql for (sql,) in rows]


def published_inputs(settings: Settings) -> Inputs | None:
    """Tell what the published build read; null if nothing is published, or by a version that did not note it.

    :raises ServiceDownError: if the lake does not answer.
    """
    try:
        with open_catalogue(settings) as catalogue:
            runs, repeated, reference, models = catalogue.execute("from build.inputs").fetchall()[0]
    except (NothingPublishedError, duckdb.CatalogException):
        return None
    return Inputs(runs=frozenset(runs), repeated=frozenset(repeated), reference=reference, models=models)


def _make_catalogue(settings: Settings, *, build_id: str, marts: list[Mart], inputs: Inputs) -> bytes:
    with _written() as (path, connection):
        prepare(connection, settings)
        connection.execute("create schema build")
        _note_inputs(connection, inputs)
        connection.execute("create schema marts")
        for mart in marts:
            create_view(connection, mart, _url(settings, layout.mart_key(model=mart.name, build_id=build_id)))
        connection.close()
        return path.read_bytes()


@contextmanager
def _written(content: bytes | None = None) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """Open a database file to write to, a new one or one of the given content; close it to have the file whole."""
    with tempfile.TemporaryDirectory(prefix="farthing-") as folder:
        path = Path(folder) / "farthing.duckdb"
        if content is not None:
            path.write_bytes(content)
        with duckdb.connect(path) as connection:
            yield path, connection


def _note_inputs(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    connection.execute(
        "create or replace table build.inputs as"
        " select $1::varchar[] as runs, $2::varchar[] as repeated, $3 as reference, $4 as models",
        [sorted(inputs.runs), sorted(inputs.repeated), inputs.reference, inputs.models],
    )
    described = "What the build read: newest syncs, later ones without news, digests of reference/ and dbt_project/."
    connection.execute(f"comment on table build.inputs is {_quoted(described)}")


def catalogue_views(catalogue: duckdb.DuckDBPyConnection) -> list[tuple[Mart, str]]:
    """List the marts of an opened catalogue, each with the address of its file."""
    views = catalogue.execute(
        "select view_name, coalesce(comment, ''), sql from duckdb_views() where schema_name = 'marts' order by all"
    ).fetchall()
    columns = catalogue.execute(
        "select table_name, column_name, coalesce(comment, '') from duckdb_columns() where schema_name = 'marts'"
        " order by table_name, column_index"
    ).fetchall()
    return [
        (
            Mart(
                name=name,
                description=description,
                columns={column: comment for table, column, comment in columns if table == name},
            ),
            found[1].replace("''", "'"),
        )
        for name, description, sql in views
        if (found := _READS.search(sql))
    ]


def create_view(catalogue: duckdb.DuckDBPyConnection, mart: Mart, url: str) -> None:
    """Have a mart's view read the file of that address, which must be there."""
    source = f"read_parquet({_quoted(url)})"
    # Columns are those of the file: of a mart of the owner's not all need to be described.
    found = [str(row[0]) for row in catalogue.execute(f"describe from {source}").fetchall()]
    names = [f'"{name}"' for name in found]
    # A mart without rows is one row of nulls in its file; here it has none. It is looked for in files of one row alone,
    # for that means to read all columns, whatever is asked.
    count = catalogue.execute(f"select count(*) from {source}").fetchone()  # noqa: S608 - an address of our own
    is_row = f" where {' or '.join(f'{name} is not null' for name in names)}" if count == (1,) else ""
    view = f'marts."{mart.name}"'
    catalogue.execute(
        f"create or replace view {view} as select {', '.join(names)} from {source}{is_row}"  # noqa: S608 - names from our own models
    )
    catalogue.execute(f"comment on view {view} is {_quoted(mart.description)}")
    for name in found:
        if description := mart.columns.get(name):
            catalogue.execute(f'comment on column {view}."{name}" is {_quoted(description)}')


def _url(settings: Settings, key: str) -> str:
    return f"{settings.lake_url.removeprefix('file://')}/{key}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
