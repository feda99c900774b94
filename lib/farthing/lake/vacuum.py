"""Removing what no kept build needs: old catalogues, and the mart files that only they pinned."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from farthing.lake import layout
from farthing.lake.catalogue import NothingPublishedError, views_of
from farthing.lake.store import ObjectStore, StoredObject

_PINNED = re.compile(rf"/({layout.MARTS}[^/']+/[^/']+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """What may be removed, and how much stays."""

    catalogues: Sequence[StoredObject]
    mart_files: Sequence[StoredObject]
    kept_builds: int
    kept_bytes: int

    @property
    def size_bytes(self) -> int:
        """How many bytes removing it frees."""
        return sum(each.size_bytes for each in (*self.catalogues, *self.mart_files))


def find_waste(store: ObjectStore, *, keep: int, grace: timedelta, now: datetime) -> Waste:
    """List what no kept build needs.

    Kept is the current build, the newest others, and each that was current within the grace period, for someone may
    still be reading it. Files younger than that stay too, for a build may be about to pin them.

    :param keep: how many builds to keep beside the current one.
    :raises NothingPublishedError: if there is no current build, for then nothing says what is needed.
    """
    files = store.objects(layout.MARTS)  # before the catalogues: what a build adds and pins meanwhile is not among them
    catalogues = store.objects(layout.CATALOGUE_FOLDER)
    current = next((each for each in catalogues if each.key == layout.CATALOGUE), None)
    if current is None:
        raise NothingPublishedError("Nothing is published, so nothing says which files are needed: none was removed.")
    needed = _pins(store, current.key)
    current_ids = {layout.build_of(key) for key in needed}
    kept: list[StoredObject] = []
    waste = [each for each in catalogues if layout.is_leftover(each.key) and now - each.modified_at > grace]
    others = 0
    replaced_at = current.modified_at  # when the build in hand stopped being the current one
    for build in sorted(_builds(catalogues), key=lambda each: each.modified_at, reverse=True):
        is_current = layout.build_of(build.key) in current_ids
        is_kept = is_current or others < keep or now - replaced_at <= grace
        (kept if is_kept else waste).append(build)
        others += not is_current
        replaced_at = build.modified_at
    for build in kept:
        needed |= _pins(store, build.key)
    unpinned = [each for each in files if each.key not in needed and now - each.modified_at > grace]
    removed = {each.key for each in unpinned}
    return Waste(
        catalogues=waste,
        mart_files=unpinned,
        kept_builds=len(kept),
        kept_bytes=sum(each.size_bytes for each in (*kept, *files, current) if each.key not in removed),
    )


def remove_waste(store: ObjectStore, waste: Waste, *, check: Callable[[], None] = lambda: None) -> None:
    """Remove what was found: catalogues before the files they pin, so that none is left that cannot be read.

    :param check: called before each of the two; raises to stop there.
    """
    for objects in (waste.catalogues, waste.mart_files):
        check()
        store.delete(each.key for each in objects)


def _builds(catalogues: Sequence[StoredObject]) -> list[StoredObject]:
    return [each for each in catalogues if each.key.startswith(layout.CATALOGUES) and not layout.is_leftover(each.key)]


def _pins(store: ObjectStore, catalogue_key: str) -> set[str]:
    """Read from a catalogue's views which mart files they show."""
    return {key for sql in views_of(store.get(catalogue_key)) for key in _PINNED.findall(sql)}
