"""Keeps the calls of one process under GoCardless's general limits.

The limits hold for a whole company, so all clients of a process share one :class:`Pace`, whatever thread or event
loop they run in. Other processes are not seen: what they use up comes back as a 429, which names its wait.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from threading import Lock

# GoCardless counts a call when it arrives, at most the time-out for connecting (10 s) after it is let go here.
_MINUTE = 60 + 10


class Window:
    """So many calls in any stretch of time; who asks for more is given the next free moment.

    A leaky bucket of the same size would let nearly twice as many through in the first minute.
    """

    def __init__(self, calls: int, *, seconds: float) -> None:
        self._moments: deque[float] = deque(maxlen=calls)  # the oldest falls out as a new one comes in
        self._seconds = seconds
        self._lock = Lock()

    def reserve(self, now: float) -> float:
        """Take the next free moment and return the seconds until then."""
        with self._lock:
            is_full = len(self._moments) == self._moments.maxlen
            moment = max(now, self._moments[0] + self._seconds) if is_full else now
            self._moments.append(moment)
            return moment - now


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
        first, _, rest = path.partition("/")
        group = f"{first}/{rest.strip('/')}" if first == "token" else first
        window = self._windows.get((method, group))
        if window and (seconds := window.reserve(self._clock())) > 0:
            await self._sleep(seconds)
