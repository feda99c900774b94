"""Ask a bank one question and keep its answer.

The lake may not take it just then, and the bank need not be asked again for that: an answer is kept on this machine, as
in a lake of its own, from the first failure on until the lake has it, in this run or in a later one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from farthing import __version__
from farthing.errors import ServiceDownError
from farthing.lake import layout
from farthing.lake.raw import Extract, make_extract, raw_key, write_raw
from farthing.lake.store import ObjectStore, open_folder
from farthing.provider import Answer, Ask, Outcome, Provider
from farthing.settings import Settings

PAUSES = (1, 4, 10)  # seconds until the lake is tried again: less than a lease lasts that cannot be renewed either


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What was asked, where the answers of all attempts lie, and what the last means for the one who asked."""

    ask: Ask
    keys: tuple[str, ...]
    outcome: Outcome


async def pull(
    provider: Provider,
    store: ObjectStore,
    ask: Ask,
    *,
    run_id: UUID,
    attempt: int,
    requested_at: datetime,
    check: Callable[[], None] = lambda: None,
    outbox: ObjectStore | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Pulled:
    """Ask once; store the answer before looking at it, a refusal or a silence too.

    :param attempt: 1 for the first.
    :param check: makes sure, before a call is spent, that no other run may be asking by now.
    :param outbox: a store on this machine for what the lake does not take; see :func:`send`.
    :raises ServiceDownError: if the lake did not take the answer, tried several times.
    """
    extracts = [
        make_extract(
            provider=provider.name,
            ask=ask,
            run_id=run_id,
            attempt=number,
            requested_at=requested_at,
            version=__version__,
        )
        for number in range(1, attempt + 1)
    ]
    check()
    answer = await provider.fetch(ask)
    try:
        await asyncio.to_thread(write_raw, store, extracts[-1], answer)  # others ask meanwhile
    except ServiceDownError:
        if outbox is None:
            raise
        await _keep(extracts[-1], answer, store, outbox, sleep)
    return Pulled(ask=ask, keys=tuple(raw_key(extract) for extract in extracts), outcome=provider.outcome(answer))


def outbox_of(settings: Settings) -> ObjectStore:
    """Open the store of what the lake has not taken yet."""
    return open_folder(settings.home / "outbox")


def waiting(outbox: ObjectStore) -> list[str]:
    """List the keys of the answers that the lake has not taken, or that may not have landed since."""
    return outbox.keys(layout.RAW)


def send(outbox: ObjectStore, store: ObjectStore) -> list[str]:
    """Store the answers that the lake had not taken, and return their keys.

    They stay in the outbox too until they have landed: no later run looks for answers of so long ago by itself.

    :raises ServiceDownError: if it does not take them yet.
    """
    keys = waiting(outbox)
    for key in keys:
        store.put(key, outbox.get(key))
    return keys


async def _keep(
    extract: Extract,
    answer: Answer,
    store: ObjectStore,
    outbox: ObjectStore,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    key = await asyncio.to_thread(write_raw, outbox, extract, answer)
    for pause in PAUSES:
        await sleep(pause)
        try:
            await asyncio.to_thread(_move, outbox, store, key)
        except ServiceDownError:
            if pause == PAUSES[-1]:
                raise
        else:
            return


def _move(outbox: ObjectStore, store: ObjectStore, key: str) -> None:
    store.put(key, outbox.get(key))
    outbox.delete([key])
