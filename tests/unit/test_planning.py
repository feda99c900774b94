from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from farthing import planning
from farthing.assembly import READER
from farthing.errors import ConfigurationError
from farthing.lake import layout
from farthing.lake.catalogue import Mart, publish
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import put_table
from farthing.planning import each_once, refuse_another_time
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.state.queries import LinkedAccount
from farthing.sync.land import land_run, recover
from farthing.sync.pull import outbox_of

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HISTORY = b'{"transactions": {"booked": [{"bookingDate": "2025-12-03"}], "pending": []}}'
SANDBOX = Settings(gocardless_url="http://127.0.0.1:7403/api/v2/")


@pytest.mark.parametrize("at", [None, AT])
def test_a_sandbox_bank_may_be_asked_as_of_any_moment(at: datetime | None) -> None:
    refuse_another_time(SANDBOX, at)


def test_now_is_always_allowed() -> None:
    refuse_another_time(Settings(), None)


@pytest.mark.parametrize(
    ("settings", "at", "said"),
    [
        pytest.param(Settings(), AT, "FARTHING_GOCARDLESS_URL names GoCardless itself", id="real-banks"),
        pytest.param(SANDBOX, AT.replace(tzinfo=None), "needs its time zone", id="no-zone"),
    ],
)
def test_refuses_another_time(settings: Settings, at: datetime, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        refuse_another_time(settings, at)


def _linked(account_id: str, link: int, purpose: Purpose = Purpose.ONGOING) -> LinkedAccount:
    """Make an account of the link of a number; later links have higher ones."""
    return LinkedAccount(
        provider="sandbox",
        account_id=account_id,
        institution_id="CARDS",
        institution_name="Cards",
        requisition_id=UUID(int=link),
        purpose=purpose,
        history_days=90,
        linked_at=AT + timedelta(days=link),
        expires_at=None,
    )


@pytest.mark.parametrize(
    ("linked", "known", "read"),
    [
        pytest.param([("a", 1), ("b", 2)], {"a": "card", "b": "card"}, ["b"], id="a-card-linked-twice"),
        pytest.param([("b", 2), ("a", 1)], {"a": "card", "b": "card"}, ["b"], id="in-whatever-order"),
        pytest.param([("a", 1), ("b", 2)], {"a": "card"}, ["a", "b"], id="nothing-known-of-the-new-one-yet"),
        pytest.param([("a", 1), ("b", 2)], {"a": "card", "b": "other"}, ["a", "b"], id="two-cards"),
        pytest.param([("a", 1), ("b", 1)], {"a": "card", "b": "card"}, ["a", "b"], id="two-accounts-of-one-link"),
        pytest.param([("a", 1)], {}, ["a"], id="nothing-published"),
    ],
)
def test_reads_an_account_through_its_newest_link(
    linked: list[tuple[str, int]], known: dict[str, str], read: list[str]
) -> None:
    accounts = [_linked(account_id, link) for account_id, link in linked]
    assert [account.account_id for account in each_once(accounts, known)] == read


def _store_answer(store: ObjectStore, endpoint: Endpoint, *, body: bytes, at: datetime) -> str:
    """Store what account "a" was answered, land nothing, and return the key."""
    extract = make_extract(
        provider="gocardless",
        ask=Ask(endpoint=endpoint, account_id="a"),
        run_id=UUID(int=1),
        attempt=1,
        requested_at=at,
        version="0.1.0",
    )
    answer = Answer(method="GET", path="p", params={}, started_at=at, ended_at=at, status=200, body=body)
    return write_raw(store, extract, answer)


@pytest.mark.parametrize("is_in_lake", [True, False])
def test_previews_a_sync_as_after_what_an_interrupted_run_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_in_lake: bool
) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path)
    monkeypatch.setattr(planning, "_linked", lambda _settings: [_linked("a", 0)])
    store = open_store(settings)
    place = store if is_in_lake else outbox_of(settings)
    _store_answer(place, Endpoint.BALANCES, body=b'{"balances": []}', at=AT)

    steps = planning.preview_sync(settings, now=AT + timedelta(hours=1))

    assert {step.ask.endpoint: step.skipped for step in steps} == {
        Endpoint.TRANSACTIONS: None,
        Endpoint.BALANCES: "answered already, by the run that was interrupted",
        Endpoint.ACCOUNTS: None,
        Endpoint.DETAILS: None,
        Endpoint.INSTITUTIONS: None,
    }
    assert list(store.keys("landing/")) == []


def test_asks_anew_what_an_interrupted_run_was_answered_hours_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path)
    monkeypatch.setattr(planning, "_linked", lambda _settings: [_linked("a", 0)])
    store = open_store(settings)
    _store_answer(store, Endpoint.BALANCES, body=b'{"balances": []}', at=AT)

    for is_landed in (False, True):
        if is_landed:
            recover(store, READER, now=AT)
        for hours, is_due in ((5, False), (6, True), (49, True)):
            steps = planning.preview_sync(settings, now=AT + timedelta(hours=hours))
            due = {step.ask.endpoint for step in steps if step.skipped is None}
            assert (Endpoint.BALANCES in due) is is_due, (is_landed, hours)


def test_remembers_a_long_history_as_long_as_its_consent_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path)
    monkeypatch.setattr(planning, "_linked", lambda _settings: [_linked("a", 0, Purpose.HISTORY)])
    store = open_store(settings)
    land_run(store, READER, [_store_answer(store, Endpoint.TRANSACTIONS, body=HISTORY, at=AT)])

    for days in (1, 89, 120, 179):
        steps = planning.plan_sync(settings, now=AT + timedelta(days=days))
        said = {step.ask.endpoint: step.skipped for step in steps}
        assert said[Endpoint.TRANSACTIONS] == "the long history is there; the bank adds nothing to it"


def test_reads_a_long_history_beside_what_is_new() -> None:
    accounts = [_linked("a", 1, Purpose.HISTORY), _linked("b", 2)]
    assert each_once(accounts, {"a": "one", "b": "one"}) == accounts


@pytest.mark.parametrize(
    ("gap_ends", "gap_days", "date_from"),
    [
        pytest.param(None, None, date(2026, 1, 31), id="no-day-since-mid-february"),
        pytest.param(date(2026, 2, 10), 5, date(2026, 1, 22), id="a-gap"),
        pytest.param(date(2025, 2, 10), 5, date(2026, 1, 31), id="a-gap-of-long-ago"),
    ],
)
def test_asks_for_days_that_a_build_found_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gap_ends: date | None, gap_days: int | None, date_from: date
) -> None:
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path)
    monkeypatch.setattr(planning, "_linked", lambda _settings: [_linked("a", 0)])
    store = open_store(settings)
    land_run(store, READER, [_store_answer(store, Endpoint.TRANSACTIONS, body=HISTORY, at=AT)])
    rows: dict[str, dict[str, list[Any]]] = {
        "dim_account": {"account_key": ["k"], "account_ids": [["b", "a"]]},
        "fct_coverage": {
            "account_key": ["k"],
            "last_covered_date": [date(2026, 2, 14)],
            "last_gap_date": [gap_ends],
            "longest_gap_days": [gap_days],
        },
    }
    for name, columns in rows.items():
        put_table(store, layout.mart_key(model=name, build_id="b1"), pl.DataFrame(columns))
    publish(store, settings, build_id="b1", marts=[Mart(name=name, description="", columns={}) for name in rows])

    [step] = [each for each in planning.plan_sync(settings, now=AT + timedelta(days=1)) if each.ask.date_from]

    assert step.ask.date_from == date_from
