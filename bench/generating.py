"""How fast the sandbox bank makes entries up and writes them as raw answers, held against writing finished ones.

Run it on a machine that does nothing else: ``python bench/generating.py [HOUSEHOLDS] [BANK …]``. The figures are those
of one core, in processor time. The baseline writes the finished answers with Python's own :mod:`json`, which any server
that makes nothing up has to do at least: the ratio holds on any machine.
"""

import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is there: a core's figures

import fsspec

from farthing.lake.store import ObjectStore
from farthing.provider import Endpoint
from farthing.sandbox.answers import answers
from farthing.sandbox.books import Books
from farthing.sandbox.institutions import BANKS, Institution
from farthing.sandbox.raw import write_answers

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
FIRST = NOW.date() - timedelta(days=730)
TARGET = 200_000


def told(bank: Institution, households: int) -> tuple[int, float]:
    """Make answers; returns the number of entries and the seconds."""
    started = time.process_time()
    made = answers(Books((), seed=7), bank, range(households), first=FIRST, at=NOW)
    return sum(each.entries for each in made), time.process_time() - started


def stored(bank: Institution, households: int) -> float:
    """Make answers and store them as a sync does, gzipped in their envelopes; returns the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        store = ObjectStore(f"file://{Path(folder)}", fsspec.filesystem("file"))
        started = time.process_time()
        sum(write_answers(
            store, Books((), seed=7), [bank], households=households, asked_at=NOW, endpoints=[Endpoint.TRANSACTIONS]
        ))  # fmt: skip
        return time.process_time() - started


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
    households = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    wanted = sys.argv[2:]
    banks = [bank for bank in BANKS[3:] if not wanted or bank.key.startswith(tuple(wanted))]
    total, seconds, baseline, raw = 0, 0.0, 0.0, 0.0
    print(f"{'bank':24}{'entries':>10}{'made/s':>11}{'stored/s':>11}{'of baseline':>13}")
    for bank in banks:
        told(bank, 1)  # what is made once
        entries, spent = told(bank, households)
        plain, written = finished(bank, households), stored(bank, households)
        print(
            f"{bank.name:24}{entries:>10,}{entries / spent:>11,.0f}{entries / written:>11,.0f}{plain / written:>13.2f}"
        )
        total, seconds, baseline, raw = total + entries, seconds + spent, baseline + plain, raw + written
    print(f"{'all':24}{total:>10,}{total / seconds:>11,.0f}{total / raw:>11,.0f}{baseline / raw:>13.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Target: {TARGET:,} entries/s a core, stored. Peak of memory: {peak:,.0f} MiB.")


if __name__ == "__main__":
    main()
