"""Gives dbt's DuckDB the lake: the same settings and the same connection as the rest of Farthing."""

from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from farthing.lake.connection import prepare
from farthing.lake.reference.loading import load_reference
from farthing.lake.store import open_store
from farthing.settings import Settings

_MARTS = Path(__file__).parents[1] / "models" / "marts"


class Plugin(BasePlugin):
    """The dbt-duckdb plugin that ``profiles.yml`` names."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Load what S3 needs and what the owner decided, and tell the models where the lake lies."""
        settings = Settings.load()
        prepare(conn, settings)
        load_reference(conn, open_store(settings))
        self._base_currency = settings.base_currency
        # What does not fit into memory: beside the keys, not wherever dbt was called from.
        folder = settings.home.absolute() / "dbt"
        folder.mkdir(parents=True, exist_ok=True)
        conn.execute("set temp_directory = $1", [str(folder / "spill")])
        self._lake_url: str = conn.sql("select getvariable('lake_url')").fetchall()[0][0]
        if settings.lake_url.startswith("file://"):  # DuckDB makes files, but no folders for them
            for model in _MARTS.rglob("*.sql"):
                Path(self._lake_url, "marts", model.stem).mkdir(parents=True, exist_ok=True)

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Tell each of dbt's threads what the settings say: variables do not pass from connection to cursor."""
        cursor.execute("set variable lake_url = $1", [self._lake_url])
        cursor.execute("set variable base_currency = $1", [self._base_currency])
