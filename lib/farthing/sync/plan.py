"""What to ask next: decided from what the lake already holds, before any call is spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from farthing.provider import Ask, Endpoint, Outcome
from farthing.sync.due import REMEMBERED_FOR, Past, step_of
from farthing.sync.questions import FIRST, LATER, ORDER, Linked, Step
from farthing.sync.suspension import Caution, caution


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
    past = Past(not_after(extracts, now))
    steps: list[Step] = []
    told_of: set[str] = set()  # banks
    for account in accounts:
        of_account = [step_of(past, account, each, now=now, since=since, recovered=recovered) for each in ORDER]
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
            steps.append(step_of(past, account, Endpoint.INSTITUTIONS, now=now, since=since, recovered=recovered))
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
