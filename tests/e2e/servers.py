"""Servers of ours in processes of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

OURS = ("FARTHING_", "SANDBOX_", "PREFECT_")


@contextmanager
def running(
    module: str, *arguments: str, environment: dict[str, str], ready_url: str, log: Path | None = None
) -> Iterator[None]:
    """Run a server of ours, with none of the settings of whoever runs the tests, until the block ends.

    :param log: gets all that the server writes, which is shown in the end.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", module, *arguments]
    with log.open("wb") if log else nullcontext() as written:
        server = subprocess.Popen(command, env=clean | environment, stdout=written, stderr=written)
        try:
            _wait_until_ready(ready_url, server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)
            if log:
                sys.stderr.write(log.read_text())


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(900):  # a busy machine takes its time
        if server.poll() is not None:
            pytest.fail("the server did not start")
        try:
            with urlopen(url, timeout=2):
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail("the server did not answer in time")
