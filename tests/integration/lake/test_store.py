"""The object store on the embedded S3 server."""

import pytest

from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings

pytestmark = pytest.mark.integration


@pytest.fixture(params=["s3://store", "s3://store/in/a/folder"])
def store(request: pytest.FixtureRequest, s3_settings: Settings) -> ObjectStore:
    store = open_store(s3_settings.model_copy(update={"lake_url": request.param}))
    store.prepare()
    return store


def test_removes_what_is_named_and_nothing_else(store: ObjectStore) -> None:
    names = ["a/1", "a/[1]", "a/*", "a/b c/%2F…", "a/2"]
    for name in names:
        store.put(name, b"")

    store.delete(["a/*", "a/[1]", "a/b c/%2F…", "a/none", "none/1"])
    assert store.keys("a/") == ["a/1", "a/2"]

    store.delete([f"a/{number}" for number in range(2_500)])  # more than one request may name
    store.delete([])
    assert store.keys("a/") == []
