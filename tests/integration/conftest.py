"""The servers that integration tests share."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

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


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """Run moto's S3 server, a second implementation, and give its address.

    Its buckets are one set in the process, however many servers are started: each test names its own.
    """
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
