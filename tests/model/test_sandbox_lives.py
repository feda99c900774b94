"""Whatever the sandbox bank does and however syncs are killed, settled transactions are those of its own truth."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.model.drawing import draw_all
from tests.model.lives import Event
from tests.model.sandbox_life import SandboxLife, sandbox_stories
from tests.model.warehouse import Warehouse

LIVES = int(os.environ.get("SANDBOX_LIVES", "45"))
SEED = int(os.environ.get("LIVES_SEED", "1"))
_AT_ONCE = 15

type Story = tuple[str, list[Event]]
type Staged = dict[str, list[tuple[object, ...]]]  # by account key


@pytest.fixture(scope="module")
def drawn() -> list[Story]:
    return draw_all(sandbox_stories(), count=LIVES, seeded=SEED)


def test_what_is_settled_is_what_the_bank_has(drawn: list[Story], warehouse: Warehouse, tmp_path: Path) -> None:
    for start in range(0, len(drawn), _AT_ONCE):
        lives = []
        for number, (bank, events) in enumerate(drawn[start : start + _AT_ONCE], start=start):
            life = SandboxLife(number, bank, tmp_path / str(number))
            asyncio.run(life.play(events))
            lives.append(life)
        found = list(_violations(lives, warehouse))
        if found:
            number, wrong = found[0]
            bank, events = drawn[start + number]
            pytest.fail("\n".join([f"{bank}, life {start + number}", *map(repr, events), wrong]))


def _violations(lives: list[SandboxLife], warehouse: Warehouse) -> Iterator[tuple[int, str]]:
    before: list[Staged] = []
    for moment in range(2):
        landed = [life.snapshots[moment] for life in lives]
        warehouse.build({entity: pl.concat([each[entity] for each in landed]) for entity in landed[0]})
        rows = warehouse.rows("select account_id, account_key from stg_gocardless__accounts")
        keys = {str(account_id): str(key) for account_id, key in rows}
        staged = _staged(warehouse)
        for number, life in enumerate(lives):
            now: Staged = {}
            for account in life.accounts:
                ids = [account_id for account_id, key in life.account_ids.items() if key == account.key]
                known = {keys[account_id] for account_id in ids if account_id in keys}
                if len(known) > 1:
                    yield number, f"{account.key} is {len(known)} accounts"
                now[account.key] = [row for key in known for row in staged.get(key, [])]
            if moment == 0:
                before.append(now)
                continue
            yield from ((number, wrong) for wrong in _against_the_truth(life, now))
            yield from ((number, wrong) for key in now for wrong in _renamed(before[number][key], now[key]))
            yield from ((number, f"asked again: {what}") for what in life.asked_twice)
    of_keys = [key for life in lives for key in life.account_ids.values()]
    if len(set(keys.values())) != len(set(of_keys)):
        yield 0, f"{len(set(keys.values()))} accounts and not {len(set(of_keys))}"


def _staged(warehouse: Warehouse) -> Staged:
    rows = warehouse.rows(
        "select account_key, booking_date, value_date, amount, currency, transaction_key, description"
        " from stg_gocardless__transactions"
    )
    found: Staged = {}
    for key, *row in rows:
        found.setdefault(str(key), []).append(tuple(row))
    return found


def _against_the_truth(life: SandboxLife, staged: Staged) -> Iterator[str]:
    """Hold what is settled against the bank's truth of the days that were told of, which have no gap."""
    for account in life.accounts:
        days = life.days_seen(account)
        gaps = [day for day in sorted(days)[1:] if day - timedelta(days=1) not in days]
        if gaps and life.was_asked_in_time(account):
            yield f"{account.key}: nothing was asked about the days before {gaps}"
        if missing := life.missing_history(account):
            yield f"{account.key}: the history begins {missing}"
        settled = _counted((day, *rest[1:3]) for day, *rest in staged[account.key] if day in days)
        truth = _counted(life.truth(account, days).elements())
        if settled != truth:
            lost, more = sorted((truth - settled).elements()), sorted((settled - truth).elements())
            yield f"{account.key}: lost {lost[:5]} of {len(lost)}, too many {more[:5]} of {len(more)}"


def _counted(rows: Iterable[tuple[object, ...]]) -> Counter[tuple[object, ...]]:
    return Counter(rows)


def _renamed(before: list[tuple[object, ...]], after: list[tuple[object, ...]]) -> Iterator[str]:
    """Say which entries have other keys though their money and dates are the same."""
    old, new = _by_movement(before), _by_movement(after)
    for movement in old.keys() & new.keys():
        one, other = old[movement], new[movement]
        if not (one.keys() <= other.keys() or other.keys() <= one.keys()):
            yield f"other keys of {movement}"
        elif Counter(one.values()) == Counter(other.values()) and one != other:
            yield f"keys changed places at {movement}"


def _by_movement(rows: list[tuple[object, ...]]) -> dict[tuple[object, ...], dict[object, object]]:
    found: dict[tuple[object, ...], dict[object, object]] = {}
    for *movement, key, description in rows:
        found.setdefault(tuple(movement), {})[key] = description
    return found
