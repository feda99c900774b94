"""Serve the sandbox bank on this machine."""

import ipaddress
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.errors import ConfigurationError
from farthing.sandbox.admin import create_admin
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.sandbox.scenario import Scenario

STATE_FILE = "sandbox-bank.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What to serve, and where.

    :ivar listen_anywhere: another host than the loopback is meant.
    :ivar admin_port: of the admin API, on the loopback whatever the host; None leaves it out.
    :ivar home: folder of the state file.
    """

    secret_id: str
    secret_key: SecretStr
    home: Path
    port: int
    host: str = "127.0.0.1"
    listen_anywhere: bool = False
    admin_port: int | None = None
    scenario: Path | None = None
    seed: int = 7


def serve(wanted: Serving, *, clock: Callable[[], datetime], told: Callable[[str], None]) -> None:
    """Serve until stopped.

    :param told: takes a line for whoever started it.
    :raises ConfigurationError: if the address, a port, the scenario or the state file is no good.
    """
    check_host(wanted.host, listen_anywhere=wanted.listen_anywhere)
    scenario = Scenario.read(wanted.scenario) if wanted.scenario else None
    bank = Bank(
        secret_id=wanted.secret_id,
        secret_key=wanted.secret_key.get_secret_value(),
        clock=clock,
        state_file=wanted.home / STATE_FILE,
        seed=wanted.seed,
    )
    before_each = (lambda: scenario.play(bank)) if scenario else (lambda: None)
    apps: dict[int, ASGIApp] = {wanted.port: create_app(bank, before_each=before_each)}
    sockets = [_listen(wanted.host, wanted.port)]
    if wanted.admin_port is not None:
        apps[wanted.admin_port] = create_admin(bank)
        sockets.append(_listen("127.0.0.1", wanted.admin_port))
    told(f"The sandbox bank is at {_address(wanted.host, wanted.port)}/api/v2/; Ctrl-C ends it.")
    if wanted.admin_port is not None:
        told(f"Its admin API is at {_address('127.0.0.1', wanted.admin_port)}/.")
    config = uvicorn.Config(by_port(apps), access_log=False, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=sockets)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_host(host: str, *, listen_anywhere: bool) -> None:
    """Refuse to be reached by others, unless that is meant.

    :raises ConfigurationError: if it is not.
    """
    if not listen_anywhere and not is_loopback(host):
        raise ConfigurationError(
            f"{host} is not this machine's loopback: whoever reaches it could use this bank. "
            "Add --listen-anywhere if that is meant."
        )


def is_loopback(host: str) -> bool:
    """Say whether an address reaches this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def by_port(apps: Mapping[int, ASGIApp]) -> ASGIApp:
    """Join applications into one that answers each port as its own does."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return dispatch


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigurationError(f"{host}:{port} cannot be listened on: {error.strerror}.") from None
