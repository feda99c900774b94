"""Ports for an embedded stack of a test's own."""

import socket
from contextlib import ExitStack


def free_ports() -> dict[str, str]:
    """Choose a free port for each server, as settings."""
    with ExitStack() as stack:
        ports = {}
        for name in ("WEB", "PREFECT", "S3", "SANDBOX", "SANDBOX_ADMIN"):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports[f"FARTHING_{name}_PORT"] = str(probe.getsockname()[1])
    return ports
