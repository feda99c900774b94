"""Forgetting accounts, in a folder and on two S3 servers: not a trace of them may be left."""

import asyncio
import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import polars as pl
import pytest

from farthing.gocardless import GoCardlessProvider, open_client
from farthing.gocardless.landing import COLUMNS
from farthing.lake import layout
from farthing.lake.catalogue import Mart, open_catalogue, publish
from farthing.lake.forget import BuildNotPublishedError, Forgotten, forget, purge_builds
from farthing.lake.landing import read_extracts, write_schemas
from farthing.lake.reference import Goal, Note, TransferDecision, current, decide, name_account, read_names
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import get_table, put_table
from farthing.provider import Ask, Endpoint
from farthing.settings import Settings
from farthing.sync.land import land_run, recover
from farthing.sync.pull import pull
from farthing.sync.questions import ORDER

pytestmark = pytest.mark.integration

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=9)
BANK = "gocardless"
OLD_LINK, NEW_LINK = str(UUID(int=0xA1)), str(UUID(int=0xA2))  # of one account
KEPT = str(UUID(int=0xB1))
IBAN, KEPT_IBAN = "DE89370400440532013000", "DE02120300000000202051"
FORGOTTEN = (OLD_LINK, NEW_LINK)
GONE_KEY, KEPT_KEY = "transaction-gone", "transaction-kept"
KEYS = (GONE_KEY, IBAN)
TRACES = (*FORGOTTEN, *KEYS)
MART = Mart(name="dim_x", description="One row an account.", columns={"iban": "The IBAN."})
DIED = 4  # the run that was killed before it landed anything
RUNS = {1: [OLD_LINK, KEPT], 2: [OLD_LINK], 3: [NEW_LINK, KEPT], DIED: [NEW_LINK, KEPT]}


class Lake:
    """A lake with the raw answers of four runs, what three of them landed, and the owner's names."""

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        self.settings = settings
        self.folder = folder  # where the objects are files; null if only the server knows
        self.store = open_store(settings)
        self.bank = asyncio.run(self._bank())
        self.store.prepare()
        write_schemas(self.store, BANK, COLUMNS)
        for run, accounts in RUNS.items():
            keys = asyncio.run(self._pull(run, accounts))
            if run != DIED:
                land_run(self.store, self.bank, keys)
        for account_id in (*FORGOTTEN, KEPT):
            for at in (NOON, NOON + timedelta(days=1)):
                name_account(self.store, provider=BANK, account_id=account_id, name=f"My {account_id}", named_at=at)
        decide(
            self.store, [Note(transaction_key=key, note=f"of {key}") for key in (GONE_KEY, KEPT_KEY)], decided_at=NOON
        )
        goal = Goal(goal="trip", account_key=IBAN, amount=Decimal(9), currency="EUR", target_date=date(2027, 1, 1))
        transfer = TransferDecision(
            outflow_transaction_key=KEPT_KEY, inflow_transaction_key=GONE_KEY, decision="rejected"
        )
        decide(self.store, [goal, transfer], decided_at=NOON)

    def build(self, build_id: str, ibans: list[str]) -> None:
        """Publish a build with these rows."""
        put_table(self.store, layout.mart_key(model=MART.name, build_id=build_id), pl.DataFrame({"iban": ibans}))
        publish(self.store, self.settings, build_id=build_id, marts=[MART])

    def published(self) -> list[tuple[object, ...]]:
        """Read the published build as a notebook does."""
        with open_catalogue(self.settings) as connection:
            return connection.execute("from marts.dim_x order by all").fetchall()

    def traces(self, *prefixes: str) -> dict[str, list[str]]:
        """Search the names and contents of all that is left; gives what was found by the folder it is in."""
        found: dict[str, list[str]] = {}
        for place, content in self._places():
            if place.startswith(prefixes or ("",)) and any(trace in place + content for trace in TRACES):
                found.setdefault(place.split("/", maxsplit=1)[0], []).append(place)
        return found

    def _places(self) -> Iterator[tuple[str, str]]:
        """Go through all objects; where they are files, through what no server lists as well."""
        if self.folder is None:
            for key in self.store.keys(""):
                yield key, readable(key, self.store.get(key))
            return
        for path in sorted(self.folder.rglob("*")):
            place = str(path.relative_to(self.folder))
            yield place, readable(place, path.read_bytes()) if path.is_file() else ""

    def landed(self) -> dict[str, list[tuple[object, ...]]]:
        """All landing rows by key."""
        return {key: get_table(self.store, key).rows() for key in self.store.keys("landing/")}

    def marks(self) -> set[str]:
        """The forgotten account's landed extracts, but for those of the run that died."""
        extracts = read_extracts(self.store, BANK, since=date.min)
        of_account = pl.col("account_id").is_in(FORGOTTEN) & (pl.col("run_id") != str(UUID(int=DIED)))
        return set(extracts.filter(of_account)["raw_key"])

    async def _bank(self) -> GoCardlessProvider:
        transport = httpx.MockTransport(answer)
        async with open_client("https://bank.test/", httpx.Auth(), transport=transport) as api:
            return GoCardlessProvider(api, now=lambda: NOON)

    async def _pull(self, run: int, accounts: list[str]) -> list[str]:
        at = NOON + timedelta(days=run)
        async with open_client("https://bank.test/", httpx.Auth(), transport=httpx.MockTransport(answer)) as api:
            bank = GoCardlessProvider(api, now=lambda: at)
            return [
                (await pull(bank, self.store, ask, run_id=UUID(int=run), attempt=1, requested_at=at)).keys[-1]
                for account_id in accounts
                for ask in (Ask(endpoint=endpoint, account_id=account_id) for endpoint in ORDER)
            ]


