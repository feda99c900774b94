"""Whether one question is due, and about which days: from what the lake holds of its account."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import polars as pl

from farthing.provider import Ask, Consent, Endpoint, Outcome
from farthing.sync.extracts import Extract, asked_at, ended_at
from farthing.sync.history import about_all, again_at, has_entries, is_refused, is_whole
from farthing.sync.questions import OF_BANK, Linked, Step

DETAILS_EVERY = timedelta(days=7)
ACCOUNTS_EVERY = timedelta(days=1)
INSTITUTIONS_EVERY = timedelta(days=30)
ASKED_AGAIN_FOR = timedelta(days=60)  # with the lookback it is within the 90 days that every bank gives
LAPSED = "the consent lapsed; `farthing renew` asks the account holder"
SKIPPED_FOR = timedelta(days=30)  # a closed account, or what a bank never gives: asked once more after that
REMEMBERED_FOR = SKIPPED_FOR * 3  # what was answered before matters no more, save a long history
FINISHED_WITHIN = timedelta(hours=6)  # a run that was interrupted: as long as four calls a day lie apart

_HISTORY_TOLD = "the long history is there; the bank adds nothing to it"
_EVERY = {
    Endpoint.ACCOUNTS: ACCOUNTS_EVERY,
    Endpoint.DETAILS: DETAILS_EVERY,
    Endpoint.INSTITUTIONS: INSTITUTIONS_EVERY,
}


class Past:
    """The landed extracts, by account and endpoint, newest first."""

    def __init__(self, extracts: pl.DataFrame) -> None:
        self._rows: dict[tuple[str, str], list[Extract]] = {}
        for row in extracts.sort("requested_at", descending=True).iter_rows(named=True):
            self._rows.setdefault((row["account_id"], row["endpoint"]), []).append(row)

    def newest(self, account_id: str, endpoint: Endpoint, *, good: bool, told: bool = False) -> Extract | None:
        """Give the newest answer; only of the good, or even of those that had any entry."""
        rows = self._rows.get((account_id, endpoint), [])
        kept = (row for row in rows if not good or row["outcome"] == Outcome.OK)
        return next((row for row in kept if not told or row["entries"] != "0"), None)

    def about_history(self, account: Linked) -> list[Extract]:
        """Give what became of questions about an account's whole history, newest first."""
        answers = self._rows.get((account.account_id, Endpoint.TRANSACTIONS), [])
        return about_all(answers, history_days=account.history_days)

    def was_told_before(self, account: Linked) -> bool:
        """Tell whether any entry came before the account was linked: it was renewed, long after its history came."""
        answers = self._rows.get((account.account_id, Endpoint.TRANSACTIONS), [])
        return any(has_entries(each) and not _is_since_linked(each, account) for each in answers)

    def of_bank(self, account: Linked) -> list[Extract]:
        """Give what an account's bank answered since it was linked, newest first."""
        rows = chain.from_iterable(self._rows.get((account.account_id, each), []) for each in OF_BANK)
        return sorted((row for row in rows if _is_since_linked(row, account)), key=ended_at, reverse=True)


def step_of(
    past: Past, account: Linked, endpoint: Endpoint, *, now: datetime, since: date | None, recovered: frozenset[str]
) -> Step:
    """Say what to ask about an account at one endpoint, or why not.

    :param past: what became of earlier questions.
    :param since: ask for transactions from this day on, whatever is there already.
    :param recovered: extracts that count as this run's answers, unless they are some hours old.
    """
    newest = past.newest(account.account_id, endpoint, good=False)
    good = past.newest(account.account_id, endpoint, good=True)
    told = past.newest(account.account_id, endpoint, good=True, told=True)
    consent = Consent(given_at=account.linked_at, ends_at=account.expires_at, is_history=account.is_history)
    bank = account.institution_id if endpoint is Endpoint.INSTITUTIONS else None
    ask = Ask(endpoint=endpoint, account_id=account.account_id, consent=consent, institution_id=bank)
    if endpoint is Endpoint.TRANSACTIONS:
        today = now.astimezone(UTC).date()
        is_all = good is None or _asks_for_all(past, account, now=now)
        first = _from_day(account, None if is_all else good, told, today=today, since=since)
        ask = replace(ask, date_from=first, date_to=today)
    reasons = (
        _answered(good, ask, recovered, now=now),
        _answered_now(good, ask, now=now),
        _closed(newest, account, now=now),
        _history_done(past, good, account, endpoint, now=now),
        _not_due(good, endpoint, now=now),
        _spent(newest, now=now),
    )
    return Step(
        ask=ask,
        skipped=next((reason for reason in reasons if reason), None),
        calls_left=_calls_left(newest, now=now),
        introduces=endpoint is Endpoint.ACCOUNTS and good is None,
    )


