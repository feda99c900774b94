"""The one place that reads the time; a simulation runs ahead of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Read the clock; called at the edge and nowhere inside."""
    return datetime.now(UTC)


def clock_ahead(by: timedelta) -> Clock:
    """Make a clock that is ahead of the real one, or behind."""
    return lambda: utc_now() + by
