import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import httpx
import pytest

from farthing.gocardless import GoCardlessProvider, open_client
from farthing.lake.inputs import UNKNOWN, Inputs
from farthing.lake.landing import make_table, with_lineage, write_landing
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings
from farthing.sync.news import is_news

TODAY = date(2026, 3, 5)
PUBLISHED = Inputs(runs=frozenset({"morning"}), reference="r", models="m")
NOW = replace(PUBLISHED, runs=frozenset({"morning", "noon"}))

type Row = Mapping[str, str | None]

OLD: Row = {"booking_status": "booked", "booking_date": "2026-01-07", "transaction_amount": "-4.00"}
NEW: Row = {"booking_status": "booked", "booking_date": "2026-03-02", "transaction_amount": "-5.00"}
TWIN: Row = dict(NEW)
PENDING: Row = {"booking_status": "pending", "transaction_amount": "-6.00"}
ALL: Row = {"endpoint": "transactions", "date_from": "2026-01-05", "date_to": "2026-03-05", "outcome": "ok"}
RECENT: Row = dict(ALL) | {"date_from": "2026-02-19"}
HELD: Row = {"endpoint": "balances", "outcome": "ok"}


@pytest.fixture(scope="module")
def provider() -> GoCardlessProvider:
    """A provider that is asked nothing."""

    async def closed() -> GoCardlessProvider:
        async with open_client("https://bank.test/", httpx.Auth()) as client:
            return GoCardlessProvider(client, now=lambda: pytest.fail("no time is needed"))

    return asyncio.run(closed())


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def _land(
    store: ObjectStore, provider: GoCardlessProvider, run_id: str, hour: int, extract: Row, rows: Sequence[Row]
) -> None:
    ids = {"extract_id": run_id, "account_id": "a"}
    columns = with_lineage(provider.columns)
    asked = {"run_id": run_id, "requested_at": f"{TODAY}T{hour:02}:00:00+00:00"}
    landed: dict[str, list[Row]] = {
        str(extract["endpoint"]): [{"entry_index": str(index), **row, **ids} for index, row in enumerate(rows)],
        "extracts": [{**asked, **extract, **ids}],
    }
    tables = {entity: make_table(columns[entity], entries) for entity, entries in landed.items()}
    day = date.fromisoformat(str(landed["extracts"][0]["requested_at"])[:10])
    write_landing(store, provider.name, day=day, run_id=run_id, tables=tables)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param((ALL, [OLD, NEW]), (ALL, [OLD, NEW]), False, id="the-same-answer"),
        pytest.param((ALL, []), (ALL, []), False, id="nothing-again"),
        pytest.param((ALL, [OLD, NEW]), (RECENT, [NEW]), False, id="the-same-of-a-shorter-window"),
        pytest.param((ALL, [NEW, TWIN, OLD]), (RECENT, [NEW, TWIN]), False, id="with-twins"),
        pytest.param((ALL, [OLD, PENDING]), (RECENT, [PENDING]), False, id="with-a-pending-entry-of-no-day"),
        pytest.param((HELD, [{"balance_amount": "1.00"}]), (HELD, [{"balance_amount": "1.00"}]), False, id="a-balance"),
        pytest.param((HELD, [{"balance_amount": "1.00"}]), (HELD, [{"balance_amount": "2.00"}]), True, id="another"),
        pytest.param((ALL, [OLD]), (RECENT, [NEW]), True, id="one-more"),
        pytest.param((ALL, [NEW]), (ALL, [NEW, TWIN]), True, id="a-twin-more"),
        pytest.param((ALL, [OLD, NEW]), (RECENT, []), True, id="one-less"),
        pytest.param((ALL, [OLD, NEW]), (RECENT, [{**NEW, "transaction_id": "1"}]), True, id="another-id"),
        pytest.param((ALL, [NEW, PENDING]), (ALL, [PENDING, NEW]), True, id="another-order"),
        pytest.param((ALL, [NEW]), (RECENT, [NEW]), True, id="days-that-the-longer-answer-did-not-reach"),
        pytest.param((RECENT, [NEW]), (ALL, [NEW]), True, id="a-longer-window"),
        pytest.param((ALL, [OLD]), ({**ALL, "outcome": "retry"}, []), True, id="a-failure"),
        pytest.param(({**ALL, "outcome": "retry"}, []), (ALL, []), True, id="the-first-after-a-failure"),
        pytest.param((ALL, []), ({**ALL, "allowance_remaining": "1"}, []), False, id="with-another-allowance"),
        pytest.param((HELD, []), (ALL, []), True, id="another-question"),
        pytest.param(
            (ALL, []), ({**ALL, "requested_at": "2026-03-06T00:10:00+00:00"}, []), True, id="the-same-on-another-day"
        ),
    ],
)
def test_tells_news_from_what_was_answered_before(
    store: ObjectStore,
    provider: GoCardlessProvider,
    before: tuple[Row, list[Row]],
    after: tuple[Row, list[Row]],
    expected: bool,
) -> None:
    _land(store, provider, "morning", 8, *before)
    _land(store, provider, "noon", 12, *after)

    assert is_news(store, provider, published=PUBLISHED, now=NOW, today=TODAY) is expected


@pytest.mark.parametrize(
    "published",
    [
        pytest.param(replace(PUBLISHED, runs=frozenset({"night", "morning"})), id="built"),
        pytest.param(replace(PUBLISHED, runs=frozenset({"night"}), repeated=frozenset({"morning"})), id="confirmed"),
    ],
)
def test_compares_with_the_newest_that_is_published(
    store: ObjectStore, provider: GoCardlessProvider, published: Inputs
) -> None:
    _land(store, provider, "night", 2, ALL, [OLD])
    _land(store, provider, "morning", 8, ALL, [OLD, NEW])
    _land(store, provider, "noon", 12, ALL, [OLD, NEW])

    assert not is_news(store, provider, published=published, now=NOW, today=TODAY)


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        pytest.param(PUBLISHED, False, id="that-build"),
        pytest.param(UNKNOWN, True, id="nothing-noted"),
        pytest.param(replace(PUBLISHED, reference="other"), True, id="another-decision"),
        pytest.param(replace(PUBLISHED, models="other"), True, id="other-models"),
    ],
)
def test_other_decisions_and_other_models_are_news(
    store: ObjectStore, provider: GoCardlessProvider, published: Inputs, expected: bool
) -> None:
    _land(store, provider, "morning", 8, ALL, [OLD])

    assert is_news(store, provider, published=published, now=NOW, today=TODAY) is expected
