from datetime import date
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem

from farthing.errors import ConfigurationError, ServiceDownError
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings


@pytest.fixture
def store(empty_lake: Settings) -> ObjectStore:
    return open_store(empty_lake)


def folder(store: ObjectStore) -> Path:
    return Path(store.url.removeprefix("file://"))


def test_gives_back_the_bytes_that_were_put_last(store: ObjectStore) -> None:
    store.put("a/b", b"first")
    store.put("a/b", b"\x00\xff")

    assert store.get("a/b") == b"\x00\xff"
    assert store.exists("a/b")
    assert [path.name for path in folder(store).rglob("*") if path.is_file()] == ["b"]  # nothing half written


def test_lists_keys_below_a_prefix_in_order(store: ObjectStore) -> None:
    for key in ("a/2", "a/1/x", "ab/3"):
        store.put(key, b"")

    assert store.keys("a/") == ["a/1/x", "a/2"]
    assert store.keys("none/") == []


def test_lists_nothing_of_a_folder_that_appears_while_it_is_listed(tmp_path: Path) -> None:
    class Appearing(LocalFileSystem):  # type: ignore[misc]  # fsspec is untyped
        def find(self, path: str, **_how: object) -> dict[str, dict[str, object]]:
            return {path: {"name": path, "type": "directory", "size": 0, "StorageClass": "DIRECTORY"}}

    assert ObjectStore(f"s3://{tmp_path}", Appearing()).keys("a/") == []


def test_lists_the_days_below_a_prefix_in_order(store: ObjectStore) -> None:
    for key in ("a/date=2026-02-01/x", "a/date=2025-12-31/x", "a/schema.parquet"):
        store.put(key, b"")

    assert store.days("a/") == [date(2025, 12, 31), date(2026, 2, 1)]
    assert store.days("none/") == []


def test_tells_a_missing_object_from_a_store_that_is_down(store: ObjectStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.get("none")
    assert not store.exists("none")


def test_says_in_one_sentence_that_the_store_cannot_be_written(store: ObjectStore) -> None:
    folder(store).write_bytes(b"a file where the lake's folder should be")

    with pytest.raises(ServiceDownError, match="FARTHING_LAKE_URL"):
        store.put("a/b", b"")


def test_makes_the_lakes_folder_as_often_as_asked(store: ObjectStore) -> None:
    store.prepare()
    store.prepare()

    assert folder(store).is_dir()


def test_removes_objects_and_the_folders_that_held_nothing_else(store: ObjectStore) -> None:
    for key in ("a/b/c/1", "a/b/c/2", "a/3", "d/4"):
        store.put(key, b"")

    store.delete(["a/b/c/1", "d/4"])
    assert store.keys("a/") == ["a/3", "a/b/c/2"]
    store.delete(["a/b/c/2"])
    assert sorted(path.name for path in folder(store).rglob("*")) == ["3", "a"]


def test_is_quiet_about_objects_that_are_gone_already(store: ObjectStore) -> None:
    store.put("a/1", b"")

    store.delete(["a/1", "a/1", "none/2"])
    store.delete([])

    assert store.keys("a/") == []
    assert folder(store).is_dir()


def test_names_what_an_object_store_refuses_to_remove(empty_lake: Settings) -> None:
    class Refusing:
        """S3 as s3fs gives it: a refusal comes with a 200."""

        def call_s3(self, method: str, **request: object) -> dict[str, object]:
            assert (method, request["Bucket"]) == ("delete_objects", "bucket")
            return {"Errors": [{"Key": "lake/a/1", "Code": "AccessDenied", "Message": "No."}]}

    with pytest.raises(ConfigurationError, match=r"s3://bucket/lake refuses to remove 1 objects \(AccessDenied\)"):
        ObjectStore("s3://bucket/lake", Refusing()).delete(["a/1", "a/2"])
