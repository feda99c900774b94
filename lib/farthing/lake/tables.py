"""Tables as objects: a frame in, Parquet in one put; and back."""

import io
from collections.abc import Sequence

import polars as pl

from farthing.lake.store import ObjectStore


def put_table(store: ObjectStore, key: str, table: pl.DataFrame) -> None:
    """Store a frame as one Parquet object."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd")
    store.put(key, buffer.getvalue())


def get_table(store: ObjectStore, key: str, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a Parquet object, or only some of its columns.

    :raises FileNotFoundError: if there is none of that key.
    """
    return pl.read_parquet(io.BytesIO(store.get(key)), columns=None if columns is None else list(columns))
