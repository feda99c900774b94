"""A bank whose failures count is asked so rarely that no account is suspended, and again when it works."""

import asyncio
from collections.abc import Generator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient

from farthing.gocardless import GoCardlessProvider, open_client
from farthing.lake.landing import EXTRACT_COLUMNS, make_table, read_extracts
from farthing.lake.store import open_store
from farthing.provider import Ask, Endpoint, Outcome
from farthing.sandbox.admin import create_admin
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.settings import Settings
from farthing.sync.land import land_run
from farthing.sync.plan import after_first, plan, to_pull
from farthing.sync.pull import pull
from farthing.sync.questions import FIRST, LATER, OF_BANK, Linked
from farthing.sync.suspension import GIVE_UP_AFTER, STOP_AFTER, failing_accounts
from tests.unit.sandbox.conftest import BOOKS, SECRETS, Api, Clock

BANK = "KLOMPEN_KLOMNLZZ"
A_DAY, BETWEEN = 4, timedelta(hours=6)
NOW = Clock().now


class Bearer(httpx.Auth):
    """Shows the token that the test signed in with."""

    def __init__(self, header: str) -> None:
        self._header = header

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = self._header
        yield request


class Synced:
    """An account at a sandbox bank that is synced four times a day, without flows and without marts."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.bank = Bank(
            secret_id=SECRETS["secret_id"],
            secret_key=SECRETS["secret_key"],
            clock=self.clock,
            state_file=folder / "bank.json",
            books=BOOKS,
        )
        self.api = Api(self.bank)
        self.api.sign_in()
        self.link()
        self.store = open_store(Settings(lake_url=f"file://{folder}/lake", home=folder))
        self.runs = 0

    def link(self) -> None:
        """Consent, or consent anew."""
        self.account_id: str = self.api.connect(BANK)["accounts"][0]
        self.account = Linked(account_id=self.account_id, linked_at=self.clock.now, history_days=90, lookback_days=14)

    def act(self, action: str, **fields: object) -> None:
        """Make something happen at the bank."""
        TestClient(create_admin(self.bank)).post("/actions", json={"action": action, **fields}).raise_for_status()

    @property
    def status(self) -> str:
        """What the account's metadata says."""
        return str(self.api.get(f"accounts/{self.account_id}/")["status"])

    @property
    def failures(self) -> int:
        """How many failures in a row the bank has counted."""
        return self.bank.state.accounts[UUID(self.account_id)].failures

    def sync(self) -> dict[Ask, Outcome]:
        """Sync once, as the flow does; gives what the answers meant."""
        self.runs += 1
        return asyncio.run(self._sync(UUID(int=self.runs)))

    def sync_for(self, days: int) -> list[dict[Ask, Outcome]]:
        found = []
        for _ in range(days * A_DAY):
            self.clock.advance(hours=BETWEEN.total_seconds() / 3600)
            self.api.sign_in()
            found.append(self.sync())
        return found

    async def _sync(self, run_id: UUID) -> dict[Ask, Outcome]:
        at = self.clock.now
        outcomes: dict[Ask, Outcome] = {}
        keys: list[str] = []
        extracts = read_extracts(self.store, "gocardless", since=date.min)
        transport = httpx.ASGITransport(create_app(self.bank))
        auth = Bearer(str(self.api.http.headers["Authorization"]))
        async with open_client("http://127.0.0.1:7403/api/v2/", auth, transport=transport) as client:
            provider = GoCardlessProvider(client, now=self.clock)
            steps = plan([self.account], extracts, now=at, failing=failing_accounts(self.store, provider, extracts))
            for round_ in (FIRST, LATER):
                for ask in [ask for ask in to_pull(steps) if ask.endpoint in round_]:
                    pulled = await pull(provider, self.store, ask, run_id=run_id, attempt=1, requested_at=at)
                    outcomes[ask] = pulled.outcome
                    keys += pulled.keys
                steps = after_first(steps, outcomes)
            land_run(self.store, provider, keys)
        return outcomes


@pytest.fixture
def synced(tmp_path: Path) -> Synced:
    return Synced(tmp_path)


def test_a_bank_that_fails_for_weeks_has_no_account_suspended(synced: Synced) -> None:
    synced.sync()
    synced.act("break", fault="UnknownRequestError")

    counted = [sum(outcome is Outcome.RETRY_SPARINGLY for outcome in run.values()) for run in synced.sync_for(days=14)]

    assert counted[:2] == [STOP_AFTER, 0]
    assert max(counted[2:]) == 1
    assert sum(counted) == synced.failures == GIVE_UP_AFTER
    assert synced.status == "ERROR"

    synced.act("mend")
    assert not any(ask.endpoint in OF_BANK for run in synced.sync_for(days=3) for ask in run)
    synced.link()
    assert set(synced.sync().values()) == {Outcome.OK}


