"""Sync, and be killed on the way: ``killed_run.py MOMENT PREFIX COUNT before|after``.

The process kills itself with SIGKILL around the so-many-th write of an object whose key begins with the prefix. What
it had open, in threads and in memory, is gone as in a power cut.
"""

import itertools
import os
import signal
import sys
from datetime import datetime

from farthing.lake.store import ObjectStore


def main() -> None:
    moment, prefix, count, when = sys.argv[1:]
    numbers = itertools.count(1)
    put = ObjectStore.put

    def put_and_die(self: ObjectStore, key: str, content: bytes) -> None:
        is_the_one = key.startswith(prefix) and next(numbers) == int(count)
        if is_the_one and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        put(self, key, content)
        if is_the_one:
            os.kill(os.getpid(), signal.SIGKILL)

    ObjectStore.put = put_and_die  # type: ignore[method-assign]  # our own code otherwise, on real servers

    import flows  # late: importing Prefect reads its address from the environment

    flows.run_sync(at=datetime.fromisoformat(moment), ui="")


if __name__ == "__main__":
    main()
