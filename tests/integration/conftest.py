"""The servers that integration tests share."""

from collections.abc import Iterator

import pytest

from farthing.settings import Settings
from farthing.stack.postgres import running_postgres
from tests.s3 import running_s3


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Postgres and give its address; its one database is empty at first."""
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture(scope="session")
def s3_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Run the embedded S3 server, whose objects are plain files in ``<home>/s3``; name a bucket with ``lake_url``."""
    with running_s3(tmp_path_factory.mktemp("s3")) as (settings, _):
        yield settings
