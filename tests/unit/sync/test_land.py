import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from farthing.gocardless import GoCardlessProvider, open_client
from farthing.lake.landing import read_extracts
from farthing.lake.store import ObjectStore, open_folder, open_store
from farthing.provider import Ask, Consent, Endpoint
from farthing.settings import Settings
from farthing.sync.land import land_run, left_over, recover
from farthing.sync.pull import pull, send

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
CONSENT = Consent(
    given_at=NOON - timedelta(days=2),
    ends_at=datetime(2026, 6, 5, 1, tzinfo=timezone(timedelta(hours=2))),
    is_history=True,
)
BODIES = {
    "accounts": b'{"id": "a", "status": "READY", "iban": "DE02"}',
    "details": b'{"account": {"currency": "EUR", "product": "Giro"}}',
    "balances": b'{"balances": [{"balanceAmount": {"amount": "1.10", "currency": "EUR"}, "balanceType": "x"}]}',
    "transactions": (
        b'{"transactions": {"booked": [{"transactionId": "t1", "bookingDate": "2026-03-07", "valueDate": "2025-01-01"},'
        b' {"transactionId": "t2", "bookingDate": "2026-02-28"}, {"transactionId": "t3"}], "pending": []}}'
    ),
}


class Lake:
    """A lake, and a bank whose questions are counted."""

    def __init__(self, folder: Path) -> None:
        self.store: ObjectStore = open_store(Settings(lake_url=f"file://{folder}", home=folder))
        self.calls = 0
        self.provider = asyncio.run(self._closed_provider())

    def pull(self, *, run: int = 1, at: datetime = NOON) -> list[str]:
        """Ask everything once, as a run does, and land nothing."""
        return asyncio.run(self._pull(UUID(int=run), at))

    def landed(self) -> dict[str, bytes]:
        return {key: self.store.get(key) for key in self.store.keys("landing/")}

    async def _pull(self, run_id: UUID, at: datetime) -> list[str]:
        async with open_client("https://bank.test/", httpx.Auth(), transport=httpx.MockTransport(self._answer)) as api:
            provider = GoCardlessProvider(api, now=lambda: at)
            return [
                (
                    await pull(
                        provider,
                        self.store,
                        Ask(endpoint=endpoint, account_id="a", consent=CONSENT, institution_id="BANK"),
                        run_id=run_id,
                        attempt=1,
                        requested_at=at,
                    )
                ).keys[-1]
                for endpoint in Endpoint
            ]

    async def _closed_provider(self) -> GoCardlessProvider:
        async with open_client("https://bank.test/", httpx.Auth(), transport=httpx.MockTransport(self._answer)) as api:
            return GoCardlessProvider(api, now=lambda: NOON)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        name = request.url.path.strip("/").split("/")[-1]
        if name == "details":
            return httpx.Response(502, content=b"\xff\xfe down")
        return httpx.Response(200, content=BODIES.get(name, BODIES["accounts"]))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "one")


@pytest.fixture
def outbox(tmp_path: Path) -> ObjectStore:
    return open_folder(tmp_path / "outbox")


@pytest.fixture
def undisturbed(tmp_path: Path) -> Lake:
    """A lake in which the same run was landed as a whole."""
    other = Lake(tmp_path / "other")
    land_run(other.store, other.provider, other.pull())
    return other


def test_lands_each_entity_and_a_row_for_every_answer(undisturbed: Lake) -> None:
    extracts = read_extracts(undisturbed.store, "gocardless", since=date.min)

    assert {key.split("/")[2] for key in undisturbed.landed()} == {*Endpoint, "extracts"} - {"details"}
    assert sorted(extracts.select("endpoint", "outcome", "status", "entries").rows()) == [
        ("accounts", "ok", "200", "1"),
        ("balances", "ok", "200", "1"),
        ("details", "retry", "502", "0"),
        ("institutions", "ok", "200", "1"),
        ("transactions", "ok", "200", "3"),
    ]
    assert set(extracts.select("oldest_entry_date", "newest_entry_date").rows()) == {
        (None, None),
        ("2026-02-28", "2026-03-07"),
    }
    assert extracts.select("consent_given_at", "consent_ends_at", "consent_is_history").unique().rows() == [
        ("2026-03-07T12:00:00+00:00", "2026-06-04T23:00:00+00:00", "true")
    ]


def test_lands_the_same_bytes_whatever_the_order_of_answers(lake: Lake, undisturbed: Lake) -> None:
    land_run(lake.store, lake.provider, reversed(lake.pull()))

    assert lake.landed() == undisturbed.landed()