def _from_day(account: Linked, good: Extract | None, told: Extract | None, *, today: date, since: date | None) -> date:
    history = today - timedelta(days=account.history_days)
    if since is not None:
        return min(max(history, since), today)
    if good is None:
        return history
    # An empty list may be an outage, and one that lost much was not believed: days are asked for again until one comes
    # that has their entries. That costs no call.
    known = min(_day(told) if told else date.min, account.settled_until or date.max)
    settled = min(_day(good), max(known, today - ASKED_AGAIN_FOR))
    return max(history, settled - timedelta(days=account.lookback_days))


def _asks_for_all(past: Past, account: Linked, *, now: datetime) -> bool:
    """Tell whether to ask for the whole history once more: what was told of it leaves a doubt."""
    if account.linked_at < now - REMEMBERED_FOR:
        return False
    answers = past.about_history(account)
    if not answers:
        return not past.was_told_before(account)
    # Years of entries are work for both sides: once some came, or were too much for the bank, there are pauses.
    is_much = is_refused(answers[0]) or any(has_entries(each) for each in answers)
    if is_much and now < again_at(answers, linked_at=account.linked_at):
        return False
    return not is_whole(answers)


def _answered(good: Extract | None, ask: Ask, recovered: frozenset[str], *, now: datetime) -> str | None:
    if good is None or good["extract_id"] not in recovered or _goes_further_back(ask, good):
        return None
    if now - ended_at(good) >= FINISHED_WITHIN:  # the bank may have news
        return None
    return "answered already, by the run that was interrupted"


def _answered_now(good: Extract | None, ask: Ask, *, now: datetime) -> str | None:
    """Say that a run as of this very moment has the answer: it was killed at its very end, or is run again."""
    if good is None or asked_at(good) != now or _goes_further_back(ask, good):
        return None
    return "answered already, as of this moment"


def _goes_further_back(ask: Ask, good: Extract) -> bool:
    """Tell whether earlier days are wanted than were answered, as by `--since`."""
    return ask.date_from is not None and str(good["date_from"]) > ask.date_from.isoformat()


def _calls_left(newest: Extract | None, *, now: datetime) -> int | None:
    if newest is None or newest["allowance_remaining"] is None:
        return None
    resets_at = _resets_at(newest)
    return None if resets_at is not None and resets_at <= now else int(newest["allowance_remaining"])


def _closed(newest: Extract | None, account: Linked, *, now: datetime) -> str | None:
    """Say why the bank would not answer: asking on costs calls, and can have the account suspended."""
    if newest is None or not _is_since_linked(newest, account):
        return None
    if newest["outcome"] == Outcome.RELINK:
        return LAPSED
    anew_at = asked_at(newest) + SKIPPED_FOR
    if newest["outcome"] == Outcome.SKIP and now < anew_at:
        return f"the bank does not give this; not asked before {anew_at:%d %b}"
    return None


def _history_done(
    past: Past, good: Extract | None, account: Linked, endpoint: Endpoint, *, now: datetime
) -> str | None:
    if not account.is_history or endpoint is Endpoint.INSTITUTIONS:
        return None
    if endpoint is Endpoint.BALANCES:
        return "a link for the long history only"
    if endpoint is not Endpoint.TRANSACTIONS:
        return _HISTORY_TOLD if good is not None and _is_since_linked(good, account) else None
    answers = [each for each in past.about_history(account) if _is_since_linked(each, account)]
    if is_whole(answers):
        return _HISTORY_TOLD
    if not any(each["outcome"] == Outcome.OK for each in answers):
        return None
    at = again_at(answers, linked_at=account.linked_at)
    return f"the long history came empty or short; asked again from {at:%d %b %H:%M} UTC on" if now < at else None


def _not_due(good: Extract | None, endpoint: Endpoint, *, now: datetime) -> str | None:
    every = _EVERY.get(endpoint)
    if every is None or good is None or now - asked_at(good) >= every:
        return None
    return f"not due before {asked_at(good) + every:%d %b %H:%M} UTC"


def _spent(newest: Extract | None, *, now: datetime) -> str | None:
    free_at = None if newest is None else _free_at(newest)
    return None if free_at is None or free_at <= now else f"allowance spent until {free_at:%d %b %H:%M} UTC"


def _free_at(extract: Extract) -> datetime | None:
    """When calls are to be had again, if the newest answer said that none was left."""
    return _resets_at(extract) if extract["allowance_remaining"] == "0" else None


def _resets_at(extract: Extract) -> datetime | None:
    if extract["allowance_reset_seconds"] is None:
        return None
    return ended_at(extract) + timedelta(seconds=float(extract["allowance_reset_seconds"]))


def _is_since_linked(extract: Extract, account: Linked) -> bool:
    """Tell by when an answer was there: the run that finds a consent given began before."""
    return ended_at(extract) >= account.linked_at


def _day(extract: Extract) -> date:
    return asked_at(extract).astimezone(UTC).date()
