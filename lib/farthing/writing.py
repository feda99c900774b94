"""Who may write to the lake: one run at a time, on this machine or any other."""

import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import timedelta

from farthing.clock import utc_now
from farthing.lake.lease import Lease, lease
from farthing.lake.store import open_store
from farthing.lake.witness import Witnesses
from farthing.settings import Settings

PATIENCE = timedelta(seconds=15)  # what a build of another run may take that is about to end

_HELD: ContextVar[Lease | None] = ContextVar("farthing_lease", default=None)


@contextmanager
def sole_writer(settings: Settings, what: str) -> Iterator[Lease]:
    """Keep other writers from the lake while the block runs; inside another such block, it shares that one's lease.

    :param what: named to those who have to wait, such as ``sync``.
    :raises LeaseHeldError: if another run writes and does not end soon.
    :raises ServiceDownError: if the lake does not answer.
    """
    if (held := _HELD.get()) is not None:
        yield held
        return
    store = open_store(settings)
    store.prepare()
    owner = f"{what} on {socket.gethostname()}"
    witnesses = Witnesses(settings.home / "leases")
    with lease(
        store, "lake", owner=owner, witnesses=witnesses, now=utc_now, sleep=time.sleep, patience=PATIENCE
    ) as mine:
        token = _HELD.set(mine)
        try:
            yield mine
        finally:
            _HELD.reset(token)


@asynccontextmanager
async def sole_writer_async(what: str) -> AsyncIterator[Lease]:
    """Do what :func:`sole_writer` does, with the settings as they are then; decorates an asynchronous flow."""
    with sole_writer(Settings.load(), what) as held:
        yield held