def answer(request: httpx.Request) -> httpx.Response:
    """Answer as a bank does; what it says of an account names the account's IBAN."""
    *_, account_id, endpoint = ["", *request.url.path.strip("/").split("/")]
    if endpoint not in set(Endpoint):
        account_id, endpoint = endpoint, "accounts"
    iban = KEPT_IBAN if account_id == KEPT else IBAN
    amount = {"amount": "-1.10", "currency": "EUR"}
    entry = {"bookingDate": "2026-03-08", "transactionAmount": amount, "debtorAccount": {"iban": iban}}
    bodies = {
        "accounts": {"id": account_id, "status": "READY", "iban": iban},
        "details": {"account": {"currency": "EUR", "iban": iban}},
        "balances": {"balances": [{"balanceAmount": amount, "balanceType": "expected"}]},
        "transactions": {"transactions": {"booked": [entry, entry], "pending": [entry]}},
    }
    is_down = endpoint == "balances" and account_id == NEW_LINK
    return httpx.Response(503 if is_down else 200, json=bodies[endpoint])


def readable(name: str, content: bytes) -> str:
    """Return all that an object says, unpacked."""
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    if name.endswith(".parquet"):
        content += json.dumps(pl.read_parquet(content).rows(), default=str).encode()
    return content.decode(errors="replace")


class DyingStore(ObjectStore):
    """A store whose user is killed after so many changes, perhaps halfway through a deletion."""

    def __init__(self, store: ObjectStore, changes: int) -> None:
        vars(self).update(vars(store))
        self._changes = changes

    def put(self, key: str, content: bytes) -> None:
        self._count()
        super().put(key, content)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._count()
            super().delete([key])

    def _count(self) -> None:
        if self._changes == 0:
            raise KeyboardInterrupt
        self._changes -= 1


class WatchedStore(ObjectStore):
    """A store that lets someone look before and after each object is removed."""

    def __init__(self, store: ObjectStore, look: Callable[[], object]) -> None:
        vars(self).update(vars(store))
        self._look = look

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._look()
            super().delete([key])
            self._look()


type MakeLake = Callable[[str], Lake]


@pytest.fixture(params=["folder", "embedded-s3", "moto"])
def make_lake(request: pytest.FixtureRequest, tmp_path: Path) -> MakeLake:
    """Return a function that makes a lake of its own for each name."""
    if request.param == "folder":
        return lambda name: Lake(Settings(lake_url=f"file://{tmp_path}/{name}", home=tmp_path), tmp_path / name)
    is_embedded = request.param == "embedded-s3"
    s3: Settings = request.getfixturevalue("s3_settings" if is_embedded else "moto_settings")

    def make(name: str) -> Lake:
        bucket = f"{name}-{uuid4().hex}"
        settings = s3.model_copy(update={"lake_url": f"s3://{bucket}", "home": tmp_path})
        return Lake(settings, s3.home / "s3" / bucket if is_embedded else None)

    return make


@pytest.fixture
def lake(make_lake: MakeLake) -> Lake:
    """Return a lake whose published build shows the account that is to be forgotten."""
    made = make_lake("lake")
    made.build("before", [IBAN, KEPT_IBAN])
    return made


def test_leaves_no_trace(lake: Lake) -> None:
    assert set(lake.traces()) == {"raw", "landing", "reference", "marts"}
    others = {key: lake.store.get(key) for key in lake.store.keys("raw/") if KEPT in key}

    forgotten = forget(lake.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS)
    assert recover(lake.store, lake.bank, now=LATER)  # the run that died is finished, for the other account alone
    lake.build("after", [KEPT_IBAN])
    purge_builds(lake.store, "after")

    # Runs 1 and 3 lose rows in five and four entities; run 2 had nothing but the account.
    assert forgotten == Forgotten(raw_objects=16, landing_rewritten=9, landing_removed=5, names=4, decisions=3)
    assert lake.traces() == {}
    assert {key: lake.store.get(key) for key in lake.store.keys("raw/")} == others
    assert set(read_extracts(lake.store, BANK, since=date.min)["raw_key"]) == set(others)
    assert current(lake.store, Note) == [Note(transaction_key=KEPT_KEY, note=f"of {KEPT_KEY}")]
    assert read_names(lake.store) == {KEPT: f"My {KEPT}"}
    assert lake.published() == [(KEPT_IBAN,)]


