"""A sync that is started from home, followed until it is over."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from farthing.settings import Settings
from tests.e2e.conftest import needs_chromium
from tests.e2e.serving import OPENS, TODAY, serving
from tests.made_up_lake import make_lake

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]


class Prefect(ThreadingHTTPServer):
    """As much of Prefect's API as a page asks; the run goes on when it is told to."""

    state = "PENDING"
    started = 0


class Answers(BaseHTTPRequestHandler):
    server: Prefect

    def do_GET(self) -> None:
        known = {"state_type": self.server.state, "state_name": self.server.state.capitalize(), "id": "deployment-1"}
        self._answer(known)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.started += 1
        self._answer({"id": "run-1"})

    def _answer(self, body: dict[str, str]) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def prefect() -> Iterator[Prefect]:
    with Prefect(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("end", "words"), [("COMPLETED", "The sync is done"), ("FAILED", "The sync failed")])
def test_is_followed_live(page: Page, tmp_path: Path, prefect: Prefect, end: str, words: str) -> None:
    url = f"http://127.0.0.1:{prefect.server_address[1]}/api"
    settings = Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home", prefect_api_url=url)
    make_lake(settings, today=TODAY, purchases=50, months=4)
    with serving(settings) as served:
        page.goto(f"{served}/notebooks/home/")
        page.get_by_role("button", name="Sync now").click(timeout=OPENS)
        expect(page.get_by_text("The sync is pending")).to_be_visible(timeout=OPENS)
        prefect.state = "RUNNING"
        expect(page.get_by_text("The sync is running")).to_be_visible()
        prefect.state = end
        expect(page.get_by_text(words)).to_be_visible()
        assert prefect.started == 1
