"""Entries as columns: what is worked out for all of them at once takes a hundredth of the time each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from farthing.sandbox.ledger import digest_of, halves_of
from farthing.sandbox.told import THIRD, number


@dataclass(frozen=True, slots=True)
class Columns:
    """Entries of some accounts, and their sources, which say what is the same in many of them.

    :ivar rows: one an entry: what :meth:`farthing.sandbox.ledger.Ledger.columns` returns, with dates as ``day``, and
        ``id`` (the 16 bytes of its two halves) and, where somebody asks, ``balance`` (cents on the account after it).
    :ivar sources: see :func:`farthing.sandbox.sources.described`; besides ``account_generation`` (how often the bank
        has given entries new ids), ``third`` and ``text``: there is one for each third of the entries of the ledger's
        source, and one for each entry that has a text.
    """

    rows: pl.DataFrame
    sources: pl.DataFrame

    def of_source(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of the sources as such of the entries."""
        return frame[self.rows["source"]] if frame.width else frame

    def knowing(self, expressions: Iterable[pl.Expr]) -> pl.DataFrame:
        """Return the entries with what some expressions look at in their sources."""
        names = {name for each in expressions for name in each.meta.root_names()}.difference(self.rows.columns)
        return self.rows.hstack(self.of_source(self.sources.select(names)))

    def is_of_source(self, expression: pl.Expr) -> bool:
        """Say whether an expression is the same for all entries of a source."""
        return set(self.sources.columns).issuperset(expression.meta.root_names())

    def with_column(self, name: str, expression: pl.Expr) -> "Columns":
        """Return the entries with a column that several others build upon, so that it is worked out once."""
        if self.is_of_source(expression):
            return Columns(self.rows, self.sources.with_columns(expression.alias(name)))
        return Columns(self.rows.hstack(self.knowing([expression]).select(expression.alias(name))), self.sources)

    def where(self, condition: pl.Expr) -> "Columns":
        """Return the entries of which something is true."""
        return Columns(self.knowing([condition]).filter(condition)[self.rows.columns], self.sources)


def columns_of(
    rows: pl.DataFrame, sources: pl.DataFrame, *, generations: Mapping[int, int], before: Mapping[int, int] | None
) -> Columns:
    """Put a ledger's entries into the shape in which banks tell of them.

    :param rows: see :meth:`farthing.sandbox.ledger.Ledger.columns`.
    :param sources: see :attr:`farthing.sandbox.ledger.Ledger.described`.
    :param generations: by place of the account, how often its bank has given entries new ids.
    :param before: by place of the account, the cents that it held before the first of them; None if nobody asks.
    """
    if any(generations.values()):
        rows = _reissued(rows, generations)
    ids = binaries(rows.select("high", "low").to_numpy(order="c").view(np.uint8))
    rows = rows.with_columns(pl.col("day").cast(pl.Date), id=ids)
    if before is not None:
        held = pl.col("place").replace_strict(before, return_dtype=pl.Int64)
        rows = rows.with_columns(balance=held + pl.col("cents").cum_sum().over("place"))
    reissued = [generations.get(place, 0) for place in sources["place"].to_list()]
    sources = sources.select(pl.exclude("place"), account_generation=pl.Series(reissued, dtype=pl.Int64))
    return _apart(rows, sources)


def _apart(rows: pl.DataFrame, sources: pl.DataFrame) -> Columns:
    """Take the entries of a source apart by what the bank's words depend on, which then are those of a source, too."""
    third = rows.select(number(3).alias(THIRD)).to_series()
    worded = (rows["text"] != "").arg_true()
    begins = 3 * len(sources)
    source = (rows["source"] + len(sources) * third).to_numpy(writable=True)
    source[worded] = begins + np.arange(len(worded))
    alike = sources[np.append(np.tile(np.arange(len(sources)), 3), rows["source"][worded])]
    thirds = pl.Series(np.repeat(np.arange(3, dtype=np.uint64), len(sources))).append(third[worded])
    texts = pl.Series([""], dtype=pl.String).new_from_index(0, begins).append(rows["text"][worded])
    return Columns(
        rows.drop("text").with_columns(source=source),
        alike.hstack([thirds.alias(THIRD), texts.alias("text")]),
    )


def binaries(rows: NDArray[np.uint8]) -> pl.Series:
    """Return a column of bytes, of rows of them."""
    count, width = rows.shape
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), count, [None, pa.py_buffer(rows)])
    return pl.Series(pl.from_arrow(fixed), dtype=pl.Binary)


def _reissued(rows: pl.DataFrame, generations: Mapping[int, int]) -> pl.DataFrame:
    known: list[tuple[int, int]] = []
    for place, high, low in rows.select("place", "high", "low").iter_rows():
        anew = generations[place]
        known.append(halves_of(uuid5(UUID(bytes=digest_of(high, low)), str(anew)).bytes) if anew else (high, low))
    return rows.with_columns(pl.DataFrame(known, {"high": pl.UInt64, "low": pl.UInt64}, orient="row"))
