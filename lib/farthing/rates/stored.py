"""Rates that were fetched, under ``reference/exchange_rates/``: one object a fetch, never written again."""

import io
from datetime import datetime
from decimal import Decimal

import httpx
import polars as pl

from farthing.lake import layout
from farthing.lake.reference.faults import Fault
from farthing.lake.store import ObjectStore
from farthing.lake.tables import put_table
from farthing.rates.ecb import fetch_rates, newest_day
from farthing.rates.history import COLUMNS, shipped_rates

_BOUNDS = Decimal("0.01"), Decimal(10_000_000)  # units of any currency for a euro


def write_rates(store: ObjectStore, rates: pl.DataFrame, *, fetched_at: datetime) -> int:
    """Keep rates that were not known yet, and count them."""
    known, _ = known_rates(store)
    new = rates.select(COLUMNS).join(known, on=["rate_date", "currency"], how="anti")
    if len(new):
        put_table(store, layout.exchange_rates_key(fetched_at), new)
    return len(new)


def known_rates(store: ObjectStore) -> tuple[pl.DataFrame, list[Fault]]:
    """Read all rates, shipped and fetched, one a day and currency, and what is wrong with objects."""
    tables, faults = [shipped_rates()], []
    keys = [key for key in store.keys(layout.EXCHANGE_RATES) if not layout.is_leftover(key)]
    for key, content in store.get_many(keys).items():
        try:
            table = pl.read_parquet(io.BytesIO(content)).select(pl.col(COLUMNS).cast(pl.String))
            day, rate = pl.col("rate_date").str.to_date(strict=False), pl.col("rate").str.to_decimal(scale=8)
            is_rate = (day.dt.year().is_between(1999, 2199) & rate.is_between(*_BOUNDS)).fill_null(value=False)
            if not table.select(is_rate.all()).item():
                raise pl.exceptions.ComputeError("rows that are no rates")
        except pl.exceptions.PolarsError:
            mistake = "the object is no Parquet file of exchange rates"
            faults.append(Fault(table="exchange_rates", object_key=key, row_number=None, mistake=mistake))
            continue
        tables.append(table)
    return pl.concat(tables).unique(["rate_date", "currency"], keep="last"), faults


def update_rates(store: ObjectStore, url: str, *, now: datetime, transport: httpx.BaseTransport | None = None) -> int:
    """Fetch the rates since the newest known, keep them, and count those that are new.

    :param url: the folder of the ECB's files.
    :raises BadRatesError: if they do not come; nothing is kept then, and nothing lost.
    """
    known, _ = known_rates(store)
    fetched = fetch_rates(url, newest=newest_day(known), today=now.date(), transport=transport)
    return write_rates(store, fetched, fetched_at=now)
