"""A sandbox bank in a process of its own, as people run it, with its admin API."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

SECRET_ID, SECRET_KEY = "client-id", "client-key"
REDIRECT = "http://127.0.0.1:9/back"


@dataclass(frozen=True, slots=True)
class Served:
    """Where the bank is, and a browser that shows redirects."""

    url: str
    admin: str
    browser: httpx.Client

    def act(self, action: str, **fields: object) -> None:
        """Make something happen at the bank."""
        self.browser.post(f"{self.admin}/actions", json={"action": action, **fields}).raise_for_status()

    def consent(self, link: str) -> str:
        """Go through the consent pages as a person does; gives where the browser is sent."""
        assert self.browser.get(link).status_code == 200
        for decision in ("continue", "continue"):
            assert self.browser.post(link, data={"decision": decision, "user": "3", "code": "x"}).status_code == 200
        return self.browser.post(link, data={"decision": "authorise"}).headers["location"]


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run the bank until the tests are done."""
    home: Path = tmp_path_factory.mktemp("sandbox")
    port, admin = _free_ports()
    arguments = ["--port", str(port), "--admin-port", str(admin), "--home", str(home)]
    secrets = {"SANDBOX_SECRET_ID": SECRET_ID, "SANDBOX_SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "-m", "farthing.sandbox", *arguments]
    process = subprocess.Popen(command, env=os.environ | secrets, stdout=subprocess.PIPE, text=True)
    transport = httpx.HTTPTransport(retries=8)  # until it listens
    try:
        with httpx.Client(transport=transport, timeout=60) as browser:
            browser.get(f"http://127.0.0.1:{admin}/state").raise_for_status()
            assert process.stdout
            said = [process.stdout.readline().split(";")[0].strip() for _ in range(2)]
            url, admin_url = f"http://127.0.0.1:{port}/api/v2", f"http://127.0.0.1:{admin}"
            assert said == [f"The sandbox bank is at {url}/", f"Its admin API is at {admin_url}/."]
            yield Served(url, admin_url, browser)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]
