"""What the buttons that save, undo and build do: they end in a mood and a sentence, whatever happens."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import marimo as mo

from farthing.errors import FarthingError
from farthing.explore.review import staging
from farthing.explore.review.staging import Staged
from farthing.lake.reference import undo
from farthing.lake.store import open_store
from farthing.runs import start_sync
from farthing.settings import Settings
from farthing.web import frame
from farthing.web.decisions import counted

NOTHING_WAITS = "Nothing. What you stage gathers here, before and after beside each other, until you save it."
BUILD_BY_HAND = "The next sync shows it. To see it now, run `farthing build`."

type Said = tuple[str, str]
type Set = Callable[[object], None]


def save_all(waiting: Sequence[Staged], set_staged: Set, set_saved: Set) -> Said:
    """Save all that waits, in one object."""
    try:
        key = staging.save(open_store(Settings.load()), waiting, now=datetime.now(UTC))
    except FarthingError as exc:
        return "bad", f"Nothing was saved. {exc}"
    set_staged(())
    set_saved(key)
    return "good", f"{counted(len(waiting), 'change', 'changes')} saved in one go; the next build shows it."


def take_back(object_key: str, set_saved: Set) -> Said:
    """Undo what was saved in one go."""
    try:
        undoing = undo(open_store(Settings.load()), object_key, decided_at=datetime.now(UTC))
    except FarthingError as exc:
        return "bad", f"Nothing was undone. {exc}"
    set_saved(undoing or object_key)
    if undoing is None:
        return "info", "Nothing of it holds any more: all of it was decided anew since."
    return "good", "Undone in one go: what held before holds again. The next build shows it."


async def start(saved_key: str) -> mo.Html:
    """Have what was saved built, with a sync: asked twice for the same, Prefect runs once."""
    url = await start_sync(Settings.load().prefect_api_url, once_for=f"review {saved_key}")
    if not url:
        return frame.note("Prefect does not answer, so nothing was started: run `farthing build`.", kind="warn")
    words = "It is on its way. This page says when the newer build is published."
    return frame.note(words, links=[("Watch it in Prefect", url)])
