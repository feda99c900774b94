from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import polars as pl
import pytest
from rich.console import Console

from farthing.assembly import newest_moment
from farthing.consent import LinkedBank
from farthing.lake.landing import EXTRACT_COLUMNS, make_table, write_landing
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.state.queries import LinkedAccount
from farthing.status import account_table, needs, newest_extracts

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONSENT = LinkedBank(
    requisition_id=UUID(int=1),
    institution_id="ASH_BANK",
    institution_name="Ash [Bank]",
    purpose=Purpose.ONGOING,
    is_live=True,
    accounts=2,
    linked_at=NOW - 10 * DAY,
    expires_at=NOW + 80 * DAY,
    reconfirm_by=None,
)
ACCOUNT = LinkedAccount(
    provider="p",
    account_id="0123456789",
    institution_id="ASH_BANK",
    institution_name="Ash [Bank]",
    requisition_id=UUID(int=1),
    purpose=Purpose.ONGOING,
    history_days=90,
    linked_at=NOW - 10 * DAY,
    expires_at=NOW + 80.5 * DAY,
)


def extracts(*rows: dict[str, str]) -> pl.DataFrame:
    common = {"account_id": ACCOUNT.account_id, "endpoint": "transactions", "ended_at": NOW.isoformat()}
    return make_table(EXTRACT_COLUMNS, [common | row for row in rows])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, None, id="long-to-go"),
        pytest.param({"expires_at": NOW + 14 * DAY}, "lapses by 3 April. `farthing renew ASH_BANK`", id="two-weeks"),
        pytest.param({"is_live": False}, "the consent lapsed. `farthing renew ASH_BANK`", id="lapsed"),
        pytest.param({"reconfirm_by": NOW + 3 * DAY}, "must be confirmed by 23 March", id="to-confirm"),
        pytest.param({"is_live": False, "purpose": Purpose.HISTORY}, None, id="a-history-that-is-kept"),
        pytest.param({"expires_at": None}, None, id="lasts"),
    ],
)
def test_says_when_a_consent_is_to_be_renewed(changes: dict[str, object], said: str | None) -> None:
    told = needs([], [replace(CONSENT, **changes)], extracts(), {}, now=NOW)  # type: ignore[arg-type]  # the cases name fields that it has

    assert told == [] if said is None else said in told[0]


def test_says_what_the_newest_answers_call_for() -> None:
    rows = [{"outcome": "relink", "ended_at": (NOW - DAY).isoformat()}, {"outcome": "wait"}]

    told = needs([ACCOUNT], [CONSENT], extracts(*rows), {ACCOUNT.account_id: "Joint"}, now=NOW)

    assert told == ["Joint: the bank's allowance is spent; wait."]


def test_shows_accounts_with_their_consent_and_calls_left() -> None:
    rows = [
        {"outcome": "ok", "allowance_remaining": "3"},
        {"outcome": "ok", "allowance_remaining": "2", "endpoint": "balances"},
        {"outcome": "retry", "ended_at": (NOW + DAY).isoformat()},
    ]
    console = Console(width=100)
    with console.capture() as captured:
        console.print(*account_table([ACCOUNT], extracts(*rows), {}, now=NOW))

    for expected in ("01234567 ", "Ash [Bank]", "80 days left", "3 / 2"):
        assert expected in captured.get()


def test_goes_by_no_answer_of_a_clock_that_was_ahead(empty_lake: Settings) -> None:
    store = open_store(empty_lake)
    for run, at in (("now", NOW - DAY), ("ahead", NOW + 400 * DAY)):
        table = extracts({"extract_id": run, "requested_at": at.isoformat(), "ended_at": at.isoformat()})
        write_landing(store, "gocardless", day=at.date(), run_id=run, tables={"extracts": table})

    assert newest_extracts(store, until=newest_moment(empty_lake, now=NOW))["extract_id"].to_list() == ["now"]
    sandbox = empty_lake.model_copy(update={"gocardless_url": "http://127.0.0.1:7403/api/v2/"})
    assert newest_extracts(store, until=newest_moment(sandbox, now=NOW))["extract_id"].to_list() == ["ahead"]


def test_says_what_to_do_when_nothing_is_linked() -> None:
    assert account_table([], extracts(), {}, now=NOW) == ["No bank is linked: `farthing connect` links one."]
