"""How fast raw answers become landing tables: a million entries, held against nothing but parsing them as JSON.

``python bench/landing.py [ENTRIES]`` prints entries a second of one process, the peak of its memory, and the ratio.
"""

import asyncio
import gzip
import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from farthing.assembly import reader
from farthing.lake.raw import RawEnvelope, make_extract, parse_raw
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import Settings
from farthing.sync.land import land

ENTRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PER_ANSWER, PER_RUN = 100, 100
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


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


def runs() -> Iterator[list[bytes]]:
    """Make raw objects, one run after the other, so that what is measured is not what generates."""
    made = 0
    while made < ENTRIES:
        contents = []
        for account in range(PER_RUN):
            booked = [entry(made + number) for number in range(PER_ANSWER)]
            made += PER_ANSWER
            extract = make_extract(
                provider="gocardless", ask=Ask(endpoint=Endpoint.TRANSACTIONS, account_id=f"account-{account}"),
                run_id=UUID(int=made), attempt=1, requested_at=NOON, version="bench",
            )  # fmt: skip
            answer = Answer(
                method="GET", path=f"accounts/account-{account}/transactions/", params={}, started_at=NOON,
                ended_at=NOON, status=200,
                body=json.dumps({"transactions": {"booked": booked, "pending": []}}).encode(),
            )  # fmt: skip
            contents.append(gzip.compress(RawEnvelope.of(extract, answer).model_dump_json().encode(), mtime=0))
        yield contents


async def main() -> None:
    """Land all runs, and tell how long it took."""
    landing = parsing = 0.0
    landed = 0
    async with reader(Settings(lake_url="file:///nonexistent")) as bank:
        for contents in runs():
            began = time.perf_counter()
            tables = land((parse_raw(content) for content in contents), bank)
            landing += time.perf_counter() - began
            landed += len(tables["transactions"])
            began = time.perf_counter()
            for content in contents:
                json.loads(json.loads(gzip.decompress(content))["body"])
            parsing += time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{landed:,} entries landed at {landed / landing:,.0f} a second, {landing / parsing:.1f} times their parsing")
    print(f"peak memory {peak:.2f} GB")


asyncio.run(main())
