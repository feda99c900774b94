"""The object store: whole bytes in one put, on S3 or in a local folder."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import batched
from pathlib import Path
from typing import Any

import fsspec
from botocore.exceptions import BotoCoreError, ClientError

from farthing.errors import ConfigurationError, ServiceDownError
from farthing.lake.layout import LEFTOVER
from farthing.settings import Settings

_DELETED_AT_ONCE = 1000  # what S3 takes in one request


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object in a listing: its key, its size, and when the store took it, by the store's own clock."""

    key: str
    size_bytes: int
    modified_at: datetime


class ObjectStore:
    """The lake's objects by key, relative to ``FARTHING_LAKE_URL``."""

    def __init__(self, url: str, filesystem: fsspec.AbstractFileSystem) -> None:
        self.url = url
        self._fs = filesystem
        self._root = url.split("://", 1)[1].rstrip("/")

    def put(self, key: str, content: bytes) -> None:
        """Store an object whole; one of the same key is replaced at once or not at all."""
        path = f"{self._root}/{key}"
        with self._reporting():
            if self.url.startswith("file://"):
                _replace_file(Path(path), content)
            else:
                self._fs.pipe_file(path, content)

    def get(self, key: str) -> bytes:
        """Read an object whole.

        :raises FileNotFoundError: if there is none of that key.
        """
        with self._reporting():
            content = self._fs.cat_file(f"{self._root}/{key}")
        assert isinstance(content, bytes)  # noqa: S101 - fsspec is untyped; one path gives bytes
        return content

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Read objects whole, many at a time where the store allows; one that is gone meanwhile is left out."""
        if not keys:
            return {}
        paths = {f"{self._root}/{key}": key for key in keys}
        with self._reporting():
            found = self._fs.cat(list(paths), on_error="return")
            for answer in found.values():
                if isinstance(answer, Exception) and not isinstance(answer, FileNotFoundError):
                    raise answer
        return {paths[path]: content for path, content in found.items() if isinstance(content, bytes)}

    def get_all(self, keys: Sequence[str]) -> list[bytes]:
        """Read objects whole, many at a time where the store allows, and return them in the order of the keys.

        :raises FileNotFoundError: if one is not there.
        """
        found = self.get_many(keys)
        if missing := set(keys) - found.keys():
            raise FileNotFoundError(min(missing))
        return [found[key] for key in keys]

    def download(self, key: str, file: Path) -> None:
        """Copy an object to a local file, in pieces.

        :raises FileNotFoundError: if there is none of that key.
        """
        with self._reporting():
            self._fs.get_file(f"{self._root}/{key}", str(file))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is gone already is no error.

        :raises ConfigurationError: if the store refuses to remove one; others may be gone by then.
        """
        with self._reporting():
            if self.url.startswith("file://"):
                for key in keys:
                    _remove_file(Path(self._root), key)
            else:
                for batch in batched(keys, _DELETED_AT_ONCE):
                    self._delete_batch(batch)

    def exists(self, key: str) -> bool:
        """Whether there is an object of that key now."""
        with self._reporting():
            self._fs.invalidate_cache()
            return bool(self._fs.exists(f"{self._root}/{key}"))

    def keys(self, prefix: str) -> list[str]:
        """List the keys under a prefix that ends with a slash, sorted."""
        return [found.key for found in self.objects(prefix)]

    def objects(self, prefix: str) -> list[StoredObject]:
        """List the objects under a prefix that ends with a slash, sorted by key."""
        with self._reporting():
            self._fs.invalidate_cache()
            found = self._fs.find(f"{self._root}/{prefix.rstrip('/')}", detail=True)
        objects = [
            StoredObject(
                key=str(path).removeprefix(f"{self._root}/"), size_bytes=info["size"], modified_at=_modified_at(info)
            )
            for path, info in found.items()
            # s3fs looks again where it found nothing, and gives a folder for what another process has put there since.
            if info["type"] == "file"
        ]
        return sorted(objects, key=lambda each: each.key)

    def days(self, prefix: str) -> list[date]:
        """List the days that have a ``date=`` folder under a prefix, sorted."""
        with self._reporting():
            self._fs.invalidate_cache()
            try:
                names = [str(path).rsplit("/", 1)[-1] for path in self._fs.ls(f"{self._root}/{prefix}", detail=False)]
            except FileNotFoundError:
                return []
        return sorted(date.fromisoformat(name[5:]) for name in names if name.startswith("date="))

    def prepare(self) -> None:
        """Make the bucket or folder if it is not there, and prove that the store answers."""
        with self._reporting():
            bucket = self._root.split("/", 1)[0] if self.url.startswith("s3://") else self._root
            if not self._fs.exists(bucket):
                self._fs.mkdir(bucket)

    def _delete_batch(self, keys: Iterable[str]) -> None:
        # Not s3fs's own rm: that takes brackets and stars in a key for patterns, and keeps refusals to itself.
        bucket, _, folder = self._root.partition("/")
        objects = [{"Key": f"{folder}/{key}" if folder else key} for key in keys]
        answer = self._fs.call_s3("delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        if refused := answer.get("Errors"):
            codes = ", ".join(sorted({error.get("Code", "unknown") for error in refused}))
            raise ConfigurationError(
                f"The lake at {self.url} refuses to remove {len(refused)} objects ({codes}): "
                "allow its key to delete objects, then run this again."
            )

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn what a store that is down says into one sentence; a missing object stays what it is."""
        try:
            yield
        except FileNotFoundError:
            raise
        except (OSError, BotoCoreError, ClientError) as exc:
            raise ServiceDownError(
                f"The lake at {self.url} does not answer ({type(exc).__name__}): start it with `farthing up`, "
                "or correct FARTHING_LAKE_URL and the FARTHING_S3_… settings."
            ) from exc


def open_store(settings: Settings) -> ObjectStore:
    """Open the lake that the settings name; no connection is made yet."""
    if settings.lake_url.startswith("file://"):
        return ObjectStore(settings.lake_url, fsspec.filesystem("file", auto_mkdir=True))
    filesystem = fsspec.filesystem(
        "s3",
        key=settings.s3_access_key_id and settings.s3_access_key_id.get_secret_value(),
        secret=settings.s3_secret_access_key and settings.s3_secret_access_key.get_secret_value(),
        endpoint_url=settings.s3_endpoint,
        client_kwargs={"region_name": settings.s3_region},
        config_kwargs={"connect_timeout": 3, "read_timeout": 60, "retries": {"max_attempts": 2}},
        use_listings_cache=False,
    )
    return ObjectStore(settings.lake_url, filesystem)


def open_folder(folder: Path) -> ObjectStore:
    """Open a store in a folder of this machine, which need not be there yet."""
    return ObjectStore(f"file://{folder.absolute()}", fsspec.filesystem("file", auto_mkdir=True))


def _modified_at(info: Mapping[str, Any]) -> datetime:
    """Read an object's time from what fsspec says of it: S3 and a folder name it differently."""
    modified = info.get("LastModified")
    return modified if isinstance(modified, datetime) else datetime.fromtimestamp(info["mtime"], UTC)


def _replace_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, written = tempfile.mkstemp(dir=path.parent, prefix=LEFTOVER)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(written).replace(path)


def _remove_file(root: Path, key: str) -> None:
    path = root / key
    path.unlink(missing_ok=True)
    # Object stores have no folders, and the names of ours can tell of whom they held something.
    for folder in path.parents:
        if folder == root or not _is_removed(folder):
            break


def _is_removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:  # it still holds something
        return False
    return True
