"""Counting calls against an allowance, and telling the caller in headers how much is left."""

import math
from datetime import datetime, timedelta

from farthing.sandbox.refusals import rate_limited
from farthing.sandbox.state import Window

_DAILY_CALLS = 4
_DAY = timedelta(days=1)
_CALLS_A_MINUTE = 100
_MINUTE = timedelta(minutes=1)


def take_general(window: Window | None, *, now: datetime) -> tuple[Window, dict[str, str]]:
    """Count a call for any account's resource, a failing one too: 100 a minute.

    :returns: the window to keep, and the headers of the answer.
    :raises Refusal: if the allowance is spent.
    """
    window = _current(window, _MINUTE, now)
    spent = window.count >= _CALLS_A_MINUTE
    window.count += not spent
    headers = _headers("http_x_ratelimit", _CALLS_A_MINUTE, window, _MINUTE, now)
    if spent:
        raise rate_limited("100/minute", seconds=_seconds_left(window, _MINUTE, now), headers=headers)
    return window, headers


def check_daily(window: Window | None, *, now: datetime) -> Window:
    """Look whether an account's scope may be asked again: four successes in the 24 hours from the first.

    :returns: the window in which the caller counts a success.
    :raises Refusal: if the allowance is spent.
    """
    window = _current(window, _DAY, now)
    if window.count >= _DAILY_CALLS:
        seconds = _seconds_left(window, _DAY, now)
        raise rate_limited(f"{_DAILY_CALLS}/day", seconds=seconds, headers=daily_headers(window, now=now))
    return window


def daily_headers(window: Window, *, now: datetime) -> dict[str, str]:
    """Return the headers that tell what an account's scope has left."""
    return _headers("http_x_ratelimit_account_success", _DAILY_CALLS, window, _DAY, now)


def _current(window: Window | None, length: timedelta, now: datetime) -> Window:
    return Window(since=now) if window is None or now >= window.since + length else window.model_copy()


def _seconds_left(window: Window, length: timedelta, now: datetime) -> int:
    return math.ceil((window.since + length - now).total_seconds())


def _headers(prefix: str, limit: int, window: Window, length: timedelta, now: datetime) -> dict[str, str]:
    return {
        f"{prefix}_limit": str(limit),
        f"{prefix}_remaining": str(limit - window.count),
        f"{prefix}_reset": str(_seconds_left(window, length, now)),
    }
