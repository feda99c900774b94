"""The embedded S3 server, for tests."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from farthing.settings import Settings
from farthing.stack import services
from farthing.stack.supervisor import Supervisor


@contextmanager
def running_s3(home: Path) -> Iterator[tuple[Settings, Callable[[], None]]]:
    """Run the server, whose objects are plain files in ``<home>/s3``, and give its settings and what stops it.

    A bucket is named by ``lake_url``.
    """
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
        yield settings, supervisor.stop
