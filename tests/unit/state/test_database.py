"""Addresses of databases, without one."""

import pytest
from pydantic import SecretStr

from farthing.errors import ConfigurationError
from farthing.state.database import open_engine


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_speaks_to_postgres_through_psycopg(scheme: str) -> None:
    engine = open_engine(SecretStr(f"{scheme}://someone:hunter2@db.test:5433/farthing"))
    assert engine.url.drivername == "postgresql+psycopg"
    assert (engine.url.host, engine.url.port, engine.url.database) == ("db.test", 5433, "farthing")
    assert "hunter2" not in repr(engine)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("mysql://someone:hunter2@db.test/farthing", id="another-database"),
        pytest.param("someone:hunter2@db.test", id="no-scheme"),
        pytest.param("postgresql://someone:hunter2@db.test:port/farthing", id="no-port-number"),
    ],
)
def test_refuses_other_addresses_without_quoting_them(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql://user:password@host/name") as caught:
        open_engine(SecretStr(address))
    assert "hunter2" not in str(caught.value)
