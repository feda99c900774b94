"""The servers that integration tests share."""

import socket
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from farthing.settings import Settings
from farthing.stack import services
from farthing.stack.postgres import running_postgres
from farthing.stack.supervisor import Supervisor


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Postgres and give its address; its one database is empty at first."""
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture(scope="session")
def s3_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Run the embedded S3 server, whose objects are plain files in ``<home>/s3``; name a bucket with ``lake_url``."""
    home = tmp_path_factory.mktemp("s3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = Settings(
        home=home,
        s3_port=port,
        s3_endpoint=f"http://127.0.0.1:{port}",
        s3_access_key_id=SecretStr("farthing"),
        s3_secret_access_key=SecretStr("only-for-tests"),
    )
    with Supervisor(home / "logs") as supervisor:
        supervisor.start(service := services.s3(settings))
        supervisor.wait_ready(service)
        yield settings
