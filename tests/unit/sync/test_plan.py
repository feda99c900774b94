from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from farthing.lake.landing import EXTRACT_COLUMNS, make_table
from farthing.provider import Consent, Endpoint
from farthing.sync.plan import in_stages, oldest_needed, plan, to_pull, to_pull_later
from farthing.sync.questions import ORDER, Linked, Step

NOW = datetime(2026, 3, 20, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
CONSENT = Consent(given_at=NOW - 100 * DAY, ends_at=NOW + 80 * DAY)
ACCOUNT = Linked(
    account_id="a", linked_at=CONSENT.given_at, expires_at=CONSENT.ends_at, history_days=730, lookback_days=14
)
TRANSACTIONS, BALANCES, ACCOUNTS, DETAILS = ORDER

type Row = dict[str, str | None]


def extract(endpoint: Endpoint, *, ago: timedelta, **values: str) -> Row:
    at = (NOW - ago).isoformat()
    row: Row = {"extract_id": "x", "account_id": "a", "endpoint": endpoint.value, "outcome": "ok"}
    return {**row, "requested_at": at, "ended_at": at, **values}


def planned(*rows: Row, account: Linked = ACCOUNT, recovered: frozenset[str] = frozenset()) -> dict[Endpoint, Step]:
    extracts = make_table(EXTRACT_COLUMNS, rows)
    steps = plan([account], extracts, now=NOW, recovered=recovered)
    return {step.ask.endpoint: step for step in steps}


def test_asks_everything_of_every_account_at_first_in_the_order_of_worth() -> None:
    accounts = [ACCOUNT, replace(ACCOUNT, account_id="b", history_days=90)]

    steps = plan(accounts, make_table(EXTRACT_COLUMNS, []), now=NOW)
    asks = to_pull(steps)

    by_worth = [ACCOUNTS, TRANSACTIONS, BALANCES, DETAILS]
    assert [(ask.account_id, ask.endpoint) for ask in asks] == [(name, each) for name in "ab" for each in by_worth]
    assert {ask.consent for ask in asks} == {CONSENT}
    introductions, first = in_stages(steps)
    stages = [{ask.endpoint for ask in stage} for stage in (introductions, first, to_pull_later(steps))]
    assert stages == [{ACCOUNTS}, {TRANSACTIONS, BALANCES}, {DETAILS}]


def test_asks_whose_a_link_is_before_all_else_only_until_it_is_known() -> None:
    table = make_table(EXTRACT_COLUMNS, [extract(ACCOUNTS, ago=3 * DAY)])
    steps = plan([ACCOUNT, replace(ACCOUNT, account_id="b")], table, now=NOW)

    introductions, _ = in_stages(steps)
    assert [ask.account_id for ask in introductions] == ["b"]
    assert [(ask.account_id, ask.endpoint) for ask in to_pull_later(steps)] == [
        ("a", ACCOUNTS),
        ("a", DETAILS),
        ("b", DETAILS),
    ]


def test_asks_about_each_bank_once_through_the_first_of_its_accounts_that_may_be_read() -> None:
    over = replace(ACCOUNT, account_id="over", expires_at=NOW, institution_id="BANK")
    accounts = [over, *(replace(ACCOUNT, account_id=each, institution_id="BANK") for each in "ab")]
    accounts.append(replace(ACCOUNT, account_id="c", institution_id="OTHER"))
    answer = extract(Endpoint.INSTITUTIONS, ago=29 * DAY)

    def asked_about(*answers: Row, now: datetime = NOW) -> list[tuple[str, str | None]]:
        steps = plan(accounts, make_table(EXTRACT_COLUMNS, answers), now=now)
        return [(ask.account_id, ask.institution_id) for ask in to_pull(steps) if ask.endpoint is Endpoint.INSTITUTIONS]

    assert asked_about() == [("a", "BANK"), ("c", "OTHER")]
    assert asked_about(answer) == [("c", "OTHER")]
    assert asked_about(answer, now=NOW + DAY) == [("a", "BANK"), ("c", "OTHER")]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPENT = {"allowance_remaining": "0", "allowance_reset_seconds": "7200"}


@pytest.mark.parametrize(
    ("row", "skipped"),
    [
        pytest.param(extract(ACCOUNTS, ago=23 * HOUR), "not due before 20 Mar 01:30 UTC", id="account-of-today"),
        pytest.param(extract(ACCOUNTS, ago=DAY), None, id="account-of-yesterday"),
        pytest.param(extract(DETAILS, ago=6 * DAY), "not due before 21 Mar 00:30 UTC", id="details-of-this-week"),
        pytest.param(extract(DETAILS, ago=7 * DAY), None, id="details-of-last-week"),
        pytest.param(extract(DETAILS, ago=HOUR, outcome="retry"), None, id="refused-details-are-asked-again"),
        pytest.param(extract(BALANCES, ago=HOUR), None, id="balances-are-always-due"),
        pytest.param(
            extract(BALANCES, ago=HOUR, **SPENT), "allowance spent until 20 Mar 01:30 UTC", id="allowance-spent"
        ),
        pytest.param(
            extract(TRANSACTIONS, ago=HOUR, outcome="wait", **SPENT),
            "allowance spent until 20 Mar 01:30 UTC",
            id="allowance-refused",
        ),
        pytest.param(extract(BALANCES, ago=2 * HOUR, **SPENT), None, id="allowance-renewed"),
        pytest.param(extract(BALANCES, ago=HOUR, **{**SPENT, "allowance_remaining": "1"}), None, id="one-call-left"),
        pytest.param(extract(BALANCES, ago=HOUR, allowance_remaining="0"), None, id="no-word-of-renewal"),
    ],
)
def test_skips_what_is_not_due_or_not_allowed(row: Row, skipped: str | None) -> None:
    assert planned(row)[Endpoint(str(row["endpoint"]))].skipped == skipped


@pytest.mark.parametrize("endpoint", ORDER)
@pytest.mark.parametrize("outcome", ["ok", "skip", "relink", "retry_sparingly"])
def test_goes_by_no_answer_of_a_clock_that_was_ahead(endpoint: Endpoint, outcome: str) -> None:
    now, ahead = extract(endpoint, ago=20 * DAY), extract(endpoint, ago=-400 * DAY, outcome=outcome, **SPENT)

    assert planned(now, ahead) == planned(now)
    assert planned(now, ahead, ahead) == planned(now)


def test_goes_by_the_newest_answer_whatever_order_they_lie_in() -> None:
    spent, renewed = extract(BALANCES, ago=HOUR, **SPENT), extract(BALANCES, ago=HOUR / 2)

    for rows in ((spent, renewed), (renewed, spent)):
        assert planned(*rows)[BALANCES].skipped is None


def test_holds_one_accounts_answers_against_no_other() -> None:
    assert planned(extract(ACCOUNTS, ago=HOUR, account_id="b"))[ACCOUNTS].skipped is None


@pytest.mark.parametrize(
    ("outcome", "recovered", "is_skipped"),
    [
        pytest.param("ok", frozenset({"x"}), True, id="recovered"),
        pytest.param("ok", frozenset({"y"}), False, id="another-recovered"),
        pytest.param("retry", frozenset({"x"}), False, id="a-recovered-refusal-answers-nothing"),
    ],
)
def test_asks_not_again_what_an_interrupted_run_was_answered(
    outcome: str, recovered: frozenset[str], is_skipped: bool
) -> None:
    step = planned(extract(BALANCES, ago=HOUR, outcome=outcome), recovered=recovered)[BALANCES]

    assert (step.skipped is not None) is is_skipped


@pytest.mark.parametrize(
    ("since", "is_skipped"),
    [
        pytest.param(None, True, id="no-window"),
        pytest.param(date(2026, 1, 1), True, id="the-same"),
        pytest.param(date(2025, 12, 31), False, id="a-wider-one"),
    ],
)
def test_asks_an_interrupted_run_s_question_again_where_a_wider_window_is_forced(
    since: date | None, is_skipped: bool
) -> None:
    row = extract(TRANSACTIONS, ago=HOUR, date_from="2026-01-01")
    table = make_table(EXTRACT_COLUMNS, [row])
    steps = plan([ACCOUNT], table, now=NOW, since=since, recovered=frozenset({"x"}))

    assert next(step.skipped is not None for step in steps if step.ask.endpoint is TRANSACTIONS) is is_skipped


@pytest.mark.parametrize(
    ("row", "since", "is_skipped"),
    [
        pytest.param(extract(BALANCES, ago=0 * DAY), None, True, id="answered"),
        pytest.param(extract(BALANCES, ago=0 * DAY, outcome="retry"), None, False, id="refused"),
        pytest.param(extract(BALANCES, ago=timedelta(seconds=1)), None, False, id="a-second-ago"),
        pytest.param(extract(BALANCES, ago=-400 * DAY), None, False, id="by-a-clock-that-was-wrong"),
        pytest.param(extract(TRANSACTIONS, ago=0 * DAY, date_from="2026-01-01"), None, True, id="with-its-window"),
        pytest.param(
            extract(TRANSACTIONS, ago=0 * DAY, date_from="2026-01-01"), date(2026, 1, 1), True, id="since-the-same-day"
        ),
        pytest.param(
            extract(TRANSACTIONS, ago=0 * DAY, date_from="2026-01-01"), date(2025, 12, 31), False, id="since-before"
        ),
    ],
)
def test_asks_not_again_what_was_answered_as_of_the_same_moment(row: Row, since: date | None, is_skipped: bool) -> None:
    steps = plan([ACCOUNT], make_table(EXTRACT_COLUMNS, [row]), now=NOW, since=since)
    [step] = [step for step in steps if step.ask.endpoint == row["endpoint"]]

    assert (step.skipped is not None) is is_skipped


@pytest.mark.parametrize(
    ("rows", "history_days", "date_from"),
    [
        pytest.param([], 730, date(2024, 3, 20), id="first-history"),
        pytest.param([extract(TRANSACTIONS, ago=DAY)], 730, date(2026, 3, 5), id="lookback"),
        pytest.param([extract(TRANSACTIONS, ago=HOUR)], 730, date(2026, 3, 5), id="day-is-utc"),
        pytest.param([extract(TRANSACTIONS, ago=DAY)], 7, date(2026, 3, 13), id="no-more-than-consented"),
        pytest.param([extract(TRANSACTIONS, ago=40 * DAY)], 730, date(2026, 1, 25), id="a-gap-is-closed"),
        pytest.param([extract(TRANSACTIONS, ago=DAY, outcome="retry")], 730, date(2024, 3, 20), id="only-refused"),
        pytest.param(
            [extract(TRANSACTIONS, ago=DAY, outcome="retry"), extract(TRANSACTIONS, ago=5 * DAY)],
            730,
            date(2026, 3, 1),
            id="since-the-last-good-answer",
        ),
        pytest.param(
            [
                extract(TRANSACTIONS, ago=ago * DAY, entries=entries)
                for ago, entries in ((1, "0"), (20, "0"), (30, "2"))
            ],
            730,
            date(2026, 2, 4),
            id="over-empty-answers",
        ),
        pytest.param(
            [extract(TRANSACTIONS, ago=DAY, entries="0"), extract(TRANSACTIONS, ago=400 * DAY, entries="2")],
            730,
            date(2026, 1, 5),
            id="but-not-far-back-for-an-account-that-rests",
        ),
    ],
)
def test_asks_for_days_from_the_last_good_answer_with_lookback(
    rows: list[Row], history_days: int, date_from: date
) -> None:
    ask = planned(*rows, account=replace(ACCOUNT, history_days=history_days))[TRANSACTIONS].ask

    assert (ask.date_from, ask.date_to) == (date_from, NOW.date())


@pytest.mark.parametrize(
    ("settled_until", "date_from"),
    [
        pytest.param(date(2026, 3, 20), date(2026, 3, 5), id="up-to-now"),
        pytest.param(date(2026, 2, 20), date(2026, 2, 6), id="an-answer-since-was-not-believed"),
        pytest.param(date(2025, 2, 20), date(2026, 1, 5), id="for-long"),
    ],
)
def test_asks_again_for_days_of_which_no_answer_was_believed(settled_until: date, date_from: date) -> None:
    account = replace(ACCOUNT, settled_until=settled_until)
    assert planned(extract(TRANSACTIONS, ago=DAY), account=account)[TRANSACTIONS].ask.date_from == date_from


def test_gives_no_days_to_other_endpoints() -> None:
    assert planned()[BALANCES].ask.date_from is None


@pytest.mark.parametrize(
    ("row", "account", "said"),
    [
        pytest.param(extract(TRANSACTIONS, ago=DAY, outcome="relink"), ACCOUNT, "the consent lapsed", id="lapsed"),
        pytest.param(
            extract(TRANSACTIONS, ago=DAY, outcome="relink"),
            replace(ACCOUNT, linked_at=NOW - DAY / 2),
            None,
            id="linked-anew-since",
        ),
        pytest.param(
            extract(TRANSACTIONS, ago=DAY, outcome="skip"), ACCOUNT, "the bank does not give this", id="closed"
        ),
        pytest.param(extract(TRANSACTIONS, ago=31 * DAY, outcome="skip"), ACCOUNT, None, id="closed-long-ago"),
        pytest.param(
            extract(TRANSACTIONS, ago=DAY, outcome="skip"),
            replace(ACCOUNT, linked_at=NOW - DAY / 2),
            None,
            id="not-given-under-the-consent-before",
        ),
        pytest.param(
            extract(TRANSACTIONS, ago=2 * HOUR, outcome="skip", ended_at=(NOW - HOUR).isoformat()),
            replace(ACCOUNT, linked_at=NOW - 1.5 * HOUR),
            "the bank does not give this",
            id="not-given-to-the-run-that-found-the-consent",
        ),
        pytest.param(
            extract(TRANSACTIONS, ago=DAY, oldest_entry_date="2024-03-20"),
            replace(ACCOUNT, is_history=True),
            "the long history is there",
            id="history",
        ),
        pytest.param(
            extract(TRANSACTIONS, ago=DAY, outcome="retry"),
            replace(ACCOUNT, is_history=True),
            None,
            id="no-history-yet",
        ),
    ],
)
def test_spends_no_call_where_the_bank_would_not_tell_anything(row: Row, account: Linked, said: str | None) -> None:
    skipped = planned(row, account=account)[TRANSACTIONS].skipped

    assert skipped is None if said is None else said in str(skipped)


def test_a_long_history_is_asked_for_once_a_consent() -> None:
    history = replace(ACCOUNT, is_history=True)
    rows = [extract(TRANSACTIONS, ago=99 * DAY, oldest_entry_date="2024-01-01")]

    assert planned(*rows, account=history)[TRANSACTIONS].skipped is not None
    assert planned(*rows, account=replace(history, linked_at=NOW - 98 * DAY))[TRANSACTIONS].skipped is None
    assert planned(account=history)[TRANSACTIONS].ask.consent == replace(CONSENT, is_history=True)


def test_a_run_that_finds_its_consent_given_has_the_long_history() -> None:
    row = extract(TRANSACTIONS, ago=2 * HOUR, ended_at=(NOW - HOUR).isoformat())
    history = replace(ACCOUNT, linked_at=NOW - 1.5 * HOUR, is_history=True)

    assert planned(row, account=history)[TRANSACTIONS].skipped is not None


@pytest.mark.parametrize(
    ("accounts", "oldest"),
    [
        pytest.param([], date(2025, 12, 20), id="none"),
        pytest.param([ACCOUNT], date(2025, 12, 20), id="what-is-older-is-due-anyway"),
        pytest.param([ACCOUNT, replace(ACCOUNT, is_history=True)], date(2025, 12, 9), id="but-a-long-history"),
        pytest.param(
            [replace(ACCOUNT, linked_at=NOW - 10 * DAY, is_history=True)], date(2025, 12, 20), id="a-young-history"
        ),
    ],
)
def test_knows_how_old_answers_matter(accounts: list[Linked], oldest: date) -> None:
    assert oldest_needed(accounts, now=NOW) == oldest


def test_asks_nothing_of_a_consent_that_is_over() -> None:
    over = replace(ACCOUNT, expires_at=NOW - 17 * DAY)
    failures = [extract(TRANSACTIONS, ago=ago * HOUR, outcome="retry_sparingly") for ago in (1, 2)]

    for rows in ([], failures):  # nor the metadata that a failing bank's account is judged by
        assert {step.skipped for step in planned(*rows, account=over).values()} == {
            "the consent ended on 3 Mar; `farthing renew` asks the account holder"
        }
    assert planned(account=replace(ACCOUNT, expires_at=NOW + HOUR))[TRANSACTIONS].skipped is None


def test_asks_no_balances_of_a_link_for_the_long_history() -> None:
    assert planned(account=replace(ACCOUNT, is_history=True))[BALANCES].skipped == "a link for the long history only"


@pytest.mark.parametrize(
    ("since", "date_from"),
    [
        pytest.param(date(2025, 6, 1), date(2025, 6, 1), id="as-asked"),
        pytest.param(date(2020, 1, 1), date(2024, 3, 20), id="no-earlier-than-the-consent-allows"),
        pytest.param(date(2027, 1, 1), NOW.date(), id="not-in-the-future"),
    ],
)
def test_a_forced_window_outweighs_what_is_there(since: date, date_from: date) -> None:
    extracts = make_table(EXTRACT_COLUMNS, [extract(TRANSACTIONS, ago=DAY)])
    steps = plan([ACCOUNT], extracts, now=NOW, since=since)

    assert next(step.ask.date_from for step in steps if step.ask.endpoint is TRANSACTIONS) == date_from


@pytest.mark.parametrize(
    ("values", "calls_left"),
    [
        pytest.param({"allowance_remaining": "2", "allowance_reset_seconds": "600"}, 2, id="told"),
        pytest.param({"allowance_remaining": "0", "allowance_reset_seconds": "1"}, None, id="renewed-since"),
        pytest.param({}, None, id="not-told"),
    ],
)
def test_tells_the_calls_left(values: dict[str, str], calls_left: int | None) -> None:
    assert planned(extract(BALANCES, ago=timedelta(minutes=5), **values))[BALANCES].calls_left == calls_left


YOUNG = replace(ACCOUNT, linked_at=NOW - 8 * DAY)
ALL = date(2024, 3, 20)  # 730 days back
LOOKBACK = date(2026, 3, 5)  # since an answer of yesterday
SINCE_THE_90_DAYS = date(2026, 1, 5)


def about_all(
    *, ago: timedelta, oldest: date | None = None, newest: date = date(2026, 3, 10), outcome: str = "ok"
) -> Row:
    """Tell of a question about the whole history, and of its answer: empty, unless an oldest entry is given."""
    first = (NOW - ago).date() - timedelta(days=730)
    ends = {"oldest_entry_date": str(oldest), "newest_entry_date": str(newest)}
    told = {"entries": "9"} | ends if oldest else {"entries": "0"}
    return extract(TRANSACTIONS, ago=ago, outcome=outcome, date_from=first.isoformat(), **told)


def usual(*, ago: timedelta, is_told: bool = True) -> Row:
    first = str((NOW - ago - timedelta(days=14)).date())
    told = {"entries": "9", "oldest_entry_date": first} if is_told else {"entries": "0"}
    return extract(TRANSACTIONS, ago=ago, date_from=first, **told)


@pytest.mark.parametrize(
    ("rows", "account", "date_from"),
    [
        pytest.param([about_all(ago=DAY, oldest=date(2024, 4, 3))], YOUNG, LOOKBACK, id="it-reaches-back"),
        pytest.param([about_all(ago=DAY)], YOUNG, ALL, id="empty"),
        pytest.param(
            [about_all(ago=DAY, oldest=date(2024, 4, 3), newest=date(2026, 1, 3))], YOUNG, ALL, id="it-ends-early"
        ),
        pytest.param([about_all(ago=DAY), about_all(ago=7 * DAY)], YOUNG, ALL, id="empty-again"),
        pytest.param([about_all(ago=DAY) | {"entries": "2"}], YOUNG, ALL, id="only-pending"),
        pytest.param([about_all(ago=DAY, oldest=date(2025, 9, 1))], YOUNG, ALL, id="short"),
        pytest.param(
            [about_all(ago=ago * DAY, oldest=date(2025, 9, 1)) for ago in (1, 2)], YOUNG, ALL, id="short-twice-on-end"
        ),
        pytest.param(
            [about_all(ago=ago * DAY, oldest=date(2025, 9, 1)) for ago in (1, 8)], YOUNG, LOOKBACK, id="short-for-good"
        ),
        pytest.param(
            [about_all(ago=DAY, oldest=date(2025, 9, 1)), about_all(ago=2 * DAY, oldest=date(2026, 1, 1))],
            YOUNG,
            ALL,
            id="longer-than-before",
        ),
        pytest.param(
            [about_all(ago=ago * DAY, oldest=date(2025, 9, 9 - ago)) for ago in (1, 2, 3)],
            YOUNG,
            LOOKBACK,
            id="short-and-too-early-to-ask-again",
        ),
        pytest.param(
            [usual(ago=DAY), about_all(ago=2 * DAY, oldest=date(2025, 9, 1))], YOUNG, ALL, id="short-and-a-usual-one"
        ),
        pytest.param(
            [about_all(ago=DAY, outcome="retry_sparingly"), about_all(ago=3 * DAY)],
            YOUNG,
            SINCE_THE_90_DAYS,
            id="refused-after-an-empty-one",
        ),
        pytest.param(
            [about_all(ago=7 * DAY, outcome="retry_sparingly"), about_all(ago=7.5 * DAY)],
            YOUNG,
            ALL,
            id="refused-long-ago",
        ),
        pytest.param(
            [about_all(ago=DAY)], replace(YOUNG, linked_at=NOW - 91 * DAY), SINCE_THE_90_DAYS, id="an-old-link"
        ),
        pytest.param([usual(ago=DAY), usual(ago=30 * DAY)], YOUNG, LOOKBACK, id="renewed-and-known-from-before"),
        pytest.param([usual(ago=30 * DAY, is_told=False)], YOUNG, ALL, id="renewed-and-unknown"),
        pytest.param([about_all(ago=30 * DAY, oldest=date(2025, 9, 1))], YOUNG, ALL, id="renewed-after-a-short-one"),
    ],
)
def test_asks_for_the_whole_history_until_it_was_told(rows: list[Row], account: Linked, date_from: date) -> None:
    assert planned(*rows, account=account)[TRANSACTIONS].ask.date_from == date_from


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([about_all(ago=HOUR, oldest=date(2024, 4, 3))], "the long history is there", id="told"),
        pytest.param([about_all(ago=HOUR)], "asked again from 20 Mar 23:30 UTC on", id="empty"),
        pytest.param([about_all(ago=4 * DAY)], None, id="empty-and-long-ago"),
        pytest.param([about_all(ago=HOUR, oldest=date(2025, 9, 1))], "asked again from 20 Mar", id="short"),
        pytest.param(
            [about_all(ago=HOUR, oldest=date(2025, 9, 1)), about_all(ago=7.5 * DAY, oldest=date(2025, 9, 1))],
            "the long history is there",
            id="short-twice",
        ),
        pytest.param([about_all(ago=HOUR, outcome="retry"), about_all(ago=5 * DAY)], "asked again", id="refused-since"),
        pytest.param([about_all(ago=HOUR, outcome="retry")], None, id="only-refused"),
        pytest.param([usual(ago=HOUR)], None, id="only-asked-for-some-days"),
    ],
)
def test_asks_a_link_for_the_long_history_again_where_it_came_empty_or_short(rows: list[Row], said: str | None) -> None:
    skipped = planned(*rows, account=replace(YOUNG, is_history=True))[TRANSACTIONS].skipped

    assert skipped is None if said is None else said in str(skipped)