def test_lands_nothing_of_no_answers(lake: Lake) -> None:
    assert land_run(lake.store, lake.provider, []) == 0
    assert lake.landed() == {}


@pytest.mark.parametrize(
    "landed",
    [
        pytest.param(0, id="nothing-landed"),
        pytest.param(1, id="one-landed"),
        pytest.param(4, id="all-but-one-landed"),
    ],
)
def test_recovers_a_run_that_died_as_if_it_had_not(lake: Lake, undisturbed: Lake, landed: int) -> None:
    keys = lake.pull()
    land_run(lake.store, lake.provider, keys[:landed])
    calls = lake.calls

    recovered = recover(lake.store, lake.provider, now=NOON)

    assert lake.landed() == undisturbed.landed()
    assert recovered == {Path(key).name.removesuffix(".json.gz") for key in keys[landed:]}
    assert lake.calls == calls


def test_recovers_a_run_whose_commit_mark_alone_is_missing(lake: Lake, undisturbed: Lake) -> None:
    for key, content in undisturbed.landed().items():
        if "/extracts/" not in key:
            lake.store.put(key, content)
    lake.pull()

    assert len(recover(lake.store, lake.provider, now=NOON)) == 5
    assert lake.landed() == undisturbed.landed()


def test_recovers_once(lake: Lake) -> None:
    lake.pull()
    recover(lake.store, lake.provider, now=NOON)
    landed = lake.landed()

    assert recover(lake.store, lake.provider, now=NOON) == frozenset()
    assert lake.landed() == landed


def test_recovers_each_run_by_itself_and_leaves_landed_ones_alone(lake: Lake) -> None:
    land_run(lake.store, lake.provider, lake.pull(run=1))
    before = lake.landed()
    lake.pull(run=2)
    lake.pull(run=3, at=datetime(2026, 3, 10, 0, 5, tzinfo=UTC))

    assert len(recover(lake.store, lake.provider, now=NOON + timedelta(days=1))) == 10
    assert before.items() <= lake.landed().items()
    marks = [key.removeprefix("landing/gocardless/extracts/") for key in lake.landed() if "/extracts/" in key]
    assert marks == [
        f"date=2026-03-09/{UUID(int=1)}.parquet",
        f"date=2026-03-09/{UUID(int=2)}.parquet",
        f"date=2026-03-10/{UUID(int=3)}.parquet",
    ]


@pytest.mark.parametrize("died_after_sending", [False, True])
def test_recovers_an_answer_that_the_lake_was_given_days_late(
    lake: Lake, outbox: ObjectStore, died_after_sending: bool
) -> None:
    keys = lake.pull(run=1)
    late = keys[-1]
    outbox.put(late, lake.store.get(late))
    lake.store.delete([late])
    land_run(lake.store, lake.provider, keys[:-1])
    land_run(lake.store, lake.provider, lake.pull(run=2, at=NOON + timedelta(days=9)))
    if died_after_sending:
        send(outbox, lake.store)

    [found] = left_over(lake.store, lake.provider, now=NOON + timedelta(days=9), outbox=outbox)
    sent = send(outbox, lake.store)
    assert recover(lake.store, lake.provider, now=NOON + timedelta(days=9), sent=sent) == {
        str(found.extract.extract_id)
    }
    assert Path(late).name.startswith(str(found.extract.extract_id))
    assert left_over(lake.store, lake.provider, now=NOON + timedelta(days=9), outbox=outbox) == []
    assert set(keys) <= set(read_extracts(lake.store, "gocardless", since=date.min)["raw_key"])


def test_recovers_what_a_run_left_after_one_whose_clock_was_ahead(lake: Lake) -> None:
    land_run(lake.store, lake.provider, lake.pull(run=1, at=NOON + timedelta(days=400)))
    left = lake.pull(run=2)
    ahead = lake.pull(run=3, at=NOON + timedelta(days=400))

    recovered = recover(lake.store, lake.provider, now=NOON + timedelta(hours=6))

    assert recovered == {Path(key).name.removesuffix(".json.gz") for key in left + ahead}


def test_tells_what_it_would_recover_and_lands_nothing(lake: Lake, outbox: ObjectStore) -> None:
    land_run(lake.store, lake.provider, lake.pull(run=1)[:4])
    landed = lake.landed()

    found = left_over(lake.store, lake.provider, now=NOON, outbox=outbox)

    assert lake.landed() == landed
    assert {str(each.extract.extract_id) for each in found} == recover(lake.store, lake.provider, now=NOON)
    assert len(found) == 1


def test_recovers_nothing_in_an_empty_lake(lake: Lake) -> None:
    assert recover(lake.store, lake.provider, now=NOON) == frozenset()
