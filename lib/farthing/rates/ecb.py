"""The files in which the European Central Bank publishes its reference rates."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET

import httpx
import polars as pl

from farthing.errors import FarthingError
from farthing.rates.history import COLUMNS

_DAILY, _QUARTER, _ALL = "eurofxref-daily.xml", "eurofxref-hist-90d.xml", "eurofxref-hist.xml"
_QUARTER_DAYS = 85  # the 90-days file holds a little more
_MOST_BYTES = 50_000_000
_CURRENCY = re.compile(r"[A-Z]{3}")


class BadRatesError(FarthingError):
    """The rates could not be had: amounts go on to be converted with those that are known."""


def fetch_rates(
    url: str, *, newest: date | None, today: date, transport: httpx.BaseTransport | None = None
) -> pl.DataFrame:
    """Fetch the smallest file that leaves no gap behind the newest day known.

    :param url: the folder of the files, with a slash at its end.
    :returns: rates as text, in the columns of :data:`~farthing.rates.history.COLUMNS`.
    :raises BadRatesError: if the address does not answer, or with something else.
    """
    days = (today - newest).days if newest else None
    name = _ALL if days is None or days > _QUARTER_DAYS else _DAILY if days <= 1 else _QUARTER
    try:
        with httpx.Client(timeout=20, transport=transport, follow_redirects=True) as client:
            answer = client.get(f"{url}{name}").raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise BadRatesError(
            f"The exchange rates did not come ({type(exc).__name__}): those that are known go on to be used. "
            "The next run asks again; FARTHING_RATES_URL says where."
        ) from exc
    return read_rates(answer.content)


def read_rates(content: bytes) -> pl.DataFrame:
    """Read a file of the ECB's.

    :raises BadRatesError: if it is none, or a rate in it is not above zero.
    """
    try:
        rows = [
            (
                date.fromisoformat(day.attrib["time"]).isoformat(),
                _code(each.attrib["currency"]),
                _rate(each.attrib["rate"]),
            )
            for day in _root(content).iterfind(".//{*}Cube[@time]")
            for each in day.iterfind("{*}Cube[@currency]")
        ]
    except (ET.ParseError, KeyError, ValueError, InvalidOperation):
        rows = []
    if not rows:
        raise BadRatesError(
            "What came for exchange rates is none of the ECB's files: FARTHING_RATES_URL should be the address of the "
            "folder that holds them."
        )
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def newest_day(rates: pl.DataFrame) -> date | None:
    """Tell the newest day that rates are for."""
    newest = rates["rate_date"].max()
    return date.fromisoformat(str(newest)) if newest else None


def _root(content: bytes) -> ET.Element:
    if len(content) > _MOST_BYTES:
        raise ValueError("too large")
    return ET.fromstring(content)  # noqa: S314 - expat refuses entities that grow


def _code(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise ValueError("no currency")
    return text


def _rate(text: str) -> str:
    rate = Decimal(text)
    if not (rate.is_finite() and 0 < rate < 10**9):
        raise ValueError("no rate")
    return text
