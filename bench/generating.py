"""How fast the sandbox bank makes entries up and writes them as raw answers, held against writing finished ones.

Run it on a machine that does nothing else: ``python bench/generating.py [HOUSEHOLDS] [BANK …]``. The figures are those
of one core, in processor time. The baseline writes the finished answers with Python's own :mod:`json`, which any server
that makes nothing up has to do at least: the ratio holds on any machine. Beside these it says how many milliseconds a
server takes to answer about a household's account: for the last 90 days, which are the first that anyone asks for, and
for 90 days before them.
"""

import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is there: a core's figures

import fsspec

from farthing.lake.store import ObjectStore
from farthing.provider import Endpoint
from farthing.sandbox.answers import answers
from farthing.sandbox.books import Books
from farthing.sandbox.documents import array, to_json
from farthing.sandbox.institutions import BANKS, Institution
from farthing.sandbox.raw import write_answers
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
FIRST = NOW.date() - timedelta(days=730)
TARGET = 200_000


def told(bank: Institution, households: int) -> tuple[int, float]:
    """Make answers; returns the number of entries and the seconds."""
    started = time.process_time()
    made = answers(Books((), seed=7), bank, range(households), first=FIRST, at=NOW)
    return sum(each.entries for each in made), time.process_time() - started


def stored(bank: Institution, households: int, folder: Path) -> float:
    """Make answers and store them as a sync does, gzipped in their envelopes; returns the seconds."""
    store = ObjectStore(f"file://{folder}", fsspec.filesystem("file"))
    started = time.process_time()
    sum(write_answers(
        store, Books((), seed=7), [bank], households=households, asked_at=NOW, endpoints=[Endpoint.TRANSACTIONS]
    ))  # fmt: skip
    return time.process_time() - started


def served(bank: Institution) -> tuple[float, float]:
    """Ask for two windows of some households, one by one; returns the medians of both in milliseconds."""
    books, today, window = Books((), seed=7), NOW.date(), timedelta(days=89)
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(1, 10):
        for last, spent in zip((today, today - 2 * window), seconds, strict=True):
            started = time.process_time()
            account = books.accounts(bank.key, user=str(number))[0]
            _, ledger = books.of(account.key)
            told = Statement(account=account, ledger=ledger, bank=bank, befallen=BankAccount(), today=today)
            lists = {"booked": array(told.booked(last - window, last, undated=False))}
            to_json({"transactions": lists | ({"pending": array(told.pending())} if last == today else {})})
            spent.append(time.process_time() - started)
    first, later = (1000 * median(spent) for spent in seconds)
    return first, later


def finished(bank: Institution, households: int) -> float:
    """Write finished answers with Python's own JSON; returns the seconds."""
    seconds = 0.0
    for each in answers(Books((), seed=7), bank, range(households), first=FIRST, at=NOW):
        document = json.loads(each.transactions)
        started = time.process_time()
        json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        seconds += time.process_time() - started
    return seconds


def main() -> None:
    """Measure some banks, and all of them together."""
    # All is deleted in the end only: ext4 looks long for room to put a file where others have just been deleted.
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder))


def _measure(folder: Path) -> None:
    households = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    wanted = sys.argv[2:]
    banks = [bank for bank in BANKS[3:] if not wanted or bank.key.startswith(tuple(wanted))]
    total, seconds, baseline, raw = 0, 0.0, 0.0, 0.0
    print(f"{'bank':24}{'entries':>10}{'made/s':>11}{'stored/s':>11}{'of baseline':>13}{'served, ms':>14}")
    for bank in banks:
        told(bank, 1)  # what is made once
        entries, spent = told(bank, households)
        plain, written = finished(bank, households), stored(bank, households, folder)
        first, later = served(bank)
        print(
            f"{bank.name:24}{entries:>10,}{entries / spent:>11,.0f}{entries / written:>11,.0f}"
            f"{plain / written:>13.2f}{first:>8.0f}, {later:>4.0f}"
        )
        total, seconds, baseline, raw = total + entries, seconds + spent, baseline + plain, raw + written
    print(f"{'all':24}{total:>10,}{total / seconds:>11,.0f}{total / raw:>11,.0f}{baseline / raw:>13.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Target: {TARGET:,} entries/s a core, stored. Peak of memory: {peak:,.0f} MiB.")


if __name__ == "__main__":
    main()
