"""Landing made anew from raw: the same again, restartable anywhere, and whole under a reader's eyes."""

import asyncio
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import httpx
import polars as pl
import pytest

from farthing.assembly import READER
from farthing.gocardless import GoCardlessProvider, open_client
from farthing.lake import layout
from farthing.lake.landing import EXTRACTS, landing_files, write_schemas
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import get_table, put_table
from farthing.provider import Answer, Ask, Columns, Endpoint, Reading
from farthing.settings import Settings
from farthing.sync.land import land_run, raw_days, raw_keys
from farthing.sync.replay import NothingToReplayError, RawUnreadableError, Replayed, replay

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
RUNS = [NOON, NOON + timedelta(hours=6), NOON + timedelta(days=1), NOON + timedelta(days=40)]
BODIES = {
    Endpoint.ACCOUNTS: {"id": "a", "status": "READY", "iban": "DE02"},
    Endpoint.DETAILS: {"account": {"currency": "EUR"}},
    Endpoint.BALANCES: {"balances": [{"balanceAmount": {"amount": "1.10", "currency": "EUR"}, "balanceType": "x"}]},
    Endpoint.TRANSACTIONS: {
        "transactions": {
            "booked": [{"transactionId": "t1", "merchantCategoryCode": "5411"}, {"transactionId": "t2", "odd": "1"}]
        }
    },
}


class Killed(BaseException):
    """Ends the process, as it seems to the code."""


class Stopping(ObjectStore):
    """A store that a process reaches until it is killed, before or after one of its changes."""

    def __init__(self, store: ObjectStore, *, dies_at: int) -> None:
        super().__init__(store.url, store._fs)
        self._left = dies_at

    def put(self, key: str, content: bytes) -> None:
        self._count()
        super().put(key, content)
        self._count()

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._count()
            super().delete([key])

    def _count(self) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1


class Earlier(GoCardlessProvider):
    """An earlier version, which had no column for the merchant's category."""

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {
            entity: tuple(name for name in names if name != "merchant_category_code")
            for entity, names in super().columns.items()
        }

    def read(self, endpoint: Endpoint, body: bytes) -> Reading:
        reading = super().read(endpoint, body)
        return Reading(
            columns={entity: self._without_column(columns) for entity, columns in reading.columns.items()},
            other_fields=reading.other_fields,
        )

    def _without_column(self, columns: Columns) -> Columns:
        others = {name: values for name, values in columns.items() if name != "merchant_category_code"}
        if codes := columns.get("merchant_category_code"):
            rests = columns.get("other_fields") or [None] * len(codes)
            others["other_fields"] = [
                json.dumps({**json.loads(rest or "{}"), "merchantCategoryCode": code}) if code else rest
                for code, rest in zip(codes, rests, strict=True)
            ]
        return others


