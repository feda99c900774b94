"""What to ask next: decided from what the lake already holds, before any call is spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import polars as pl

from farthing.provider import Ask, Consent, Endpoint, Outcome
from farthing.sync.extracts import Extract, asked_at, ended_at
from farthing.sync.history import about_all, again_at, has_entries, is_refused, is_whole
from farthing.sync.suspension import Caution, caution

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

# Transactions before balances: where only one call is left, entries are worth more than a sum.
FIRST = (Endpoint.TRANSACTIONS, Endpoint.BALANCES)
ORDER = (*FIRST, Endpoint.ACCOUNTS, Endpoint.DETAILS)  # of each account
# Once it is known how the bank answered: metadata tells what a failure means, and the rest can wait until it is over.
LATER = (Endpoint.ACCOUNTS, Endpoint.DETAILS, Endpoint.INSTITUTIONS)
OF_BANK = (*FIRST, Endpoint.DETAILS)  # whose answers come from the bank; metadata is GoCardless's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An account to sync: since when its consent is given, until when it lasts, and how many days of history it allows.

    ``lookback_days`` are settled days that are asked for again, because banks book late.
    ``is_history`` marks a link that gives its long history once and nothing newer; another link brings the rest.
    ``institution_id`` names the bank, which is asked about through the first of its accounts; nothing is, if null.
    ``settled_until`` is the last day up to which no answer is missing that was believed, as far as a build has told.
    """

    account_id: str
    linked_at: datetime
    history_days: int
    lookback_days: int
    expires_at: datetime | None = None
    is_history: bool = False
    institution_id: str | None = None
    settled_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One endpoint of one account: the question to ask, or why it is not asked.

    ``calls_left`` is how many calls the bank allowed after the newest answer, where it said so. ``introduces`` marks
    the first question about a link, which goes before any other: whose it is. Entries of a link that is gone before
    that is known would be those of another account for ever.
    """

    ask: Ask
    skipped: str | None = None
    calls_left: int | None = None
    introduces: bool = False


def plan(
    accounts: Iterable[Linked],
    extracts: pl.DataFrame,
    *,
    now: datetime,
    since: date | None = None,
    recovered: frozenset[str] = frozenset(),
    failing: frozenset[str] = frozenset(),
) -> list[Step]:
    """Plan a run.

    :param accounts: the linked accounts; of those whose consent is over, nothing is asked.
    :param extracts: landed extracts, newest or not, as :func:`farthing.lake.landing.read_extracts` gives them.
    :param now: the moment the run began, UTC.
    :param since: ask for transactions from this day on, whatever is there already.
    :param recovered: extracts that an interrupted run left and this one finishes; they are this run's answers, unless
        they are some hours old by now.
    :param failing: ids of accounts whose newest metadata says that their bank failed.
    :returns: four steps an account, in the order in which calls should be spent, and one a bank after its first
        account's; metadata, which costs none, comes first where it never came before.
    """
    past = _Past(not_after(extracts, now))
    steps: list[Step] = []
    told_of: set[str] = set()  # banks
    for account in accounts:
        of_account = [_step(past, account, each, now=now, since=since, recovered=recovered) for each in ORDER]
        of_account.sort(key=lambda step: not step.introduces)
        if account.expires_at is not None and account.expires_at <= now:
            renewal = "" if account.is_history else "; `farthing renew` asks the account holder"  # its history is kept
            ended = f"the consent ended on {account.expires_at:%-d %b}{renewal}"
            steps += [replace(step, skipped=ended) for step in of_account]
            continue
        careful = caution(
            past.of_bank(account),
            past.newest(account.account_id, Endpoint.ACCOUNTS, good=True),
            tells_of_failure=account.account_id in failing,
            now=now,
        )
        steps += of_account if careful is None else _carefully(of_account, careful)
        if account.institution_id is not None and account.institution_id not in told_of:
            told_of.add(account.institution_id)
            steps.append(_step(past, account, Endpoint.INSTITUTIONS, now=now, since=since, recovered=recovered))
    return steps


def oldest_needed(accounts: Iterable[Linked], *, now: datetime) -> date:
    """Say from which day on landed extracts matter to a plan.

    What is older is due again anyway, save a long history: it is there once its consent has been answered. A consent
    lasts months, so that is no more to read from year to year.
    """
    # A consent can be found given by a run that began the day before.
    histories = [account.linked_at.astimezone(UTC) - timedelta(days=1) for account in accounts if account.is_history]
    return min([now.astimezone(UTC) - REMEMBERED_FOR, *histories]).date()


def not_after(extracts: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Leave out the extracts of a clock that was ahead: they would silence an account for as long."""
    return extracts.filter(pl.col("requested_at").str.to_datetime(time_zone="UTC") <= now.astimezone(UTC))


def to_pull(steps: Sequence[Step]) -> list[Ask]:
    """Keep the questions that are to be asked."""
    return [step.ask for step in steps if step.skipped is None]


def in_stages(steps: Sequence[Step]) -> tuple[list[Ask], list[Ask]]:
    """Give the questions that are to be asked before all others, and those that follow them."""
    wanted = [step for step in steps if step.skipped is None]
    first = [step.ask for step in wanted if step.ask.endpoint in FIRST]
    return [step.ask for step in wanted if step.introduces], first


def to_pull_later(steps: Sequence[Step]) -> list[Ask]:
    """Give the questions that are left once the others were answered."""
    return [step.ask for step in steps if step.skipped is None and step.ask.endpoint in LATER and not step.introduces]


def after_first(steps: Sequence[Step], outcomes: Mapping[Ask, Outcome]) -> list[Step]:
    """Plan the rest of a run anew, by how the banks answered the questions that were asked first.

    :param outcomes: what the answers to :data:`FIRST` mean, by question.
    """
    told: dict[str, set[Outcome]] = {}
    for ask, outcome in outcomes.items():
        told.setdefault(ask.account_id, set()).add(outcome)
    return [_after(step, told.get(step.ask.account_id, set())) for step in steps]


def _after(step: Step, told: set[Outcome]) -> Step:
    if step.ask.endpoint is Endpoint.ACCOUNTS and Outcome.RETRY_SPARINGLY in told:
        return replace(step, skipped=None)
    is_asked = step.ask.endpoint is Endpoint.DETAILS and step.skipped is None
    if is_asked and told & {Outcome.RETRY_SPARINGLY, Outcome.RELINK}:
        return replace(step, skipped="the bank refused what was asked first")
    return step


def _carefully(steps: Sequence[Step], careful: Caution) -> list[Step]:
    """Leave out what an account's bank should not be asked while it fails."""
    kept, calls = [], careful.calls
    for step in steps:
        if step.ask.endpoint is Endpoint.ACCOUNTS:
            kept.append(replace(step, skipped=None) if careful.reads_metadata else step)
        elif step.skipped is not None:
            kept.append(step)
        elif calls:
            kept.append(step)
            calls -= 1
        else:
            kept.append(replace(step, skipped=careful.reason))
    return kept


class _Past:
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


def _step(
    past: _Past, account: Linked, endpoint: Endpoint, *, now: datetime, since: date | None, recovered: frozenset[str]
) -> Step:
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


def _asks_for_all(past: _Past, account: Linked, *, now: datetime) -> bool:
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
    past: _Past, good: Extract | None, account: Linked, endpoint: Endpoint, *, now: datetime
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
