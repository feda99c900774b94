"""How fast raw answers become landing Parquet: a million entries, held against nothing but reading and parsing them.

``python bench/landing.py [ENTRIES]`` prints entries a second, the peak of memory, and the ratio. What is
measured is a whole ``replay``: raw objects read from a folder, landed run by run, and written as Parquet.
"""

import gzip
import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from farthing.gocardless.provider import GoCardlessReader
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import Settings
from farthing.sync.replay import replay

ENTRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PER_ANSWER, PER_RUN = 100, 100
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
TARGET = 150_000  # entries a second, on two cores


def entry(number: int) -> dict[str, object]:
    """Make an entry as many banks send it."""
    day = (date(2026, 3, 9) - timedelta(days=number % 90)).isoformat()
    return {
        "transactionId": f"2026030900{number:08}-1",
        "internalTransactionId": f"{number:032x}",
        "entryReference": f"2026030900{number:08}-1",
        "bookingDate": day,
        "valueDate": day,
        "transactionAmount": {"amount": f"-{number % 1000}.{number % 100:02}", "currency": "EUR"},
        "creditorName": f"Shop {number % 500}",
        "creditorAccount": {"iban": "DE00000000000000000000"},
        "remittanceInformationUnstructured": f"Card payment {number} at Shop {number % 500}",
        "bankTransactionCode": "PMNT-CCRD-POSD",
    }


def store_answers(store: ObjectStore) -> None:
    """Store what the syncs of some weeks were told, four a day and a hundred accounts each."""
    for first in range(0, ENTRIES, PER_ANSWER):
        run, account = divmod(first // PER_ANSWER, PER_RUN)
        asked_at = NOON + run * timedelta(hours=6)
        ask = Ask(endpoint=Endpoint.TRANSACTIONS, account_id=f"account-{account}")
        extract = make_extract(
            provider="gocardless", ask=ask, run_id=UUID(int=run), attempt=1, requested_at=asked_at, version="bench"
        )
        booked = [entry(first + number) for number in range(PER_ANSWER)]
        body = json.dumps({"transactions": {"booked": booked, "pending": []}}).encode()
        answer = Answer(
            method="GET", path=f"accounts/account-{account}/transactions/", params={}, started_at=asked_at,
            ended_at=asked_at, status=200, body=body,
        )  # fmt: skip
        write_raw(store, extract, answer)


def parse_all(store: ObjectStore) -> float:
    """Read and parse every answer, and keep nothing; returns the seconds."""
    began = time.perf_counter()
    for key in store.keys("raw/"):
        json.loads(json.loads(gzip.decompress(store.get(key)))["body"])
    return time.perf_counter() - began


def main() -> None:
    """Land all answers, and tell how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(lake_url=f"file://{folder}/lake", home=Path(folder))
        store = open_store(settings)
        store_answers(store)
        parsing = parse_all(store)
        began = time.perf_counter()
        replayed = replay(store, GoCardlessReader())
        landing = time.perf_counter() - began
    own, each = (resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak = own + each * (os.cpu_count() or 1)
    print(f"{ENTRIES:,} entries of {replayed.answers:,} answers landed at {ENTRIES / landing:,.0f} a second")
    print(f"(target {TARGET:,}), in {landing / parsing:.2f} times what one process takes to parse them")
    print(f"peak memory {peak:.2f} GB, of all processes together")


if __name__ == "__main__":  # replay starts processes
    main()