class Lake:
    """Raw answers of some runs in a folder, and the providers that read them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = open_store(Settings(lake_url=f"file://{folder}", home=folder))
        self.bank, self.earlier = asyncio.run(self._providers())

    def pull(self, at: datetime) -> list[str]:
        """Store what a run was answered: a refusal of the details at first, good answers otherwise."""
        run_id = UUID(int=int(at.timestamp()))
        keys = []
        for account_id in ("a", "b"):
            for endpoint, body in BODIES.items():
                status = 503 if (endpoint, at) == (Endpoint.DETAILS, NOON) else 200
                extract = make_extract(
                    provider="gocardless", ask=Ask(endpoint=endpoint, account_id=account_id), run_id=run_id,
                    attempt=1, requested_at=at, version="0.1.0",
                )  # fmt: skip
                path = f"accounts/{account_id}/" + ("" if endpoint is Endpoint.ACCOUNTS else f"{endpoint}/")
                answer = Answer(
                    method="GET", path=path, params={}, started_at=at, ended_at=at, status=status,
                    body=json.dumps(body).encode(),
                )  # fmt: skip
                keys.append(write_raw(self.store, extract, answer))
        return keys

    def sync(self, *, bank: GoCardlessProvider | None = None) -> None:
        write_schemas(self.store, "gocardless", (bank or self.bank).columns)
        for at in RUNS:
            land_run(self.store, bank or self.bank, self.pull(at))

    def landed(self) -> dict[str, bytes]:
        return {key: self.store.get(key) for key in self.store.keys("landing/")}

    def counted(self) -> list[tuple[object, ...]]:
        """The transactions that a build would read now, as staging joins them."""

        def table(entity: str) -> str:
            return f"read_parquet('{self.folder}/landing/gocardless/{entity}/**/*.parquet', union_by_name = true)"

        return duckdb.sql(
            f"select extract_id, entry_index, transaction_id from {table('transactions')}"
            f" join {table('extracts')} as extracts using (extract_id) where extracts.outcome = 'ok' order by all"
        ).fetchall()

    async def _providers(self) -> tuple[GoCardlessProvider, Earlier]:
        async with open_client("https://bank.test/", httpx.Auth()) as api:
            return GoCardlessProvider(api, now=lambda: NOON), Earlier(api, now=lambda: NOON)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.sync()
    return lake


FILES = 19  # four runs, five entities, but no details in the first
EQUAL = Replayed(runs=4, answers=32, equal=FILES, changed=0, added=0, gone=0)


def test_gives_the_same_bytes_and_touches_no_file(lake: Lake) -> None:
    before = {each.key: each.modified_at for each in lake.store.objects("landing/")}
    contents = lake.landed()

    told: list[tuple[int, int]] = []
    assert replay(lake.store, lake.bank, tell=lambda done, total: told.append((done, total))) == EQUAL

    assert lake.landed() == contents
    assert {each.key: each.modified_at for each in lake.store.objects("landing/")} == before
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert EQUAL.is_as_before


def test_lands_all_from_raw_alone(lake: Lake) -> None:
    contents = lake.landed()
    lake.store.delete(contents)

    replayed = replay(lake.store, lake.bank)

    assert lake.landed() == contents
    assert (replayed.added, replayed.equal) == (FILES, 0)
    assert not replayed.is_as_before


def test_says_what_was_changed_added_and_is_gone(lake: Lake) -> None:
    contents = lake.landed()
    balances, transactions = (
        next(key for key in contents if f"/{entity}/date=2026-03-10/" in key) for entity in ("balances", "transactions")
    )
    lake.store.delete([balances])
    put_table(lake.store, transactions, get_table(lake.store, transactions).head(1))
    lake.store.put("landing/gocardless/balances/date=2026-03-10/of-no-run.parquet", contents[balances])
    lake.store.put("landing/gocardless/balances/date=2025-01-01/of-no-day.parquet", contents[balances])
    (lake.folder / "landing/gocardless/balances/.left-by-a-kill").touch()

    replayed = replay(lake.store, lake.bank)

    assert replayed == Replayed(runs=4, answers=32, equal=FILES - 2, changed=1, added=1, gone=2)
    assert lake.landed() == contents


def test_lands_the_same_in_several_processes(lake: Lake) -> None:
    before = {each.key: each.modified_at for each in lake.store.objects("landing/")}

    assert replay(lake.store, READER, processes_after=0) == EQUAL

    assert {each.key: each.modified_at for each in lake.store.objects("landing/")} == before


def test_leaves_a_file_with_equal_rows_in_other_bytes(lake: Lake) -> None:
    key = next(key for key in lake.landed() if "/transactions/date=" in key)
    get_table(lake.store, key).write_parquet(lake.folder / key, compression="snappy")
    other_bytes = lake.store.get(key)

    assert replay(lake.store, lake.bank) == EQUAL
    assert lake.store.get(key) == other_bytes


def test_replaces_a_file_that_is_no_parquet(lake: Lake) -> None:
    contents = lake.landed()
    lake.store.put(next(key for key in contents if "/transactions/date=" in key), b"half a fi")

    assert replay(lake.store, lake.bank).changed == 1
    assert lake.landed() == contents


def test_lands_what_a_run_that_died_had_been_answered(lake: Lake) -> None:
    lake.pull(NOON + timedelta(days=41))

    assert replay(lake.store, lake.bank).added == 5


def test_killed_anywhere_is_whole_to_readers_and_finished_by_running_again(tmp_path: Path) -> None:
    wanted = Lake(tmp_path / "wanted")
    wanted.sync()
    rows, contents = wanted.counted(), wanted.landed()
    assert len(rows) == len(set(rows)) == 4 * 2 * 2

    for dies_at in range(1_000):
        lake = Lake(tmp_path / str(dies_at))
        lake.sync(bank=lake.earlier)
        of_no_run = landing_files(
            "gocardless", day=NOON.date(), run_id="of-no-run", tables={"details": pl.DataFrame({"extract_id": ["x"]})}
        )
        for key, table in of_no_run.items():
            put_table(lake.store, key, table)
        try:
            replay(Stopping(lake.store, dies_at=dies_at), lake.bank)
        except Killed:
            assert lake.counted() == rows, dies_at
            replay(lake.store, lake.bank)
            assert lake.landed() == contents, dies_at
        else:
            assert dies_at > 2 * 4
            return


def test_makes_a_column_of_what_was_kept_among_other_fields(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.sync(bank=lake.earlier)
    pattern = f"read_parquet('{tmp_path}/landing/gocardless/transactions/**/*.parquet', union_by_name = true)"
    earlier = duckdb.sql(f"select distinct other_fields from {pattern} order by all").fetchall()
    assert earlier == [('{"merchantCategoryCode": "5411"}',), ('{"odd":"1"}',)]

    write_schemas(lake.store, "gocardless", lake.bank.columns)  # a build before the replay: old files, new column
    select = f"select distinct merchant_category_code, other_fields from {pattern} order by all"
    assert [row[0] for row in duckdb.sql(select).fetchall()] == [None, None]

    replayed = replay(lake.store, lake.bank)

    assert replayed == Replayed(runs=4, answers=32, equal=FILES - 4, changed=4, added=0, gone=0)
    assert duckdb.sql(select).fetchall() == [("5411", None), (None, '{"odd":"1"}')]


def test_holds_one_day_of_raw_at_a_time(lake: Lake) -> None:
    asked: list[str] = []

    class Watched(ObjectStore):
        def get(self, key: str) -> bytes:
            asked.append(key)
            return super().get(key)

        def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
            asked.extend(keys)
            return super().get_many(keys)

    replay(Watched(lake.store.url, lake.store._fs), lake.bank)

    days = [part for key in asked if key.startswith("raw/") for part in key.split("/") if part.startswith("date=")]
    assert days == sorted(days)
    last_raw_of_first_day = max(n for n, key in enumerate(asked) if key.startswith("raw/") and "2026-03-09" in key)
    first_raw_of_second_day = min(n for n, key in enumerate(asked) if key.startswith("raw/") and "2026-03-10" in key)
    between = asked[last_raw_of_first_day + 1 : first_raw_of_second_day]
    assert len(between) == 9  # the first day's landing is compared before the next day's raw is read


def test_changes_nothing_where_there_is_landing_but_no_raw(lake: Lake) -> None:
    lake.store.delete(lake.store.keys("raw/"))
    contents = lake.landed()

    with pytest.raises(NothingToReplayError, match="nothing was changed"):
        replay(lake.store, lake.bank)
    assert lake.landed() == contents


def test_finds_an_empty_lake_as_it_should_be(tmp_path: Path) -> None:
    lake = Lake(tmp_path)

    assert replay(lake.store, lake.bank) == Replayed(runs=0, answers=0, equal=0, changed=0, added=0, gone=0)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"not gzip", id="not-gzip"),
        pytest.param(gzip.compress(b"{}" * 99)[:-9], id="cut"),
        pytest.param(gzip.compress(b'{"secret": "1"}'), id="no-envelope"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\x00" * 6 + b"\xff" * 20, id="damaged"),
    ],
)
def test_removes_nothing_where_an_answer_cannot_be_read(lake: Lake, content: bytes) -> None:
    day = raw_days(lake.store, lake.bank)[-1]
    key = raw_keys(lake.store, lake.bank, day)[0]
    lake.store.put(key, content)
    lake.store.put("landing/gocardless/balances/date=2025-01-01/of-no-day.parquet", b"")
    before = set(lake.landed())

    with pytest.raises(RawUnreadableError, match=r"restore it") as told:
        replay(lake.store, lake.bank)
    assert key in str(told.value)
    assert "secret" not in str(told.value)
    assert set(lake.landed()) == before


def test_names_an_answer_that_another_process_cannot_read(lake: Lake) -> None:
    key = raw_keys(lake.store, lake.bank, raw_days(lake.store, lake.bank)[0])[0]
    lake.store.put(key, lake.store.get(key)[:-9])  # what it is of can still be told
    before = lake.landed()

    with pytest.raises(RawUnreadableError, match=r"restore it") as told:
        replay(lake.store, READER, processes_after=0)
    assert key in str(told.value)
    assert lake.landed() == before


def test_stops_before_it_changes_anything_once_it_may_not_write(lake: Lake) -> None:
    lake.store.delete(key for key in lake.landed() if f"/{EXTRACTS}/" in key)
    before = lake.landed()

    def check() -> None:
        raise Killed

    with pytest.raises(Killed):
        replay(lake.store, lake.bank, check=check)
    schema = layout.landing_schema_key(provider="gocardless", entity=EXTRACTS)
    assert {key: content for key, content in lake.landed().items() if key != schema} == before
