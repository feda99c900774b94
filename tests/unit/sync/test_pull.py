"""Whatever befalls the lake, an answer that came is kept, and no call is spent that another run may be spending."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import pytest

from farthing.errors import FarthingError, ServiceDownError
from farthing.gocardless.provider import GoCardlessReader
from farthing.lake.lease import LeaseLostError
from farthing.lake.raw import read_raw
from farthing.lake.store import ObjectStore, open_folder
from farthing.provider import Answer, Ask, Endpoint, Outcome
from farthing.sync.pull import PAUSES, Pulled, pull, send, waiting

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
BODY = b'{"balances": []}'


class Bank(GoCardlessReader):
    """A bank whose questions are counted."""

    def __init__(self) -> None:
        self.calls = 0

    async def fetch(self, _: Ask) -> Answer:
        self.calls += 1
        return Answer(method="GET", path="x", params={}, started_at=NOON, ended_at=NOON, status=200, body=BODY)


class Failing(ObjectStore):
    """A lake that takes nothing for its first so many puts."""

    def __init__(self, store: ObjectStore, times: int) -> None:
        super().__init__(store.url, store._fs)
        self.times = times

    def put(self, key: str, content: bytes) -> None:
        if self.times:
            self.times -= 1
            raise ServiceDownError("down")
        super().put(key, content)


@pytest.fixture
def outbox(tmp_path: Path) -> ObjectStore:
    return open_folder(tmp_path / "outbox")


def asked(store: ObjectStore, outbox: ObjectStore, bank: Bank, paused: list[float]) -> Pulled:
    async def sleep(seconds: float) -> None:
        paused.append(seconds)

    ask = Ask(endpoint=Endpoint.BALANCES, account_id="a")
    pulling = pull(bank, store, ask, run_id=UUID(int=1), attempt=1, requested_at=NOON, outbox=outbox, sleep=sleep)
    return asyncio.run(pulling)


@pytest.mark.parametrize("times", [0, 1, len(PAUSES)])
def test_stores_an_answer_that_the_lake_takes_late(tmp_path: Path, outbox: ObjectStore, times: int) -> None:
    store, bank, paused = Failing(open_folder(tmp_path / "lake"), times), Bank(), list[float]()

    pulled = asked(store, outbox, bank, paused)

    assert (pulled.outcome, bank.calls) == (Outcome.OK, 1)
    assert read_raw(store, pulled.keys[0]).answer.body == BODY
    assert paused == list(PAUSES[:times])
    assert outbox.keys("raw/") == []


def test_keeps_an_answer_that_the_lake_does_not_take_until_it_does(tmp_path: Path, outbox: ObjectStore) -> None:
    store, bank = Failing(open_folder(tmp_path / "lake"), len(PAUSES) + 2), Bank()
    with pytest.raises(ServiceDownError):
        asked(store, outbox, bank, [])
    with pytest.raises(ServiceDownError):
        send(outbox, store)

    [key] = send(outbox, store)

    assert bank.calls == 1
    assert read_raw(store, key).answer.body == BODY
    assert waiting(outbox) == [key]  # until it has landed


def test_spends_no_call_once_the_lake_is_not_kept_to_this_run(tmp_path: Path) -> None:
    store, bank = open_folder(tmp_path / "lake"), Bank()

    def lost() -> NoReturn:
        raise LeaseLostError("lost")

    ask = Ask(endpoint=Endpoint.BALANCES, account_id="a")
    with pytest.raises(FarthingError, match="lost"):
        asyncio.run(pull(bank, store, ask, run_id=UUID(int=1), attempt=1, requested_at=NOON, check=lost))

    assert bank.calls == 0
    assert store.keys("raw/") == []
