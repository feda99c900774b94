"""The data dictionary: one page on every model and column, made by a build and kept beside what it publishes."""

import gzip

from farthing.lake import layout
from farthing.lake.store import ObjectStore


def has_dictionary(store: ObjectStore, *, models: str) -> bool:
    """Whether the page that is kept describes these models.

    :param models: digest of the models, as in :class:`~farthing.lake.inputs.Inputs`.
    """
    return store.exists(layout.dictionary_key(models))


def keep_dictionary(store: ObjectStore, page: bytes, *, models: str) -> None:
    """Keep a page of HTML in place of the one before it."""
    key = layout.dictionary_key(models)
    store.put(key, gzip.compress(page, mtime=0))
    store.delete(other for other in store.keys(layout.DICTIONARIES) if other != key)


def read_dictionary(store: ObjectStore) -> bytes | None:
    """Read the page as gzip packed it; null if no build has made one."""
    pages = [key for key in store.keys(layout.DICTIONARIES) if not layout.is_leftover(key)]
    return next(iter(store.get_many(pages).values()), None)
