"""An empty database for each test, and sessions on it."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from farthing.state import database
from farthing.state.models import Base
from farthing.state.vault import Vault, make_key


@pytest.fixture(scope="session")
def state_engine(database_url: str) -> Iterator[Engine]:
    """Connect to a database of its own, so that tests elsewhere see nothing of these."""
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("create database state_tests"))
    server.dispose()
    own_url = url.set(drivername="postgresql", database="state_tests")
    engine = database.open_engine(SecretStr(own_url.render_as_string(hide_password=False)))
    yield engine
    engine.dispose()


@pytest.fixture
def empty_engine(state_engine: Engine) -> Engine:
    """Give a database without tables."""
    with state_engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("drop table if exists alembic_version"))
    return state_engine


@pytest.fixture
def new_session(state_engine: Engine) -> sessionmaker[Session]:
    """Make sessions on a migrated database without rows."""
    database.migrate(state_engine)
    with state_engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return database.new_session(state_engine)


@pytest.fixture
def vault() -> Vault:
    """Make a vault with a key of its own."""
    return Vault(SecretStr(make_key()))