def test_leaves_other_accounts_rows_as_they_were(lake: Lake) -> None:
    def of_the_other() -> dict[str, list[tuple[object, ...]]]:
        rows = {key: [row for row in rows if row[1] == KEPT] for key, rows in lake.landed().items()}
        return {key: kept for key, kept in rows.items() if kept}

    before = of_the_other()
    forget(lake.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS)

    assert of_the_other() == before
    assert {key: rows for key, rows in lake.landed().items() if rows} == before


def test_finds_nothing_to_forget_a_second_time(lake: Lake) -> None:
    forget(lake.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS)
    landed = lake.landed()

    nothing = Forgotten(raw_objects=0, landing_rewritten=0, landing_removed=0, names=0, decisions=0)
    assert forget(lake.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS) == nothing
    assert forget(lake.store, provider=BANK, account_ids=[]) == nothing
    assert lake.landed() == landed


def test_forgets_one_link_and_leaves_the_other(lake: Lake) -> None:
    forget(lake.store, provider=BANK, account_ids=[OLD_LINK])

    extracts = read_extracts(lake.store, BANK, since=date.min)
    assert set(extracts["account_id"]) == {NEW_LINK, KEPT}
    assert set(read_names(lake.store)) == {NEW_LINK, KEPT}


def test_can_be_finished_wherever_it_was_interrupted(make_lake: MakeLake) -> None:
    whole = make_lake("whole")
    forget(whole.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS)
    recover(whole.store, whole.bank, now=LATER)
    expected = whole.landed()

    changes = 37  # of the whole: 16 raw objects, 4 names, 3 objects of decisions, 14 landing files
    is_quick = whole.settings.lake_url.startswith("file://")
    for done in range(changes) if is_quick else (0, 18, 36):
        lake = make_lake(f"d{done}")
        with pytest.raises(KeyboardInterrupt):
            forget(DyingStore(lake.store, done), provider=BANK, account_ids=FORGOTTEN, keys=KEYS)
        marks = lake.marks()
        assert marks  # whoever looks sees that there is something left to forget

        recover(lake.store, lake.bank, now=LATER)  # the next sync
        assert lake.marks() <= marks

        forget(lake.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS)
        recover(lake.store, lake.bank, now=LATER)
        assert lake.traces("raw", "landing", "reference") == {}
        assert lake.landed() == expected
    forget(DyingStore(make_lake("last").store, changes), provider=BANK, account_ids=FORGOTTEN, keys=KEYS)


def test_removes_what_a_killed_put_left(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    lake = Lake(Settings(lake_url=f"file://{folder}", home=tmp_path), folder)
    lake.build("before", [KEPT_IBAN])
    for key in (
        *(key for key in lake.store.keys("raw/") if OLD_LINK in key),
        *lake.store.keys(f"landing/{BANK}/transactions/"),
        *(key for key in lake.store.keys("reference/") if OLD_LINK in key),
        *lake.store.keys("marts/"),
    ):
        (folder / key).with_name(".cut_short").write_text(IBAN)

    forget(lake.store, provider=BANK, account_ids=FORGOTTEN, keys=KEYS)
    lake.build("after", [KEPT_IBAN])
    purge_builds(lake.store, "after")

    assert lake.traces() == {}


def test_purges_all_builds_but_one_under_the_eyes_of_its_readers(lake: Lake) -> None:
    lake.build("between", [IBAN])
    put_table(lake.store, layout.mart_key(model="dim_dropped", build_id="ancient"), pl.DataFrame({"iban": [IBAN]}))
    lake.build("now", [KEPT_IBAN])
    seen: list[list[tuple[object, ...]]] = []

    purged = purge_builds(WatchedStore(lake.store, lambda: seen.append(lake.published())), "now")

    assert purged == 5  # two catalogues, three files
    assert seen == [[(KEPT_IBAN,)]] * 10  # before and after each
    assert lake.store.keys("marts/") == ["marts/dim_x/now.parquet"]
    assert lake.store.keys("catalogue/") == ["catalogue/builds/now.duckdb", "catalogue/farthing.duckdb"]


@pytest.mark.parametrize("build_id", ["before", "never made"])
def test_purges_nothing_unless_the_build_to_keep_is_published(lake: Lake, build_id: str) -> None:
    lake.build("now", [KEPT_IBAN])
    keys = lake.store.keys("")

    with pytest.raises(BuildNotPublishedError, match="nothing was removed"):
        purge_builds(lake.store, build_id)

    assert lake.store.keys("") == keys
