"""A small lake on disk, written as landing writes it, and dbt run on it in this process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from farthing.gocardless.landing import COLUMNS
from farthing.lake import layout
from farthing.lake.landing import EXTRACT_COLUMNS, LINEAGE, make_table
from farthing.lake.reference import name_account
from farthing.lake.store import open_store
from farthing.lake.tables import put_table
from farthing.settings import Settings

PROJECT = Path(__file__).parents[3] / "dbt_project"

type Row = Mapping[str, str | None]
type Marts = Callable[[str], list[tuple[object, ...]]]


@dataclass
class ReadProject:
    """What dbt knows of the project once it has read it: to read all of it takes as long as a build.

    :ivar target: where dbt writes.
    :ivar manifest: None until it is read.
    """

    target: Path
    manifest: Manifest | None = None


class Lake:
    """Landing rows by entity; ``build`` lands them and runs ``dbt build`` over them."""

    def __init__(self, folder: Path, project: ReadProject, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._project = project
        self.store = open_store(Settings(lake_url=f"file://{folder}/lake", home=folder))
        self._monkeypatch = monkeypatch
        self._columns = {entity: (*LINEAGE, *names) for entity, names in COLUMNS.items()}
        self._columns["extracts"] = EXTRACT_COLUMNS
        self._runs = 0
        self._rows: dict[str, list[Row]] = {entity: [] for entity in self._columns}

    def add(
        self,
        endpoint: str,
        account_id: str,
        asked: str,
        rows: Sequence[Row] = (),
        *,
        date_from: str | None = None,
        date_to: str | None = None,
        outcome: str = "ok",
        consent: tuple[str, str | None] = ("2026-01-01T08:00:00+00:00", None),
    ) -> None:
        """Add one answer: its extract, and the rows it had; ``asked`` is the UTC time of asking.

        :param consent: since when and until when the account may be read.
        """
        extract = {"extract_id": f"{endpoint}-{account_id}-{asked}", "account_id": account_id}
        request = {"endpoint": endpoint, "requested_at": asked, "date_from": date_from, "date_to": date_to}
        agreed = {"consent_given_at": consent[0], "consent_ends_at": consent[1]}
        self._rows["extracts"].append(extract | request | agreed | {"outcome": outcome})
        self._rows[endpoint].extend({"entry_index": str(index), **row, **extract} for index, row in enumerate(rows))

    def name(self, account_id: str, name: str, named: str) -> None:
        """Give an account a name as its owner does; ``named`` is the UTC time of it."""
        at = datetime.fromisoformat(named)
        name_account(self.store, provider="gocardless", account_id=account_id, name=name, named_at=at)

    def land(self, day: date = date(2026, 1, 1)) -> None:
        """Write the answers added since, as one run's of a day."""
        self._runs += 1
        for entity, columns in self._columns.items():
            key = layout.landing_key(provider="gocardless", entity=entity, day=day, run_id=f"run-{self._runs}")
            put_table(self.store, key, make_table(columns, self._rows[entity]))
            self._rows[entity] = []

    def build(self, *, with_unit_tests: bool = False) -> Marts:
        """Land and build, and return a function that runs SQL on the marts' files.

        :param with_unit_tests: dbt's own too; they bring their own rows, so one build of all that are tested is enough.
        """
        self.land()
        self._monkeypatch.setenv("FARTHING_ENV_FILE", str(self._folder / "none.env"))
        self._monkeypatch.setenv("FARTHING_HOME", str(self._folder))
        self._monkeypatch.setenv("FARTHING_LAKE_URL", f"file://{self._folder}/lake")
        self._monkeypatch.setenv(
            "DBT_FARTHING_DATABASE", ":memory:"
        )  # another name, and dbt would read its project anew
        self._monkeypatch.setenv("DBT_FARTHING_PLUGINS", str(PROJECT / "plugins"))
        folders = {"--project-dir": PROJECT, "--profiles-dir": PROJECT}
        outputs = {
            "--target-path": self._project.target,
            "--log-path": self._folder / "logs",
            "--log-level-file": "none",
        }
        options = [text for name, value in (folders | outputs).items() for text in (name, str(value))]
        left_out = [] if with_unit_tests else ["--exclude-resource-type", "unit_test"]
        # As a build of ours does: dbt would keep its connection, and what the owner had decided when it connected.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]  # dbt-duckdb ships no types
        if self._project.manifest is None:
            read = dbtRunner().invoke(["--quiet", "parse", "--no-write-json", *options]).result
            assert isinstance(read, Manifest)
            self._project.manifest = read
        runner = dbtRunner(manifest=self._project.manifest)
        result = runner.invoke(["--quiet", "build", "--no-write-json", *options, *left_out])
        assert result.success, result.exception or result.result

        connection = self.connection = duckdb.connect()
        connection.execute("create schema marts")
        for mart in (self._folder / "lake" / "marts").iterdir():
            newest = max(mart.iterdir(), key=lambda file: file.stat().st_mtime_ns)
            connection.execute(f"create view marts.{mart.name} as from read_parquet('{newest}')")

        def query(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        return query


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> ReadProject:
    """Return the project, which the first build reads; what differs between lakes is asked for as a build runs."""
    return ReadProject(tmp_path_factory.mktemp("target"))


@pytest.fixture
def lake(tmp_path: Path, project: ReadProject, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Return a lake without any answer."""
    return Lake(tmp_path, project, monkeypatch)
