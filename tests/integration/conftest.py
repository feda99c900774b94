"""The servers that integration tests share."""

from collections.abc import Iterator

import pytest

from farthing.stack.postgres import running_postgres


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Postgres and give its address; its one database is empty at first."""
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url
