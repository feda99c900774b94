"""What to ask next: decided from what the lake already holds, before any call is spent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from farthing.provider import Ask, Endpoint, Outcome

DETAILS_EVERY = timedelta(days=7)
ACCOUNTS_EVERY = timedelta(days=1)

# Transactions before balances: where only one call is left, entries are worth more than a sum.
ORDER = (Endpoint.ACCOUNTS, Endpoint.DETAILS, Endpoint.TRANSACTIONS, Endpoint.BALANCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An account to sync, and how many days of history its consent allows."""

    account_id: str
    history_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One endpoint of one account: the question to ask, or why it is not asked."""

    ask: Ask
    skipped: str | None = None


def plan(
    accounts: Iterable[Linked],
    extracts: pl.DataFrame,
    *,
    now: datetime,
    lookback_days: int,
    recovered: frozenset[str] = frozenset(),
) -> list[Step]:
    """Plan a run.

    :param accounts: the accounts whose consent lives.
    :param extracts: landed extracts, newest or not, as :func:`farthing.lake.landing.read_extracts` gives them.
    :param now: the moment the run began, UTC.
    :param lookback_days: settled days that are asked for again, because banks book late.
    :param recovered: extracts that an interrupted run left and this one finished; they are this run's answers.
    :returns: four steps an account, in the order in which calls should be spent.
    """
    past = _Past(extracts)
    return [
        _step(past, account, endpoint, now=now, lookback_days=lookback_days, recovered=recovered)
        for account in accounts
        for endpoint in ORDER
    ]


def to_pull(steps: Sequence[Step]) -> list[Ask]:
    """Keep the questions that are to be asked."""
    return [step.ask for step in steps if step.skipped is None]


class _Past:
    """The landed extracts, by account and endpoint, newest first."""

    def __init__(self, extracts: pl.DataFrame) -> None:
        self._rows: dict[tuple[str, str], list[dict[str, str | None]]] = {}
        for row in extracts.sort("requested_at", descending=True).iter_rows(named=True):
            self._rows.setdefault((row["account_id"], row["endpoint"]), []).append(row)

    def newest(self, account_id: str, endpoint: Endpoint, *, good: bool) -> dict[str, str | None] | None:
        rows = self._rows.get((account_id, endpoint), [])
        return next((row for row in rows if not good or row["outcome"] == Outcome.OK), None)


def _step(
    past: _Past, account: Linked, endpoint: Endpoint, *, now: datetime, lookback_days: int, recovered: frozenset[str]
) -> Step:
    newest = past.newest(account.account_id, endpoint, good=False)
    good = past.newest(account.account_id, endpoint, good=True)
    ask = Ask(endpoint=endpoint, account_id=account.account_id)
    if endpoint is Endpoint.TRANSACTIONS:
        today = now.astimezone(UTC).date()
        history = today - timedelta(days=account.history_days)
        since = max(history, _day(good) - timedelta(days=lookback_days)) if good else history
        ask = Ask(endpoint=endpoint, account_id=account.account_id, date_from=since, date_to=today)
    if good is not None and good["extract_id"] in recovered:
        return Step(ask=ask, skipped="answered already, by the run that was interrupted")
    every = {Endpoint.ACCOUNTS: ACCOUNTS_EVERY, Endpoint.DETAILS: DETAILS_EVERY}.get(endpoint)
    if every is not None and good is not None and now - _at(good) < every:
        return Step(ask=ask, skipped=f"not due before {_at(good) + every:%d %b %H:%M} UTC")
    if newest is not None and (free_at := _free_at(newest)) is not None and free_at > now:
        return Step(ask=ask, skipped=f"allowance spent until {free_at:%d %b %H:%M} UTC")
    return Step(ask=ask)


def _free_at(extract: dict[str, str | None]) -> datetime | None:
    """When calls are to be had again, if the newest answer said that none was left."""
    if extract["allowance_remaining"] != "0" or extract["allowance_reset_seconds"] is None:
        return None
    return datetime.fromisoformat(str(extract["ended_at"])) + timedelta(
        seconds=float(extract["allowance_reset_seconds"])
    )


def _at(extract: dict[str, str | None]) -> datetime:
    return datetime.fromisoformat(str(extract["requested_at"]))


def _day(extract: dict[str, str | None]) -> date:
    return _at(extract).astimezone(UTC).date()
