"""The way to Postgres: engine, sessions, whether it answers, and its schema brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg.errors import InsufficientPrivilege
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from farthing.errors import ConfigurationError, ServiceDownError
from farthing.state.errors import SchemaTooNewError

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6661727468  # any number that nothing else in the database locks


def open_engine(database_url: SecretStr) -> Engine:
    """Make an engine, without connecting yet.

    :param database_url: ``postgresql://user:password@host/name``.
    :raises ConfigurationError: if that is not the address of a Postgres; it is not quoted.
    """
    try:
        url = make_url(database_url.get_secret_value())
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError("FARTHING_DATABASE_URL must be like postgresql://user:password@host/name.")
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": 5},
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text must not hold what was stored
    )


def new_session(engine: Engine) -> sessionmaker[Session]:
    """Make the factory of sessions, used as ``with new_session.begin() as session:``; rows outlive their session."""
    return sessionmaker(engine, expire_on_commit=False)


def check(engine: Engine) -> None:
    """Ask whether Postgres answers.

    :raises ServiceDownError: if it does not, within seconds.
    """
    with _answering(engine), engine.connect() as connection:
        connection.execute(select(1))


def migrate(engine: Engine) -> None:
    """Bring the schema up to date, in one transaction; of several who start together one does it, the others wait.

    :raises ServiceDownError: if Postgres does not answer.
    :raises SchemaTooNewError: if a newer Farthing has migrated it.
    :raises ConfigurationError: if the user may not create tables.
    """
    with _answering(engine), engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError:  # the revision in the database is none of ours
            raise SchemaTooNewError(
                "The database was set up by a newer Farthing: upgrade this one, "
                "or set FARTHING_DATABASE_URL to another database."
            ) from None
        except ProgrammingError as exc:
            if not isinstance(exc.orig, InsufficientPrivilege):
                raise
            raise ConfigurationError(
                "The user in FARTHING_DATABASE_URL may not create tables there: make it the database's owner."
            ) from None


def alembic_config(connection: Connection) -> Config:
    """Point Alembic at the packaged migrations and at a connection whose transaction is the caller's."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _answering(engine: Engine) -> Iterator[None]:
    try:
        yield
    except OperationalError:
        # Only the host is named: the rest of the address, and the driver's text, can hold a password.
        host = engine.url.host or engine.url.query.get("host") or "its usual socket"
        raise ServiceDownError(
            f"Postgres does not answer at {host}: start it with `farthing up`, or correct FARTHING_DATABASE_URL."
        ) from None
