"""What years of syncs cost: a build after folding, against one of the same history landed once; and one more sync.

``python -m bench.history [DAYS [ACCOUNTS]]`` stores the raw answers of four syncs a day, of 1,095 days and 10 accounts
if left out, lands them with the product's own functions, and prints ratios. What is built is ``dbt build`` with its
data tests. Landed once means two things, and both are shown: all the answers in one file an entity, which tells what
folding leaves of the price of many files; and the entries as one sync would be told them, which tells the price of
being told each entry some sixty times.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from bench.sandbox_lake import run_dbt
from farthing.assembly import PROVIDER, READER
from farthing.gocardless.landing import COLUMNS
from farthing.lake.fold import fold
from farthing.lake.inputs import read_inputs
from farthing.lake.landing import read_extracts, with_lineage, write_landing, write_schemas
from farthing.lake.raw import make_extract, read_raw, write_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.provider import Answer, Ask, Endpoint
from farthing.settings import DBT_PROJECT_DIR, Settings
from farthing.sync.land import land, land_run, recover
from farthing.sync.plan import plan
from farthing.sync.questions import Linked

DAYS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_095
ACCOUNTS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
SYNCS_A_DAY, LOOKBACK, A_DAY = 4, 14, 2  # entries an account
SHOWN = (100, 1_000, 4_000)
REPEATED = 3  # so often is each thing measured
TARGET = 1.3
FIRST = date(2023, 1, 2)


def entries(account: int, first: date, last: date) -> list[dict[str, object]]:
    """Make an account's entries of some days, the same whenever they are asked for."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        {
            "transactionId": f"{account}-{day:%Y%m%d}-{number}",
            "internalTransactionId": f"i{account}-{day:%Y%m%d}-{number}",
            "bookingDate": day.isoformat(),
            "valueDate": day.isoformat(),
            "transactionAmount": {"amount": f"-{day.day + number}.{account:02}", "currency": "EUR"},
            "creditorName": f"Shop {(day.toordinal() + number) % 40}",
            "remittanceInformationUnstructured": f"Card payment {day:%d.%m.} at shop {(day.toordinal() + number) % 40}",
        }
        for day in days
        for number in range(A_DAY)
    ]


def store_run(store: ObjectStore, number: int, at: datetime, since: date) -> list[str]:
    """Store the answers of one sync and return their keys."""
    keys = []
    for account in range(ACCOUNTS):
        iban = f"XX{account:020}"
        bodies: dict[Endpoint, object] = {
            Endpoint.TRANSACTIONS: {"transactions": {"booked": entries(account, since, at.date()), "pending": []}},
            Endpoint.BALANCES: {"balances": [{"balanceAmount": {"amount": "1.00", "currency": "EUR"},
                                              "balanceType": "closingBooked"}]},
        }  # fmt: skip
        if number % SYNCS_A_DAY == 0:
            bodies[Endpoint.ACCOUNTS] = {"id": f"a{account}", "iban": iban, "institution_id": "BANK", "status": "READY"}
        if number % (7 * SYNCS_A_DAY) == 0:
            bodies[Endpoint.DETAILS] = {"account": {"iban": iban, "currency": "EUR", "product": "Giro"}}
        for endpoint, body in bodies.items():
            is_dated = endpoint is Endpoint.TRANSACTIONS
            ask = Ask(endpoint=endpoint, account_id=f"a{account}", date_from=since if is_dated else None,
                      date_to=at.date() if is_dated else None)  # fmt: skip
            extract = make_extract(
                provider=PROVIDER, ask=ask, run_id=UUID(int=number), attempt=1, requested_at=at, version="bench"
            )
            params = {"date_from": since.isoformat(), "date_to": at.date().isoformat()} if is_dated else {}
            answer = Answer(method="GET", path=f"accounts/a{account}/{endpoint}/", params=params, started_at=at,
                            ended_at=at, status=200, body=json.dumps(body).encode())  # fmt: skip
            keys.append(write_raw(store, extract, answer))
    return keys


