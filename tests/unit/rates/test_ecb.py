"""Exchange rates: those that ship, those that come, and those that do not."""

from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest

from farthing.lake.store import ObjectStore, open_store
from farthing.rates import BadRatesError, fetch_rates, known_rates, read_rates, shipped_rates, update_rates
from farthing.settings import Settings

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "http://ecb.test/stats/"
FILE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube>
<Cube time="2026-11-24"><Cube currency="USD" rate="1.1555"/><Cube currency="JPY" rate="178.01"/></Cube>
<Cube time="2026-11-23"><Cube currency="USD" rate="1.1444"/></Cube>
</Cube></gesmes:Envelope>"""


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def answering(status: int = 200, content: str = FILE) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, content=content.encode()))


def rates_of(table: pl.DataFrame, currency: str) -> dict[str, str]:
    return dict(table.filter(pl.col("currency") == currency).select("rate_date", "rate").iter_rows())


def test_ships_rates_since_the_euro_began() -> None:
    assert rates_of(shipped_rates(), "USD")["1999-01-04"] == "1.1789"
    assert set(shipped_rates()["rate"].str.to_decimal(scale=8) > 0) == {True}


def test_reads_every_day_of_a_file_as_it_is_written() -> None:
    read = read_rates(FILE.encode())

    assert rates_of(read, "USD") == {"2026-11-24": "1.1555", "2026-11-23": "1.1444"}
    assert rates_of(read, "JPY") == {"2026-11-24": "178.01"}


def test_keeps_what_is_new_beside_what_ships_and_only_once(store: ObjectStore) -> None:
    assert update_rates(store, URL, now=NOON, transport=answering()) == 3
    assert update_rates(store, URL, now=NOON, transport=answering()) == 0

    known, faults = known_rates(store)
    assert faults == []
    assert len(known) == len(shipped_rates()) + 3
    assert rates_of(known, "USD")["2026-11-24"] == "1.1555"


@pytest.mark.parametrize(
    ("newest", "asked"),
    [
        pytest.param(date(2026, 11, 24), "eurofxref-daily.xml", id="yesterday"),
        pytest.param(date(2026, 11, 20), "eurofxref-hist-90d.xml", id="a-gap"),
        pytest.param(date(2026, 8, 1), "eurofxref-hist.xml", id="a-longer-gap"),
        pytest.param(None, "eurofxref-hist.xml", id="none-known"),
    ],
)
def test_asks_for_the_smallest_file_that_leaves_no_gap(newest: date | None, asked: str) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, content=FILE.encode())

    fetch_rates(URL, newest=newest, today=NOON.date(), transport=httpx.MockTransport(answer))
    assert paths == [f"/stats/{asked}"]


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("", request=request)


@pytest.mark.parametrize(
    "transport",
    [
        pytest.param(httpx.MockTransport(refuse), id="no-network"),
        pytest.param(answering(503), id="down"),
        pytest.param(answering(content="<html>canary</html>"), id="another-page"),
        pytest.param(answering(content="canary"), id="no-xml"),
        pytest.param(answering(content=FILE.replace("1.1555", "NaN")), id="no-number"),
        pytest.param(answering(content=FILE.replace("1.1555", "-1")), id="below-zero"),
        pytest.param(answering(content=FILE.replace("USD", "DOLLAR")), id="no-currency"),
    ],
)
def test_a_failure_is_one_line_and_keeps_nothing(store: ObjectStore, transport: httpx.MockTransport) -> None:
    with pytest.raises(BadRatesError) as failed:
        update_rates(store, URL, now=NOON, transport=transport)

    assert "\n" not in str(failed.value)
    assert "canary" not in str(failed.value)
    assert "FARTHING_RATES_URL" in str(failed.value)
    assert store.keys("reference/") == []


def test_passes_over_an_object_that_is_none_of_ours(store: ObjectStore) -> None:
    update_rates(store, URL, now=NOON, transport=answering())
    [good] = store.keys("reference/")
    broken = Path(store.url.removeprefix("file://"), good).with_name("broken.parquet")
    broken.write_bytes(b"PAR1")
    bad = {
        "day": ("x", "1"),
        "zero": ("2026-03-02", "0"),
        "tiny": ("2026-03-02", "0.00000001"),
        "old": ("0206-03-02", "1"),
    }
    for name, (day, rate) in bad.items():
        table = pl.DataFrame({"rate_date": [day], "currency": ["USD"], "rate": [rate]})
        table.write_parquet(broken.with_name(f"{name}.parquet"))

    known, faults = known_rates(store)
    assert len(known) == len(shipped_rates()) + 3
    assert sorted(Path(fault.object_key).stem for fault in faults) == sorted(["broken", *bad])
