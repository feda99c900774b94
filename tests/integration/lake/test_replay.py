"""Replay wherever the lake lies."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from farthing.assembly import READER
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import open_store
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import Settings
from farthing.sync.land import land_run
from farthing.sync.replay import Replayed, replay

pytestmark = pytest.mark.integration

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_makes_the_same_landing_of_raw_alone(anywhere: Settings) -> None:
    asyncio.run(_makes_the_same_landing(anywhere))


async def _makes_the_same_landing(settings: Settings) -> None:
    store = open_store(settings)
    store.prepare()
    for run in range(4):
        at = NOON + timedelta(hours=9 * run)
        extract = make_extract(
            provider=READER.name, ask=Ask(endpoint=Endpoint.TRANSACTIONS, account_id="a"), run_id=UUID(int=run),
            attempt=1, requested_at=at, version="0.1.0",
        )  # fmt: skip
        answer = Answer(
            method="GET", path="accounts/a/transactions/", params={}, started_at=at, ended_at=at, status=200,
            body=json.dumps({"transactions": {"booked": [{"transactionId": str(run)}]}}).encode(),
        )  # fmt: skip
        land_run(store, READER, [write_raw(store, extract, answer)])
    landed = {key: store.get(key) for key in store.keys("landing/")}

    replay(store, READER)
    equal = {key: content for key, content in landed.items() if store.get(key) == content}
    store.delete(landed)
    replayed = replay(store, READER)

    assert equal == landed
    assert replayed == Replayed(runs=4, answers=4, equal=0, changed=0, added=8, gone=0)
    assert {key: store.get(key) for key in landed} == landed
