"""Sync, and be killed on the way: ``killed_run.py MOMENT NUMBER before|after``, or ``MOMENT log FILE``.

The process kills itself with SIGKILL around its so-many-th write: each put into the lake, each removal from it, and
the last moment before dbt writes marts and before it tests them. What it had open, in threads and in memory, is gone as
in a power cut. With ``log`` nothing is killed, and the writes are listed in a file, one a line.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from threading import Lock

from farthing.lake.store import ObjectStore


def main() -> None:
    moment, number, when = sys.argv[1:]
    around = _logging(Path(when)) if number == "log" else _killing(int(number), when)
    put, delete = ObjectStore.put, ObjectStore.delete

    def watched_put(self: ObjectStore, key: str, content: bytes) -> None:
        around(f"put {key}", lambda: put(self, key, content))

    def watched_delete(self: ObjectStore, keys: Iterable[str]) -> None:
        for key in keys:
            around(f"delete {key}", lambda key=key: delete(self, [key]))  # type: ignore[misc]  # bound in the loop

    ObjectStore.put, ObjectStore.delete = watched_put, watched_delete  # type: ignore[method-assign]  # our own code otherwise, on real servers

    import flows  # late: importing Prefect reads its address from the environment
    from flows import build

    for name, what in (("run_models", "build marts"), ("run_tests", "test marts")):
        whole = getattr(build, name)
        setattr(build, name, lambda project, what=what, whole=whole: around(what, lambda: whole(project)))
    flows.run_sync(at=datetime.fromisoformat(moment), ui="")


type Around = Callable[[str, Callable[[], object]], object]


def _killing(number: int, when: str) -> Around:
    numbers, lock = itertools.count(1), Lock()

    def around(what: str, do: Callable[[], object]) -> object:
        if what.startswith(("put lease/", "delete lease/")):  # those of a thread of its own, at any time
            return do()
        with lock:
            is_the_one = next(numbers) == number
        if is_the_one and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = do()
        if is_the_one:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return around


def _logging(file: Path) -> Around:
    def around(what: str, do: Callable[[], object]) -> object:
        if not what.startswith(("put lease/", "delete lease/")):
            with file.open("a") as log:
                log.write(f"{what}\n")
        return do()

    return around


if __name__ == "__main__":
    main()
