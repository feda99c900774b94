"""Landing tables: Parquet of text columns, one file an entity and run; ``extracts`` is the commit mark."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath

import polars as pl

from farthing.lake import layout
from farthing.lake.store import ObjectStore
from farthing.lake.tables import get_table, get_tables, put_if_changed, put_table

type Tables = dict[str, pl.DataFrame]

LINEAGE = ("extract_id", "account_id")
EXTRACTS = "extracts"
EXTRACT_COLUMNS = (
    *LINEAGE,
    "provider",
    "endpoint",
    "run_id",
    "attempt",
    "requested_at",
    "started_at",
    "ended_at",
    "method",
    "path",
    "date_from",
    "date_to",
    "status",
    "outcome",
    "failure",
    "allowance_limit",
    "allowance_remaining",
    "allowance_reset_seconds",
    "entries",
    "oldest_entry_date",
    "newest_entry_date",
    "raw_key",
    "body_bytes",
    "farthing_version",
    "consent_given_at",
    "consent_ends_at",
    "consent_is_history",
    "other_fields",
)


def with_lineage(columns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Complete a provider's columns: lineage first in each entity, and the entity ``extracts`` last."""
    return {entity: (*LINEAGE, *names) for entity, names in columns.items()} | {EXTRACTS: EXTRACT_COLUMNS}


def make_table(columns: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    """Make a frame of text columns; a value that a row does not have is null."""
    present = set().union(*rows)  # of the many columns of an entity, a bank fills a few
    filled = {name: [row.get(name) for row in rows] for name in columns if name in present}
    table = pl.DataFrame(filled, schema=dict.fromkeys(filled, pl.String))
    missing = [
        pl.repeat(None, len(rows), dtype=pl.String, eager=True).alias(name) for name in columns if name not in present
    ]
    return table.with_columns(missing).select(columns) if missing else table


def landing_files(provider: str, *, day: date, run_id: str, tables: Tables) -> dict[str, pl.DataFrame]:
    """Name the files of a run by key, in the order of writing: ``extracts`` last, for no row counts until it is there.

    A table without rows has no file.
    """
    return {
        layout.landing_key(provider=provider, entity=entity, day=day, run_id=run_id): tables[entity]
        for entity in sorted(tables, key=lambda name: name == EXTRACTS)
        if len(tables[entity])
    }


def write_landing(store: ObjectStore, provider: str, *, day: date, run_id: str, tables: Tables) -> None:
    """Write a run's tables."""
    for key, table in landing_files(provider, day=day, run_id=run_id, tables=tables).items():
        put_table(store, key, table)


def write_schemas(store: ObjectStore, provider: str, columns: Mapping[str, tuple[str, ...]]) -> None:
    """Write the empty file of every entity, so that an empty lake can be read and old files get new columns."""
    for entity, names in with_lineage(columns).items():
        put_if_changed(store, layout.landing_schema_key(provider=provider, entity=entity), make_table(names, []))


def read_extracts(store: ObjectStore, provider: str, *, since: date) -> pl.DataFrame:
    """Read the commit marks of all runs that began on a day or later, as text."""
    tables = [make_table(EXTRACT_COLUMNS, []), *get_tables(store, _extract_keys(store, provider, since=since))]
    # While a month is being folded, a run's file and the month's both have its rows.
    return pl.concat(tables, how="diagonal").unique("extract_id", keep="first", maintain_order=True)


def read_rows(
    store: ObjectStore, provider: str, entity: str, extract: Mapping[str, str | None], *, columns: Sequence[str]
) -> pl.DataFrame:
    """Read the rows that one answer landed as, in its order, without their lineage.

    :param extract: the answer's row in ``extracts``.
    """
    key = layout.landing_key(
        provider=provider,
        entity=entity,
        day=date.fromisoformat(str(extract["requested_at"])[:10]),
        run_id=str(extract["run_id"]),
    )
    try:
        table = get_table(store, key)
    except FileNotFoundError:  # a table without rows has no file
        table = make_table((*LINEAGE, *columns), [])
    return table.filter(pl.col("extract_id") == extract["extract_id"]).drop(LINEAGE)


def landed_runs(store: ObjectStore, provider: str) -> frozenset[str]:
    """List the runs that have landed and are not folded yet: those of some weeks, whatever day a wrong clock said."""
    keys = _extract_keys(store, provider, since=date.min)
    return frozenset(PurePosixPath(key).stem for key in keys if layout.day_of(key) and not layout.is_folded(key))


def _extract_keys(store: ObjectStore, provider: str, *, since: date) -> list[str]:
    keys = store.keys(layout.landing_prefix(provider, EXTRACTS))  # once, for they are few where months are folded
    return [key for key in keys if key.endswith(".parquet") and (layout.day_of(key) or date.min) >= since]
