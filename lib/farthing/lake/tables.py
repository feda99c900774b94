"""Tables as objects: a frame in, Parquet in one put; and back."""

import io
from collections.abc import Sequence
from enum import StrEnum

import polars as pl

from farthing.lake.store import ObjectStore


class Written(StrEnum):
    """What became of a table that was to be stored."""

    EQUAL = "equal"
    CHANGED = "changed"
    ADDED = "added"


def put_table(store: ObjectStore, key: str, table: pl.DataFrame) -> None:
    """Store a frame as one Parquet object."""
    store.put(key, to_parquet(table))


def put_if_changed(store: ObjectStore, key: str, table: pl.DataFrame) -> Written:
    """Store a frame, unless the object holds the same rows and columns already: then nobody's reading is disturbed."""
    return put_parquet_if_changed(store, key, to_parquet(table))


def put_parquet_if_changed(store: ObjectStore, key: str, content: bytes) -> Written:
    """Do what :func:`put_if_changed` does, of a table that is Parquet already."""
    try:
        before = store.get(key)
    except FileNotFoundError:
        store.put(key, content)
        return Written.ADDED
    if before == content or _is_equal(before, content):
        return Written.EQUAL
    store.put(key, content)
    return Written.CHANGED


def get_table(store: ObjectStore, key: str, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a Parquet object, or only some of its columns.

    :raises FileNotFoundError: if there is none of that key.
    """
    return from_parquet(store.get(key), columns=columns)


def get_tables(store: ObjectStore, keys: Sequence[str]) -> list[pl.DataFrame]:
    """Read Parquet objects, many at a time where the store allows, in the order of the keys.

    :raises FileNotFoundError: if one is not there.
    """
    return [from_parquet(content) for content in store.get_all(keys)]


def from_parquet(content: bytes, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a frame from Parquet, or only some of its columns."""
    return pl.read_parquet(io.BytesIO(content), columns=None if columns is None else list(columns))


def to_parquet(table: pl.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _is_equal(before: bytes, now: bytes) -> bool:
    """Compare rows where the bytes differ: another version of the library writes the same rows in other bytes."""
    try:
        return from_parquet(before).equals(from_parquet(now))
    except pl.exceptions.PolarsError:  # it is no Parquet file
        return False
