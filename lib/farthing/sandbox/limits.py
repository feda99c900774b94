"""Counting calls against limits, and telling the caller in headers how much is left."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from farthing.sandbox.refusals import Refusal, rate_limited
from farthing.sandbox.state import Window

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_NAMES = {_DAY: "day", _HOUR: "hour", _MINUTE: "minute"}
GROUPS: Mapping[str, tuple[int, timedelta]] = {
    "accounts": (100, _MINUTE),
    "institutions": (300, _MINUTE),
    "agreements POST": (100, _MINUTE),
    "agreements GET": (300, _MINUTE),
    "agreements PUT": (100, _MINUTE),
    "agreements DELETE": (100, _MINUTE),
    "requisitions POST": (100, _MINUTE),
    "requisitions GET": (300, _MINUTE),
    "requisitions DELETE": (100, _MINUTE),
    "token new": (100, _HOUR),
    "token refresh": (100, _MINUTE),
}


class GeneralLimits:
    """The company's calls of each group, failing ones too."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def clear(self) -> None:
        """Forget all calls."""
        self._windows.clear()

    def take(self, group: str, *, now: datetime) -> dict[str, str]:
        """Count a call.

        :returns: the headers of its answer.
        :raises Refusal: if there were too many.
        """
        limit, length = GROUPS[group]
        window = self._windows[group] = _current(self._windows.get(group), length, now)
        spent = window.count >= limit
        window.count += not spent
        headers = _headers("http_x_ratelimit", limit, window, length, now)
        if spent:
            seconds = _seconds_left(window, length, now)
            raise rate_limited(f"{limit}/{_NAMES[length]}", seconds=seconds, headers=headers)
        return headers


def spent(group: str, *, seconds: int) -> Refusal:
    """Refuse as if a group had no calls left for some seconds."""
    limit, length = GROUPS[group]
    left = {"limit": limit, "remaining": 0, "reset": seconds}
    headers = {f"http_x_ratelimit_{name}": str(number) for name, number in left.items()}
    return rate_limited(f"{limit}/{_NAMES[length]}", seconds=seconds, headers=headers)


def check_daily(window: Window | None, *, limit: int, now: datetime) -> Window:
    """Look whether an account's scope may be asked again: so many successes in the 24 hours from the first.

    :returns: the window in which the caller counts a success.
    :raises Refusal: if the allowance is spent.
    """
    window = _current(window, _DAY, now)
    if window.count >= limit:
        seconds = _seconds_left(window, _DAY, now)
        raise rate_limited(f"{limit}/day", seconds=seconds, headers=daily_headers(window, limit=limit, now=now))
    return window


def daily_headers(window: Window, *, limit: int, now: datetime) -> dict[str, str]:
    """Return the headers that tell what an account's scope has left."""
    return _headers("http_x_ratelimit_account_success", limit, window, _DAY, now)


def _current(window: Window | None, length: timedelta, now: datetime) -> Window:
    return Window(since=now) if window is None or now >= window.since + length else window.model_copy()


def _seconds_left(window: Window, length: timedelta, now: datetime) -> int:
    return math.ceil((window.since + length - now).total_seconds())


def _headers(prefix: str, limit: int, window: Window, length: timedelta, now: datetime) -> dict[str, str]:
    return {
        f"{prefix}_limit": str(limit),
        f"{prefix}_remaining": str(max(0, limit - window.count)),
        f"{prefix}_reset": str(_seconds_left(window, length, now)),
    }
