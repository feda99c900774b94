"""Whatever happens to an account and whenever it is synced, staging holds what its bank holds."""

import asyncio
import os

import httpx
import polars as pl
import pytest

from farthing.gocardless import GoCardlessProvider, open_client
from farthing.sync.land import land
from tests.model.bank import START
from tests.model.drawing import draw_all
from tests.model.lives import Life, stories
from tests.model.oracle import Story, violations
from tests.model.warehouse import ALL, Warehouse

LIVES = int(os.environ.get("LIVES", "500"))
SEED = int(os.environ.get("LIVES_SEED", "1"))
_AT_ONCE = 50


@pytest.fixture
def provider() -> GoCardlessProvider:
    """The real reader of answers; nothing is asked of a network."""
    return asyncio.run(_offline())


async def _offline() -> GoCardlessProvider:
    async with open_client("https://bank.test/", httpx.Auth(), transport=httpx.MockTransport(_unasked)) as client:
        return GoCardlessProvider(client, now=lambda: START)


def _unasked(request: httpx.Request) -> httpx.Response:
    raise AssertionError("asked")


@pytest.fixture(scope="module")
def drawn() -> list[Story]:
    """Draw the lives once."""
    return draw_all(stories(), count=LIVES, seeded=SEED)


def test_nothing_is_lost_doubled_or_renamed(
    drawn: list[Story], warehouse: Warehouse, provider: GoCardlessProvider
) -> None:
    for start in range(0, len(drawn), _AT_ONCE):
        batch = drawn[start : start + _AT_ONCE]
        if found := list(violations(batch, warehouse, provider)):
            number, _ = found[0]
            pytest.fail(_smallest(batch[number], warehouse, provider))


def test_what_landed_twice_counts_once(drawn: list[Story], warehouse: Warehouse, provider: GoCardlessProvider) -> None:
    envelopes = []
    longest = sorted(drawn, key=lambda story: len(story[1]))[-_AT_ONCE:]
    for number, (evidence, events) in enumerate(longest):
        life = Life(f"A{number}", evidence, provider)
        life.play(events)
        envelopes += life.envelopes
    once = land(envelopes, provider)
    found = []
    for tables in (once, {entity: pl.concat([table, table]) for entity, table in once.items()}):
        warehouse.build(tables, ALL)
        found.append({entity: warehouse.rows(f"from stg_gocardless__{entity} order by all") for entity in ALL})

    assert found[0] == found[1]
    assert {entity for entity in ALL if not found[0][entity]} <= {"balances", "pending_transactions"}


def _smallest(story: Story, warehouse: Warehouse, provider: GoCardlessProvider) -> str:
    """Leave out of a life all that can be left out, and tell what goes wrong in the rest."""
    evidence, events = story
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for number in reversed(range(len(events))):
            fewer = [*events[:number], *events[number + 1 :]]
            if next(violations([(evidence, fewer)], warehouse, provider), None):
                events, is_smaller = fewer, True
    wrong = [what for _, what in violations([(evidence, events)], warehouse, provider)]
    return "\n".join([evidence, *map(repr, events), *wrong])
