"""DuckDB connections to the lake, for the catalogue, for people's SQL and for dbt alike."""

from importlib.resources import files

import duckdb

from farthing.errors import ConfigurationError
from farthing.settings import Settings


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Give a connection the lake: the S3 secret where one is needed, and the variable ``lake_url``.

    ``lake_url`` is the lake's address as DuckDB reads it, without a slash at its end.
    """
    is_local = settings.lake_url.startswith("file://")
    connection.execute("set variable lake_url = $1", [settings.lake_url.removeprefix("file://")])
    if not is_local:
        _load_httpfs(connection)
        connection.execute(_secret(settings))


def _load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the signed extension that the lock brings; where it does not fit the machine, DuckDB's own."""
    try:
        bundled = files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
        connection.load_extension(str(bundled))
    except (duckdb.Error, ImportError):
        try:
            connection.install_extension("httpfs")
            connection.load_extension("httpfs")
        except duckdb.Error:
            raise ConfigurationError(
                "DuckDB's httpfs extension is not there and cannot be fetched: run `make setup` again."
            ) from None


def _secret(settings: Settings) -> str:
    """Write the ``create secret`` statement; its values cannot be bound as parameters."""
    options = {"type": "s3", "region": settings.s3_region, "scope": settings.lake_url}
    if settings.s3_access_key_id is not None and settings.s3_secret_access_key is not None:
        options["key_id"] = settings.s3_access_key_id.get_secret_value()
        options["secret"] = settings.s3_secret_access_key.get_secret_value()
    else:
        options["provider"] = "credential_chain"
    if settings.s3_endpoint is not None:
        scheme, _, host = settings.s3_endpoint.partition("://")
        options |= {"endpoint": host.rstrip("/"), "use_ssl": str(scheme == "https").lower(), "url_style": "path"}
    quoted = ", ".join(f"{name} '{value.replace(chr(39), chr(39) * 2)}'" for name, value in options.items())
    return f"create or replace temporary secret farthing_lake ({quoted})"
