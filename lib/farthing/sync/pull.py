"""Ask a bank one question and keep its answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from farthing import __version__
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore
from farthing.provider import Ask, Outcome, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What was asked, where the answer lies, and what it means for the one who asked."""

    ask: Ask
    key: str
    outcome: Outcome


async def pull(
    provider: Provider, store: ObjectStore, ask: Ask, *, run_id: UUID, attempt: int, requested_at: datetime
) -> Pulled:
    """Ask once; store the answer before looking at it, a refusal or a silence too."""
    extract = make_extract(
        provider=provider.name,
        ask=ask,
        run_id=run_id,
        attempt=attempt,
        requested_at=requested_at,
        version=__version__,
    )
    answer = await provider.fetch(ask)
    key = write_raw(store, extract, answer)
    return Pulled(ask=ask, key=key, outcome=provider.outcome(answer))
