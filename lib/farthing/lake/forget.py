"""Removing accounts from the lake for good, and the builds that still show them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import polars as pl

from farthing.errors import FarthingError
from farthing.lake import layout
from farthing.lake.landing import EXTRACTS
from farthing.lake.reference import decisions as reference
from farthing.lake.store import ObjectStore
from farthing.lake.tables import get_table, put_table


class BuildNotPublishedError(FarthingError):
    """The build to keep is not the one that people read: build and publish again, then purge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many objects were removed, and how many landing files were rewritten without the accounts' rows."""

    raw_objects: int
    landing_rewritten: int
    landing_removed: int
    names: int
    decisions: int


def forget(
    store: ObjectStore,
    *,
    provider: str,
    account_ids: Collection[str],
    keys: Collection[str] = (),
    check: Callable[[], None] = lambda: None,
) -> Forgotten:
    """Remove all that the lake holds of accounts, but for builds: rebuild, then :func:`purge_builds`.

    What other accounts' banks wrote of these (a transfer's counterparty) is those accounts' data and stays. A bucket
    that keeps old versions of objects goes on keeping them. Consents have to be over and no sync or build may run
    meanwhile: either could bring back what it had already read.

    Interrupted, it leaves a lake that :func:`forget` with the same ids finishes; what is counted is what is left to do.

    :param account_ids: every id under which the accounts were linked (``dim_account.account_ids``).
    :param keys: the accounts' keys in the marts, and those of what belongs to them, as decisions name them.
    :param check: makes sure, before each change, that no other run may be writing by now.
    """
    check()
    gone = frozenset(account_ids)
    # Raw before the rows in extracts: a raw answer without its row looks like one that a run died over, and the next
    # sync would land it again. Those rows go last of all: as long as one is there, so is the account in the marts, and
    # whoever looks sees that there is something left to forget.
    raw_objects = _delete_of(store, layout.raw_prefix(provider), gone)
    names = _delete_of(store, layout.account_names_prefix(provider), gone)
    decisions = reference.remove(store, keys)
    extracts = layout.landing_prefix(provider, EXTRACTS)
    rewritten = removed = 0
    for key in sorted(store.keys(layout.landing_prefix(provider)), key=lambda key: key.startswith(extracts)):
        check()
        if layout.is_leftover(key):  # of a run that was killed: whose rows it has, nobody can tell
            store.delete([key])
            removed += 1
        elif not gone.isdisjoint(get_table(store, key, columns=["account_id"])["account_id"]):
            rows_left = _rewrite_without(store, key, gone)
            rewritten += rows_left > 0
            removed += rows_left == 0
    return Forgotten(
        raw_objects=raw_objects,
        landing_rewritten=rewritten,
        landing_removed=removed,
        names=names,
        decisions=decisions,
    )


def purge_builds(store: ObjectStore, keep_build_id: str, *, check: Callable[[], None] = lambda: None) -> int:
    """Remove every mart file and kept catalogue but one build's, and return how many there were.

    There is no going back to an earlier build after this. Nothing is missing at any moment for those who open the
    catalogue meanwhile, but no other build may run.

    :param keep_build_id: the build that is published now.
    :param check: makes sure, before each change, that no other run may be writing by now.
    :raises BuildNotPublishedError: if it is not; then nothing is removed.
    """
    # Catalogues before the files they pin, and both listed before the check: what a build adds after it is not removed.
    stale = [
        [key for key in store.keys(prefix) if layout.build_of(key) != keep_build_id]
        for prefix in (layout.CATALOGUES, layout.MARTS)
    ]
    if not _is_published(store, keep_build_id):
        raise BuildNotPublishedError(
            f"Build {keep_build_id} is not the published one, so nothing was removed: run `farthing build` first."
        )
    for keys in stale:
        check()
        store.delete(keys)
    return sum(map(len, stale))


def _delete_of(store: ObjectStore, prefix: str, account_ids: frozenset[str]) -> int:
    keys = [key for key in store.keys(prefix) if layout.account_of(key) in account_ids]
    store.delete(keys)
    return len(keys)


def _rewrite_without(store: ObjectStore, key: str, account_ids: frozenset[str]) -> int:
    """Take accounts' rows out of a landing file, or remove it with its last row; returns how many rows are left."""
    table = get_table(store, key)
    left = table.filter(~pl.col("account_id").is_in(account_ids).fill_null(value=False))
    if len(left):
        put_table(store, key, left)
    else:
        store.delete([key])
    return len(left)


def _is_published(store: ObjectStore, build_id: str) -> bool:
    try:
        return store.get(layout.catalogue_key(build_id)) == store.get(layout.CATALOGUE)
    except FileNotFoundError:
        return False
