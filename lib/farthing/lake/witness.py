"""Witnesses that a process lives: locked files, which the system unlocks when the process dies, however it dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Witnesses:
    """The locked files of a machine's processes, in a folder that they share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alive(self, token: str) -> Iterator[None]:
        """Witness that this process lives, until the block or the process ends.

        :param token: the name to be asked by, which nobody else has.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / token).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def is_dead(self, token: str) -> bool:
        """Whether a process of this machine had the name and is gone; false for those of other machines."""
        try:
            with (self._folder / token).open() as file:
                return _is_unlocked(file)
        except OSError:  # no such file: it is not from here, or was buried
            return False

    def bury(self, token: str) -> None:
        """Forget a name that nobody will ask for again."""
        (self._folder / token).unlink(missing_ok=True)


def _is_unlocked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
