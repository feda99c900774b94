"""Keeps calls under GoCardless's general limits, which hold for a whole company.

All clients of a process share one :class:`Pace`, whatever thread or event loop they run in. Other processes show in the
headers of each answer, which tell how much is left for all of them: see ``docs/adr/0010-the-pace-of-processes.md``.
"""

import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from threading import Lock

from farthing.gocardless.allowance import read_general

# GoCardless counts a call when it arrives, at most the time-out for connecting (10 s) after it is let go here.
_MINUTE = 60 + 10
_KEPT_FREE = 5  # calls that others may have on their way when an answer says that so many are left


class Window:
    """So many calls in any stretch of time; who asks for more is given the next free moment.

    A leaky bucket of the same size would let nearly twice as many through in the first minute.
    """

    def __init__(self, calls: int, *, seconds: float) -> None:
        self._moments: deque[float] = deque(maxlen=calls)  # the oldest falls out as a new one comes in
        self._seconds = seconds
        self._shut_until = -math.inf
        self._lock = Lock()

    def reserve(self, now: float) -> float:
        """Take the next free moment and return the seconds until then."""
        with self._lock:
            is_full = len(self._moments) == self._moments.maxlen
            free = self._moments[0] + self._seconds if is_full else now
            moment = max(now, free, self._shut_until)
            self._moments.append(moment)
            return moment - now

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

    async def wait(self, method: str, path: str) -> None:
        """Wait until a call may go.

        :param path: the path below the API's base address, such as ``accounts/<id>/balances/``.
        """
        window = self._window(method, path)
        if window and (seconds := window.reserve(self._clock())) > 0:
            await self._sleep(seconds)

    def learn(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Note from an answer's headers what is left of a group's limit, whoever used it up."""
        window, left = self._window(method, path), read_general(headers)
        if window and left is not None and left[0] <= _KEPT_FREE:
            window.shut(self._clock() + min(left[1], _MINUTE))

    def _window(self, method: str, path: str) -> Window | None:
        first, _, rest = path.partition("/")
        group = f"{first}/{rest.strip('/')}" if first == "token" else first
        return self._windows.get((method, group))