def test_a_bank_that_works_again_is_asked_everything_within_a_day(synced: Synced) -> None:
    synced.act("break", fault="UnknownRequestError")
    synced.sync_for(days=2)
    synced.act("mend")

    *_, last = synced.sync_for(days=1)

    assert synced.failures == 0
    assert {ask.endpoint: outcome for ask, outcome in last.items() if ask.endpoint in FIRST} == dict.fromkeys(
        FIRST, Outcome.OK
    )


def test_metadata_is_read_in_the_run_that_failed_and_details_are_not_asked(synced: Synced) -> None:
    synced.act("break", fault="UnknownRequestError")

    outcomes = {ask.endpoint: outcome for ask, outcome in synced.sync().items()}

    assert outcomes == dict.fromkeys(FIRST, Outcome.RETRY_SPARINGLY) | {Endpoint.ACCOUNTS: Outcome.OK}


def test_an_endpoint_that_fails_alone_leaves_the_others_as_they_are(synced: Synced) -> None:
    synced.act("break", fault="UnknownRequestError", scope="balances")

    runs = synced.sync_for(days=3)

    assert all(run[ask] is Outcome.OK for run in runs for ask in run if ask.endpoint is Endpoint.TRANSACTIONS)
    assert sum(ask.endpoint is Endpoint.TRANSACTIONS for run in runs for ask in run) == len(runs)
    assert synced.failures < STOP_AFTER


def told(endpoint: Endpoint, outcome: Outcome, *, hours_ago: float) -> dict[str, str | None]:
    at = (NOW - timedelta(hours=hours_ago)).isoformat()
    return {
        "extract_id": f"{endpoint}-{hours_ago}",
        "account_id": "a",
        "endpoint": endpoint,
        "outcome": outcome,
        "requested_at": at,
        "ended_at": at,
    }


FAILED = [told(endpoint, Outcome.RETRY_SPARINGLY, hours_ago=6) for endpoint in FIRST]


@pytest.mark.parametrize(
    ("rows", "tells_of_failure", "asked"),
    [
        pytest.param(FAILED[:1], False, {Endpoint.TRANSACTIONS, Endpoint.ACCOUNTS}, id="one-failure-one-question"),
        pytest.param(FAILED, False, {Endpoint.ACCOUNTS}, id="killed-before-metadata-was-read"),
        pytest.param(
            [*FAILED, told(Endpoint.ACCOUNTS, Outcome.OK, hours_ago=5)], True, set(), id="metadata-tells-of-failure"
        ),
        pytest.param(
            [*FAILED, told(Endpoint.ACCOUNTS, Outcome.OK, hours_ago=5)], False, {*FIRST, Endpoint.DETAILS}, id="ready"
        ),
        pytest.param(
            [*FAILED, told(Endpoint.ACCOUNTS, Outcome.OK, hours_ago=7)],
            True,
            {Endpoint.ACCOUNTS},
            id="metadata-is-older",
        ),
        pytest.param(
            [*FAILED, told(Endpoint.DETAILS, Outcome.OK, hours_ago=1)],
            True,
            {*FIRST, Endpoint.ACCOUNTS},
            id="a-good-answer-ends-it",
        ),
        pytest.param(
            [*FAILED, told(Endpoint.BALANCES, Outcome.RETRY, hours_ago=1)],
            True,
            {Endpoint.ACCOUNTS},
            id="a-failure-that-does-not-count-ends-nothing",
        ),
    ],
)
def test_asks_with_care(rows: list[dict[str, str | None]], tells_of_failure: bool, asked: set[Endpoint]) -> None:
    failing = frozenset("a" if tells_of_failure else ())
    account = Linked(account_id="a", linked_at=NOW - timedelta(days=9), history_days=90, lookback_days=14)

    steps = plan([account], make_table(EXTRACT_COLUMNS, rows), now=NOW, failing=failing)

    assert {ask.endpoint for ask in to_pull(steps)} == asked


def test_says_when_it_asks_again() -> None:
    account = Linked(account_id="a", linked_at=NOW - timedelta(days=9), history_days=90, lookback_days=14)
    rows = [*FAILED, told(Endpoint.ACCOUNTS, Outcome.OK, hours_ago=5)]

    steps = plan([account], make_table(EXTRACT_COLUMNS, rows), now=NOW, failing=frozenset("a"))

    [transactions] = [step for step in steps if step.ask.endpoint is Endpoint.TRANSACTIONS]
    assert str(transactions.skipped).endswith("not asked before 19 Mar 03:30 UTC")
