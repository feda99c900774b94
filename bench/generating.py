"""How fast the sandbox bank makes entries up and writes them as answers, held against writing finished ones.

Run it on a machine that does nothing else: ``python bench/generating.py [HOUSEHOLDS] [BANK …]``. The figures are those
of one core, in processor time. The baseline writes the finished documents with Python's own :mod:`json`, which any
server that makes nothing up has to do at least: the ratio holds on any machine.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import fsspec

from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore
from farthing.provider import Answer, Ask, Endpoint
from farthing.sandbox.books import Books
from farthing.sandbox.institutions import BANKS, Institution
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement
from farthing.sandbox.wire import Document, to_json

TODAY = date(2026, 3, 18)
FIRST = TODAY - timedelta(days=730)
NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
TARGET = 200_000


def documents(books: Books, bank: Institution, households: int) -> Iterator[tuple[str, int, Document]]:
    """Make two years of each account of a bank, one account after the other."""
    for number in range(households):
        for account in books.accounts(bank.key, user=str(number)):
            ledger = books.of(account.key)[1]
            told = Statement(account=account, ledger=ledger, bank=bank, befallen=BankAccount(), today=TODAY)
            booked, pending = told.booked(FIRST, TODAY, undated=True), told.pending()
            count = len(booked) + len(pending)
            yield str(books.account_id(account)), count, {"transactions": {"booked": booked, "pending": pending}}


def generated(bank: Institution, households: int) -> tuple[int, float]:
    """Generate and write answers; returns the number of entries and the seconds."""
    entries, started = 0, time.process_time()
    for _, count, document in documents(Books((), seed=7), bank, households):
        to_json(document)
        entries += count
    return entries, time.process_time() - started


def finished(bank: Institution, households: int) -> float:
    """Write finished answers with Python's own JSON; returns the seconds."""
    seconds = 0.0
    for _, _, document in documents(Books((), seed=7), bank, households):
        started = time.process_time()
        json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        seconds += time.process_time() - started
    return seconds


def stored(bank: Institution, households: int) -> float:
    """Generate answers and store them as a sync does, gzipped in their envelopes; returns the seconds."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        store = ObjectStore(f"file://{Path(folder)}", fsspec.filesystem("file"))
        for account_id, _, document in documents(Books((), seed=7), bank, households):
            ask = Ask(endpoint=Endpoint.TRANSACTIONS, account_id=account_id, date_from=FIRST, date_to=TODAY)
            extract = make_extract(
                provider="gocardless", ask=ask, run_id=UUID(int=1), attempt=1, requested_at=NOW, version="bench"
            )
            path = f"accounts/{account_id}/transactions/"
            answer = Answer(
                method="GET", path=path, params={}, started_at=NOW, ended_at=NOW, status=200, body=to_json(document)
            )
            write_raw(store, extract, answer)
    return time.process_time() - started


def main() -> None:
    """Measure some banks, and all of them together."""
    households = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    wanted = sys.argv[2:]
    banks = [bank for bank in BANKS[3:] if not wanted or bank.key.startswith(tuple(wanted))]
    total, seconds, baseline, raw = 0, 0.0, 0.0, 0.0
    print(f"{'bank':24}{'entries':>10}{'entries/s':>12}{'of baseline':>13}{'stored/s':>11}")
    for bank in banks:
        generated(bank, 1)  # what is made once
        entries, spent = generated(bank, households)
        plain, written = finished(bank, households), stored(bank, households)
        print(f"{bank.name:24}{entries:>10,}{entries / spent:>12,.0f}{plain / spent:>13.2f}{entries / written:>11,.0f}")
        total, seconds, baseline, raw = total + entries, seconds + spent, baseline + plain, raw + written
    print(f"{'all':24}{total:>10,}{total / seconds:>12,.0f}{baseline / seconds:>13.2f}{total / raw:>11,.0f}")
    print(f"Target: {TARGET:,} entries/s a core.")


if __name__ == "__main__":
    main()
