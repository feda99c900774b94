"""How soon a person sees something: notebooks in a browser over a made-up lake, held against a page without figures.

``python -m bench.notebooks [PURCHASES [ROUNDS]]`` prints how many seconds it takes until the figures of ``home`` are
painted, for a browser that was never here and for one that was, until its cells are live, and until a changed filter
of ``spending`` shows; and how many megabytes a view is sent. A plain page of the same server, timed in the same run,
tells how much of it is the machine's.
"""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from farthing.explore.books import open_books
from farthing.settings import Settings
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.serving import serving
from tests.made_up_lake import make_lake

PURCHASES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
WAIT = 120_000  # milliseconds
LARGE = 1_000_000  # from here on the targets of large books hold
PAINT, CHANGE, SENT = (5.0, 1.0, 2.0) if PURCHASES >= LARGE else (2.5, 0.4, 2.0)  # seconds, seconds, megabytes

# When the words are in the page and a frame with them has been drawn.
_PAINTED = """selector => new Promise(done => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now() / 1000)))
    : setTimeout(look, 5);
  look();
})"""
# From the choice until the words that follow from it are drawn, both in the page, so that no messenger counts.
_CHANGED = """([period, words]) => new Promise(done => {
  const all = () => [...document.querySelectorAll("#root .f-card span")].map(each => each.textContent).join();
  const roots = [document];
  for (const root of roots)
    for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot);
  const select = roots.flatMap(root => [...root.querySelectorAll("select")])
    .find(each => [...each.options].some(option => option.text === period));
  const begun = performance.now();
  select.value = [...select.options].find(option => option.text === period).value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  const look = () => all().includes(words)
    ? requestAnimationFrame(() => setTimeout(() => done((performance.now() - begun) / 1000)))
    : setTimeout(look, 2);
  look();
})"""


class Visit:
    """One page of a browser, and the bytes that it is sent, over HTTP and over its websocket."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent = 0
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: self._count(int(event["encodedDataLength"])))
        network.on("Network.webSocketFrameReceived", lambda event: self._count(len(event["response"]["payloadData"])))

    def _count(self, size: int) -> None:
        self.sent += size

    def painted(self, url: str, selector: str) -> float:
        """Open a page, and give the seconds until something of it is drawn."""
        self.page.goto(url, wait_until="commit", timeout=WAIT)
        return float(self.page.evaluate(_PAINTED, selector))


def measure(browser: Browser, url: str) -> dict[str, list[float]]:
    """Look at pages as a new visitor and again as one who comes back."""
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": 1200, "height": 1400})
        for who in ("new", "back"):
            plain = Visit(context.new_page())
            note(f"plain page, {who}", plain.painted(f"{url}/docs", "h1"))
            plain.page.close()
            home = Visit(context.new_page())
            note(f"home painted, {who}", home.painted(f"{url}/notebooks/home/", ".f-card strong"))
            note(f"home live, {who}", float(home.page.evaluate(_PAINTED, "#root .f-card strong")))
            home.page.wait_for_timeout(1_000)
            note(f"home megabytes, {who}", home.sent / 1e6)
            home.page.close()
        spending = Visit(context.new_page())
        spending.painted(f"{url}/notebooks/spending/", "#root marimo-table")
        spending.page.wait_for_timeout(2_000)
        note("spending megabytes, back", spending.sent / 1e6)
        for period, words in (("last year", f"Spent · {datetime.now(UTC).year - 1}"), ("everything", "Spent · ")) * 2:
            before = spending.sent
            note(f"filter to {period}", float(spending.page.evaluate(_CHANGED, [period, words])))
            spending.page.wait_for_timeout(1_500)
            note("filter megabytes", (spending.sent - before) / 1e6)
        context.close()
    return found


def main() -> None:
    """Make the lake, serve it, look at it, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(lake_url=f"file://{folder}/lake", home=Path(folder) / "home")
        begun = time.perf_counter()
        make_lake(settings, today=datetime.now(UTC).date(), purchases=PURCHASES)
        print(f"{PURCHASES:,} purchases made in {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        open_books(settings)
        print(f"copied to this machine in {time.perf_counter() - begun:.1f} s; load {os.getloadavg()[0]:.1f}")
        with serving(settings) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            found = measure(browser, url)
            browser.close()
    for name, values in found.items():
        print(f"{name:28} {median(values):8.2f}   (least {min(values):.2f}, most {max(values):.2f})")
    print(f"targets: painted {PAINT} s, filter {CHANGE} s, sent {SENT} MB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