def at_of(number: int) -> datetime:
    """Say when a run is."""
    return datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=1) + number * timedelta(hours=6)


def since_of(number: int) -> date:
    """Say what the first day is that a run asks for."""
    return max(FIRST, at_of(number).date() - timedelta(days=LOOKBACK))


def tidy(store: ObjectStore) -> None:
    """Fold, and remove what was folded."""
    for _ in range(2):
        fold(store, PROVIDER, with_lineage(COLUMNS), now=datetime.now(UTC), today=date.max, grace=timedelta())


def one_more_sync(store: ObjectStore, number: int) -> float:
    """Do all that a sync does but the bank's answering and the build; returns the seconds."""
    linked = [
        Linked(account_id=f"a{account}", linked_at=at_of(0), history_days=730, lookback_days=LOOKBACK)
        for account in range(ACCOUNTS)
    ]
    began = time.perf_counter()
    recover(store, READER, now=at_of(number))
    plan(linked, read_extracts(store, PROVIDER, since=at_of(number).date() - timedelta(days=90)), now=at_of(number))
    keys = store_run(store, number, at_of(number), since_of(number))
    land_run(store, READER, keys)
    tidy(store)
    read_inputs(store, PROVIDER, project=DBT_PROJECT_DIR, base_currency="EUR")
    return time.perf_counter() - began


def timed_build(folder: Path) -> float:
    """Build, and return the seconds."""
    began = time.perf_counter()
    run_dbt(folder)
    return time.perf_counter() - began


@contextmanager
def lake() -> Iterator[tuple[Path, ObjectStore]]:
    """Make an empty lake."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Settings(lake_url=f"file://{folder}/lake", home=Path(folder)))
        write_schemas(store, PROVIDER, COLUMNS)
        yield Path(folder), store


def land_runs(store: ObjectStore, numbers: Iterable[int]) -> None:
    """Store and land some runs."""
    for number in numbers:
        land_run(store, READER, store_run(store, number, at_of(number), since_of(number)))


def main() -> None:
    """Land the history in three ways, and compare."""
    runs = DAYS * SYNCS_A_DAY
    with lake() as (told_once, store_once), lake() as (landed_once, store_whole), lake() as (folded, store):
        land_run(store_once, READER, store_run(store_once, 0, at_of(runs - 1), FIRST))
        landed, costs = 0, []
        for number in [each for each in SHOWN if each + REPEATED <= runs]:
            land_runs(store, range(landed, number))
            tidy(store)
            landed = number + REPEATED
            costs.append(min(one_more_sync(store, each) for each in range(number, landed)))
            print(f"sync {number:,}: {costs[-1]:.2f} s, {costs[-1] / costs[0]:.2f} times sync {SHOWN[0]}", flush=True)
        land_runs(store, range(landed, runs))
        tidy(store)
        files = sum(1 for key in store.keys("landing/") if key.endswith(".parquet"))
        answers = (read_raw(store, key) for key in store.keys("raw/"))
        write_landing(store_whole, PROVIDER, day=at_of(runs - 1).date(), run_id="all", tables=land(answers, READER))
        lakes = {
            f"{DAYS * A_DAY * ACCOUNTS:,} entries, told and landed once": told_once,
            f"all answers of {runs:,} syncs in one landing": landed_once,
            f"the same landed sync by sync, folded to {files} files": folded,
        }
        # The fastest counts: dbt has not parsed its project at the first time, and machines have other things to do.
        built = {name: min(timed_build(folder) for _ in range(REPEATED)) for name, folder in lakes.items()}
    for name, seconds in built.items():
        print(f"{name}: built in {seconds:.1f} s")
    once, whole, many = built.values()
    print(f"Folded takes {many / whole:.2f} times as long as in one landing (target {TARGET}), and")
    print(f"{many / once:.2f} times as long as told once")


if __name__ == "__main__":
    main()
