"""Keeps calls under GoCardless's general limits, which hold for a whole company.

All clients of a process share one :class:`Pace`, whatever thread or event loop they run in. Other processes show in the
headers of each answer, which tell how much is left for all of them: see ``docs/adr/0010-the-pace-of-processes.md``.
"""

import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from threading import Lock

from farthing.gocardless.allowance import read_general

_MINUTE = 61  # and a second for two clocks that do not go alike
_ON_THE_WAY = 9  # GoCardless counts a call when it arrives: within the time-out for connecting, or before it answers
_KEPT_FREE = 5  # calls that others may have on their way when an answer says that so many are left, and others call


class Call:
    """A call let go: ``moment`` is when, and ``counted_by`` the last moment at which GoCardless can count it."""

    __slots__ = ("counted_by", "moment")

    def __init__(self, moment: float) -> None:
        self.moment = moment
        self.counted_by = moment + _ON_THE_WAY

    def is_answered(self, now: float) -> None:
        """Note that it was counted by now."""
        self.counted_by = min(self.counted_by, now)


class Window:
    """So many calls in any stretch of time; who asks for more is given the next free moment.

    A leaky bucket of the same size would let nearly twice as many through in the first minute.
    """

    def __init__(self, calls: int, *, seconds: float) -> None:
        self._calls: deque[Call] = deque(maxlen=calls)  # the oldest falls out as a new one comes in
        self._seconds = seconds
        self._shut_until = -math.inf
        self._lock = Lock()

    def reserve(self, now: float) -> Call:
        """Take the next free moment."""
        with self._lock:
            is_full = len(self._calls) == self._calls.maxlen
            free = self._calls[0].counted_by + self._seconds if is_full else now
            last = self._calls[-1].moment if self._calls else now  # a late answer must not turn the order round
            call = Call(max(now, free, last, self._shut_until))
            self._calls.append(call)
            return call

    def of_others(self, left: int, now: float) -> int:
        """Tell how many calls others have made of late, at least, by how many are left."""
        with self._lock:
            own = sum(call.counted_by > now - self._seconds for call in self._calls if call.moment <= now)
            return (self._calls.maxlen or 0) - left - own

    def shut(self, until: float) -> None:
        """Give no moment before another one; those that were given stay."""
        with self._lock:
            self._shut_until = max(self._shut_until, until)


class Pace:
    """Holds a call back until its group has room.

    A new pair of tokens (100 an hour) is not held back: nobody would wait an hour without a word, and GoCardless's
    own refusal says how long it takes.
    """

    def __init__(self, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        """Begin with all windows empty.

        :param clock: seconds that never go back, from any start.
        :param sleep: waits for seconds, such as :func:`asyncio.sleep`.
        """
        self._clock = clock
        self._sleep = sleep
        reads, creations, deletions = (Window(calls, seconds=_MINUTE) for calls in (300, 100, 100))
        # Whether agreements and requisitions share a limit is not documented: together is the safe reading.
        self._windows = {
            ("GET", "accounts"): Window(100, seconds=_MINUTE),
            ("GET", "institutions"): Window(300, seconds=_MINUTE),
            ("GET", "agreements"): reads,
            ("GET", "requisitions"): reads,
            ("POST", "agreements"): creations,
            ("POST", "requisitions"): creations,
            ("PUT", "agreements"): Window(100, seconds=_MINUTE),
            ("DELETE", "agreements"): deletions,
            ("DELETE", "requisitions"): deletions,
            ("POST", "token/refresh"): Window(100, seconds=_MINUTE),
        }

    async def wait(self, method: str, path: str) -> Call | None:
        """Wait until a call may go.

        :param path: the path below the API's base address, such as ``accounts/<id>/balances/``.
        :returns: what :meth:`learn` wants to know of; null for calls that are not counted.
        """
        if (window := self._window(method, path)) is None:
            return None
        now = self._clock()
        call = window.reserve(now)
        if call.moment > now:
            await self._sleep(call.moment - now)
        return call

    def learn(self, method: str, path: str, headers: Mapping[str, str], call: Call | None = None) -> None:
        """Note from an answer's headers what is left of a group's limit, whoever used it up.

        :param call: what :meth:`wait` returned for it.
        """
        if call is not None:
            call.is_answered(self._clock())
        window, left = self._window(method, path), read_general(headers)
        if window is None or left is None:
            return
        remaining, reset_seconds = left
        now = self._clock()
        if remaining <= (_KEPT_FREE if window.of_others(remaining, now) > 0 else 0):
            window.shut(now + min(reset_seconds, _MINUTE))

    def _window(self, method: str, path: str) -> Window | None:
        first, _, rest = path.partition("/")
        group = f"{first}/{rest.strip('/')}" if first == "token" else first
        return self._windows.get((method, group))
