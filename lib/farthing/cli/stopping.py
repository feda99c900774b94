"""Ctrl-C and SIGTERM: a command ends in order on the first."""

import signal
import threading


class Stopped(SystemExit):
    """Ctrl-C or a SIGTERM: everything that was started is stopped on the way out."""


def stop_on_signals() -> threading.Event:
    """End the command on the first Ctrl-C or SIGTERM, and let nothing cut the stopping short.

    :returns: set once a signal came.
    """
    stopping = threading.Event()

    def stop(_signum: int, _frame: object) -> None:
        if not stopping.is_set():
            stopping.set()
            raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping
