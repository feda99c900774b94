"""A lake of sandbox households, landed as one sync would and built by dbt, beside the banks' own ledger."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from farthing.gocardless.landing import COLUMNS, read
from farthing.lake import layout
from farthing.lake.landing import EXTRACT_COLUMNS, LINEAGE, make_table
from farthing.lake.store import open_store
from farthing.lake.tables import put_table
from farthing.provider import Endpoint
from farthing.sandbox import quirks, wire
from farthing.sandbox.books import Books
from farthing.sandbox.documents import Document
from farthing.sandbox.household import Account
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.institutions import BANKS, Institution
from farthing.sandbox.ledger import Ledger
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement, known_to
from farthing.sandbox.told import Told
from farthing.sandbox.truth import entries_of
from farthing.settings import Settings

PROJECT = Path(__file__).parents[1] / "dbt_project"
_PROVIDER = "gocardless"

type Row = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A household to land: which banks know it, its number there, and the seed of its purchases."""

    banks: tuple[str, ...]
    number: int
    seed: int


class SandboxLake:
    """Landing rows of households as their banks tell them on one day, and the truth about each entry.

    :param today: the day of the sync; banks know the entries up to the day before.
    :param asked_before: earlier days on which banks were asked for transactions; then they told what is pending, too.
    """

    def __init__(self, folder: Path, today: date, *, days: int = 730, asked_before: Sequence[date] = ()) -> None:
        self._folder, self._today, self._asked_before = folder, today, asked_before
        self._first = today - timedelta(days=days)
        self._rows: dict[str, list[Row]] = {"extracts": [], **{entity: [] for entity in COLUMNS}}
        self._truth: list[pa.Table] = []
        self._entry_ids: list[tuple[str, str | None, str]] = []
        self._accounts: list[tuple[str, str]] = []

    def add(self, wanted: Wanted) -> None:
        """Land one household's accounts."""
        books = Books(HOUSEHOLDS, seed=wanted.seed)
        for bank in (bank for bank in BANKS if bank.key in wanted.banks):
            for account in books.accounts(bank.key, user=str(wanted.number)):
                self._add(bank, account, books.of(account.key)[1], str(books.account_id(account)))

    def _add(self, bank: Institution, account: Account, ledger: Ledger, account_id: str) -> None:
        last = self._today - timedelta(days=1)
        statement = Statement(account=account, ledger=ledger, bank=bank, befallen=BankAccount(), today=self._today)
        metadata: Document = {"id": account_id, "iban": account.iban, "institution_id": bank.key, "status": "READY"}
        told = self._told(statement)
        self._land(Endpoint.ACCOUNTS, account_id, metadata)
        self._land(Endpoint.DETAILS, account_id, {"account": statement.details()})
        self._land(Endpoint.BALANCES, account_id, {"balances": statement.balances()})
        self._land_transactions(statement, account_id, [document for _, document in told])
        for day in self._asked_before:
            earlier = replace(statement, today=day)
            self._land_transactions(earlier, account_id, [document for _, document in self._told(earlier)])
        for entry, document in told:
            # GoCardless' own id, which one bank never gets: there the bank's names the entry. One tells amounts alone.
            called = document.get("internalTransactionId") or document.get("transactionId")
            self._entry_ids.append((account_id, None if called is None else str(called), entry))
        self._accounts.append((account_id, account.key))
        self._truth.append(entries_of(account, ledger, self._first, last))

    def _told(self, statement: Statement) -> list[tuple[str, Document]]:
        """Return what the bank tells of each entry, with the ledger's own id, in order."""
        columns = known_to([statement], self._first, statement.today - timedelta(days=1))
        told = Told(statement.bank, statement.today)
        said = quirks.booked(columns, wire.booked_entry(told), told, wanted=lambda _: pl.lit(value=True))
        return [(entry_id.hex(), json.loads(text)) for entry_id, text in said.select("id", "json").iter_rows()]

    def _land_transactions(self, statement: Statement, account_id: str, booked: list[Document]) -> None:
        day = statement.today
        window: Row = {"date_from": self._first.isoformat(), "date_to": day.isoformat()}
        pending = [json.loads(text) for text in statement.pending()] if self._asked_before else []
        document: Document = {"transactions": {"booked": booked[::-1], "pending": pending}}
        self._land(Endpoint.TRANSACTIONS, account_id, document, window, day=day)

    def _land(
        self,
        endpoint: Endpoint,
        account_id: str,
        document: Document,
        window: Row | None = None,
        *,
        day: date | None = None,
    ) -> None:
        asked = f"{day or self._today}T06:00:00+00:00"
        lineage: Row = {"extract_id": f"{endpoint}-{account_id}-{asked}", "account_id": account_id}
        call: Row = {"provider": _PROVIDER, "endpoint": endpoint, "requested_at": asked, "outcome": "ok"}
        self._rows["extracts"].append(lineage | call | (window or {}))
        columns = read(endpoint, json.dumps(document).encode()).columns[endpoint]
        rows = zip(*columns.values(), strict=True)
        self._rows[endpoint] += [{**dict(zip(columns, row, strict=True)), **lineage} for row in rows]

    def build(self, set_variable: Callable[[str, str], None] = os.environ.__setitem__) -> duckdb.DuckDBPyConnection:
        """Land, run ``dbt build``, and open its database; schema ``truth`` has what the banks know.

        ``truth.entries`` and ``truth.told`` (account_id, called, entry_id) are there, and ``truth.accounts``
        (account_id, account_key).

        :param set_variable: sets the environment variables by which dbt finds the lake.
        """
        settings = Settings(lake_url=f"file://{self._folder}/lake", home=self._folder)
        store = open_store(settings)
        for entity, rows in self._rows.items():
            columns = EXTRACT_COLUMNS if entity == "extracts" else (*LINEAGE, *COLUMNS[entity])
            key = layout.landing_key(provider=_PROVIDER, entity=entity, day=self._today, run_id="bench")
            put_table(store, key, make_table(columns, rows))
        database = self._folder / "dev.duckdb"
        run_dbt(self._folder, set_variable, database=str(database))
        connection = duckdb.connect(database)
        connection.execute(f"set variable lake_url = '{self._folder}/lake'")
        connection.execute("create schema truth")
        for name, table in {
            "entries": pa.concat_tables(self._truth),
            "told": _table(["account_id", "called", "entry_id"], self._entry_ids),
            "accounts": _table(["account_id", "account_key"], self._accounts),
        }.items():
            connection.register("given", table)
            connection.execute(f"create table truth.{name} as from given")
        return connection


def run_dbt(
    folder: Path, set_variable: Callable[[str, str], None] = os.environ.__setitem__, *, database: str = ":memory:"
) -> None:
    """Run ``dbt build`` over the lake in a folder, with the database in memory as a sync has it if none is named."""
    variables = {
        "FARTHING_ENV_FILE": os.devnull,
        "FARTHING_HOME": str(folder),
        "FARTHING_LAKE_URL": f"file://{folder}/lake",
        "DBT_FARTHING_DATABASE": database,
        "DBT_FARTHING_PLUGINS": str(PROJECT / "plugins"),
    }
    for name, value in variables.items():
        set_variable(name, value)
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    outputs = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--log-level-file", "info"]
    result = dbtRunner().invoke(["--quiet", "build", "--exclude-resource-type", "unit_test", *places, *outputs])
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]  # it would keep the database
    if not result.success:
        raise RuntimeError("dbt build failed; see what it printed.") from result.exception


def _table(names: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> pa.Table:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").to_arrow()
