"""Processes that are started together, watched, and stopped together."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import httpx

from farthing.errors import StackError

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One server: how to start it, and the address that answers when it is ready (none: at once)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    port: int | None = None
    ready_url: str | None = None
    port_setting: str | None = None
    patience_seconds: float = 90.0


class Supervisor:
    """Starts services, each with a log file of its own, and stops in reverse order whatever it started."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._running: list[tuple[Service, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def start(self, service: Service) -> None:
        """Start a service without waiting for it.

        :raises StackError: if its port is taken or its program or log cannot be opened.
        """
        if service.port is not None and _is_taken(service.port):
            raise StackError(
                f"Port {service.port}, which {service.name} wants, is taken: stop what listens there "
                f"(another `farthing up`?), or choose another with {service.port_setting}."
            )
        try:
            self._log_dir.mkdir(parents=True, exist_ok=True)
            with self.log_of(service).open("ab") as log:
                # A session of its own: Ctrl-C reaches us alone, and we stop the servers in order.
                process = subprocess.Popen(
                    service.command,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, **service.environment},
                    start_new_session=True,
                )
        except OSError as exc:
            raise StackError(
                f"{service.name} cannot be started ({exc.strerror}): is {self._log_dir.parent} writable? "
                "FARTHING_HOME names another folder."
            ) from exc
        self._running.append((service, process))

    def wait_ready(self, service: Service) -> None:
        """Wait until a started service answers.

        :raises StackError: if it stops or stays silent; the message names its log.
        """
        process = next(process for running, process in self._running if running is service)
        deadline = time.monotonic() + service.patience_seconds
        while not _answers(service.ready_url):
            if process.poll() is not None:
                raise StackError(f"{service.name} stopped while starting: the reason is in {self.log_of(service)}.")
            if time.monotonic() > deadline:
                raise StackError(f"{service.name} does not answer: its log is {self.log_of(service)}.")
            time.sleep(_POLL_SECONDS)

    def wait(self) -> NoReturn:
        """Watch for as long as nothing interrupts.

        :raises StackError: if a service stops by itself.
        """
        while True:
            for service, process in self._running:
                if process.poll() is not None:
                    raise StackError(f"{service.name} stopped: the reason is in {self.log_of(service)}.")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop everything started here, last first, and wait until it is gone."""
        stopping, self._running = self._running[::-1], []
        for _, process in stopping:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        for _, process in stopping:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
            _signal_group(process, signal.SIGKILL)  # children that outlived their parent

    def log_of(self, service: Service) -> Path:
        """Where a service writes."""
        return self._log_dir / f"{service.name.lower().replace(' ', '-')}.log"


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _answers(url: str | None) -> bool:
    if url is None:
        return True
    try:
        return httpx.get(url, timeout=1).status_code < 500
    except httpx.HTTPError:
        return False


def _signal_group(process: subprocess.Popen[bytes], signum: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)
