"""Entries as columns: what is worked out for all of them at once takes a hundredth of the time each."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid5

import polars as pl
import pyarrow as pa

from farthing.sandbox.ledger import digest_of, halves_of


@dataclass(frozen=True, slots=True)
class Columns:
    """Entries of some accounts, and their sources, which say what is the same in many of them.

    :ivar rows: one an entry: ``place`` (of its account in the ledger), ``source``, ``id`` (16 bytes, of which ``high``
        and ``low`` are the two halves), ``day``, ``serial``, ``cents``, ``text``, ``foreign_price``, ``foreign_rate``.
    :ivar sources: see :func:`farthing.sandbox.sources.described`; besides ``account_generation`` (how often the bank
        has given entries new ids) and ``account_before`` (cents that the account held before the first entry).
    """

    rows: pl.DataFrame
    sources: pl.DataFrame

    def of_source(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of the sources as such of the entries."""
        return frame.select(pl.all().gather(self.rows["source"]))


def columns_of(
    rows: pl.DataFrame, sources: pl.DataFrame, *, generations: Mapping[int, int], before: Mapping[int, int]
) -> Columns:
    """Put a ledger's entries into the shape in which banks tell of them.

    :param rows: see :meth:`farthing.sandbox.ledger.Ledger.columns`.
    :param sources: see :attr:`farthing.sandbox.ledger.Ledger.described`.
    :param generations: by place of the account, how often its bank has given entries new ids.
    :param before: by place of the account, the cents that it held before the first of them.
    """
    if any(generations.values()):
        rows = _reissued(rows, generations)
    known = {"account_generation": generations, "account_before": before}
    places = sources["place"].to_list()
    beside = [pl.Series(name, [values.get(place, 0) for place in places], pl.Int64) for name, values in known.items()]
    shaped = rows.select(
        "place", "source", "serial", "cents", "text", "high", "low",
        day=pl.col("day").cast(pl.Date),
        foreign_price=_scaled("price", 2),
        foreign_rate=_scaled("rate", 6),
    )  # fmt: skip
    shaped = shaped.with_columns(_ids(rows)).rechunk()  # pl.format panics on chunks of which one is empty
    return Columns(shaped, sources.drop("place").with_columns(beside))


def _scaled(name: str, places: int) -> pl.Expr:
    return pl.col(name).cast(pl.Decimal(19, 0)) * pl.lit(Decimal(1).scaleb(-places))


def _ids(rows: pl.DataFrame) -> pl.Series:
    """Put the two halves of each id next to each other."""
    halves = rows.select(pl.concat_arr("high", "low")).to_series().explode().to_arrow()
    ids = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(rows), [None, halves.buffers()[1]])
    return pl.Series("id", pl.from_arrow(ids), pl.Binary)


def _reissued(rows: pl.DataFrame, generations: Mapping[int, int]) -> pl.DataFrame:
    known: list[tuple[int, int]] = []
    for place, high, low in rows.select("place", "high", "low").iter_rows():
        anew = generations[place]
        known.append(halves_of(uuid5(UUID(bytes=digest_of(high, low)), str(anew)).bytes) if anew else (high, low))
    return rows.with_columns(pl.DataFrame(known, {"high": pl.UInt64, "low": pl.UInt64}, orient="row"))
