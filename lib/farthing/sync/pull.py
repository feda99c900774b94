"""Ask a bank one question and keep its answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from farthing import __version__
from farthing.lake.raw import make_extract, raw_key, write_raw
from farthing.lake.store import ObjectStore
from farthing.provider import Ask, Outcome, Provider


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
) -> Pulled:
    """Ask once; store the answer before looking at it, a refusal or a silence too.

    :param attempt: 1 for the first.
    :param check: makes sure, before a call is spent, that no other run may be asking by now.
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
    await asyncio.to_thread(write_raw, store, extracts[-1], answer)  # others ask meanwhile
    return Pulled(ask=ask, keys=tuple(raw_key(extract) for extract in extracts), outcome=provider.outcome(answer))
