"""How soon a person sees something: notebooks in a browser over a made-up lake, held against a page without figures.

``python -m bench.notebooks [PURCHASES [ROUNDS]]`` prints how many seconds it takes until the figures of ``home`` are
painted, for a browser that was never here and for one that was, until its cells are live, and until the amounts that
only a changed filter of ``spending`` gives are drawn: the first of them, and the last, above the rows; and how many
megabytes a view is sent. A plain page of the same server, timed in the same run, tells how much of it is the machine's,
and so does the processor time that the server spent on a change.
"""

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from farthing.explore.books import Books, open_books
from farthing.explore.money import format_money
from farthing.explore.periods import Period, parse_period
from farthing.explore.queries import condition
from farthing.explore.views import View
from farthing.settings import Settings
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.sent import Sent
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
# From the choice until an amount that only it can give is drawn, first in the figures, then above the rows; all in the
# page, so that no messenger counts.
_CHANGED = """([period, amount]) => {
  const roots = [document];
  for (const root of roots)
    for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot);
  const select = roots.flatMap(root => [...root.querySelectorAll("select")])
    .find(each => [...each.options].some(option => option.text === period));
  const begun = performance.now();
  const shown = selector => new Promise(done => {
    const look = () => document.querySelector(selector)?.textContent.startsWith(amount)
      ? requestAnimationFrame(() => setTimeout(() => done((performance.now() - begun) / 1000)))
      : setTimeout(look, 2);
    look();
  });
  select.value = [...select.options].find(option => option.text === period).value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return Promise.all([shown("#root .f-card strong"), shown("#root h2.f-money")]);
}"""


class Visit:
    """One page of a browser, and the bytes that it is sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._sent = Sent(page)

    @property
    def megabytes(self) -> float:
        """What it was sent until now."""
        return self._sent.bytes / 1e6

    def painted(self, url: str, selector: str) -> float:
        """Open a page, and give the seconds until something of it is drawn."""
        self.page.goto(url, wait_until="commit", timeout=WAIT)
        return float(self.page.evaluate(_PAINTED, selector))


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The web app in a process of its own."""

    url: str
    pid: int

    def processor_seconds(self) -> float:
        """Give the processor time that it has spent since it began."""
        spent = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def spent_in(books: Books, period: str) -> str:
    """Write the amount that ``spending`` shows for a period."""
    today = datetime.now(UTC).date()
    whole = books.bounds() if period == "everything" else None
    days = Period(first=whole[0], last=whole[1]) if whole else parse_period(period, today=today)
    where = condition(View(), days, currency="EUR", also=["category_kind = 'spending'"])
    spent = where.query("select -sum(amount) from marts.fct_transactions where {where}").run(books.connection)
    return format_money(spent.item(), "EUR", locale=books.locales().for_all("EUR"))


def measure(browser: Browser, server: Server, amounts: Mapping[str, str]) -> dict[str, list[float]]:
    """Look at pages as a new visitor and again as one who comes back.

    :param amounts: what shows once the filter is set to a period.
    """
    url, found = server.url, defaultdict[str, list[float]](list)
    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": 1200, "height": 1400})
        for who in ("new", "back"):
            plain = Visit(context.new_page())
            found[f"plain page, {who}"].append(plain.painted(f"{url}/docs", "h1"))
            plain.page.close()
            home = Visit(context.new_page())
            found[f"home painted, {who}"].append(home.painted(f"{url}/notebooks/home/", ".f-card strong"))
            found[f"home live, {who}"].append(float(home.page.evaluate(_PAINTED, "#root .f-card strong")))
            home.page.wait_for_timeout(1_000)
            found[f"home megabytes, {who}"].append(home.megabytes)
            home.page.close()
        straight = Visit(browser.new_page(viewport={"width": 1200, "height": 1400}))
        found["spending live, new"].append(straight.painted(f"{url}/notebooks/spending/", "#root marimo-table"))
        straight.page.wait_for_timeout(2_000)
        found["spending megabytes, new"].append(straight.megabytes)
        straight.page.context.close()
        spending = Visit(context.new_page())
        found["spending live, back"].append(spending.painted(f"{url}/notebooks/spending/", "#root marimo-table"))
        spending.page.wait_for_timeout(2_000)
        found["spending megabytes, back"].append(spending.megabytes)
        for period, amount in (*amounts.items(),) * 3:
            sent, processed = spending.megabytes, server.processor_seconds()
            figure, rows = spending.page.evaluate(_CHANGED, [period, amount])
            found["filter, first amount"].append(figure)
            found["filter, last amount"].append(rows)
            spending.page.wait_for_timeout(1_500)
            found["filter, server's processor"].append(server.processor_seconds() - processed)
            found["filter megabytes"].append(spending.megabytes - sent)
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
        books = open_books(settings)
        amounts = {period: spent_in(books, period) for period in ("last year", "everything", "year to date")}
        print(f"copied to this machine in {time.perf_counter() - begun:.1f} s; load {os.getloadavg()[0]:.1f}")
        with serving(settings) as url:
            [pid] = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            server = Server(url=url, pid=int(pid))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                found = measure(browser, server, amounts)
                browser.close()
    for name, values in found.items():
        print(f"{name:28} {median(values):8.2f}   (least {min(values):.2f}, most {max(values):.2f})")
    print(f"targets: painted {PAINT} s, filter {CHANGE} s, sent {SENT} MB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
