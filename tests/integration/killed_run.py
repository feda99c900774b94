"""Syncs in processes of their own, which may kill themselves on the way.

Each line of standard input asks for one, as JSON: ``lake`` (its address), ``endpoint`` (of its S3 server), ``at`` (the
moment), and either ``kill`` (``[number, "before" | "during" | "after"]``) or ``log`` (a file for the writes, one a
line) or neither. Each line of standard output says how it ended: 0 for well, -9 for killed. The processes are forked
from this one, which has imported all there is to import, so that a sync costs what a sync costs.

A process that is to be killed sends itself SIGKILL around its so-many-th write: each put into the lake, each removal
from it, and the last moment before dbt writes marts and before it tests them; ``during`` is for the marts, as soon as
one is there. What it had open, in threads and in memory, is gone as in a power cut.
"""

import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread

import flows
import flows.sync
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings
from flows import build


def main() -> None:
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            _sync(**json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _sync(lake: str, endpoint: str, at: str, kill: tuple[int, str] | None = None, log: str | None = None) -> None:
    """Sync, and end this process well or badly."""
    os.dup2(2, 1)  # standard output is for the answers
    os.environ |= {"FARTHING_LAKE_URL": lake, "FARTHING_S3_ENDPOINT": endpoint}
    if kill is not None:
        _watch(_killing(*kill))
    elif log is not None:
        _watch(_logging(Path(log)))
    flows.run_sync(at=datetime.fromisoformat(at), ui="")
    os._exit(0)  # at once: what was imported before the fork cannot be taken down properly in its child


type Around = Callable[[str, Callable[[], object]], object]


def _watch(around: Around) -> None:
    put, delete = ObjectStore.put, ObjectStore.delete

    def watched_put(self: ObjectStore, key: str, content: bytes) -> None:
        around(f"put {key}", lambda: put(self, key, content))

    def watched_delete(self: ObjectStore, keys: Iterable[str]) -> None:
        for key in keys:
            around(f"delete {key}", lambda key=key: delete(self, [key]))  # type: ignore[misc]  # bound in the loop

    ObjectStore.put, ObjectStore.delete = watched_put, watched_delete  # type: ignore[method-assign]  # our own code otherwise, on real servers
    for name, what in (("run_models", "build marts"), ("run_tests", "test marts")):
        whole = getattr(build, name)
        setattr(build, name, lambda project, what=what, whole=whole: around(what, lambda: whole(project)))


def _killing(number: int, when: str) -> Around:
    numbers, lock = itertools.count(1), Lock()

    def around(what: str, do: Callable[[], object]) -> object:
        if what.startswith(("put lease/", "delete lease/")):  # those of a thread of its own, at any time
            return do()
        with lock:
            is_the_one = next(numbers) == number
        if is_the_one and when == "before":
            _die()
        if is_the_one and when == "during":
            Thread(target=_die_once_a_mart_is_there).start()
        done = do()
        if is_the_one:
            _die()
        return done

    return around


def _die_once_a_mart_is_there() -> None:
    store = open_store(Settings.load())
    while not store.keys("marts/"):
        time.sleep(0.01)
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _logging(file: Path) -> Around:
    def around(what: str, do: Callable[[], object]) -> object:
        if not what.startswith(("put lease/", "delete lease/")):
            with file.open("a") as log:
                log.write(f"{what}\n")
        return do()

    return around


if __name__ == "__main__":
    main()
