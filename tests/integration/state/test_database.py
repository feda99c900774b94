"""Reaching Postgres, and not reaching it."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from farthing.errors import FarthingError, ServiceDownError
from farthing.state.database import check, migrate, open_engine

pytestmark = pytest.mark.integration


def test_answers(state_engine: Engine) -> None:
    check(state_engine)


@pytest.mark.parametrize("reach", [check, migrate])
def test_says_in_one_line_that_nobody_answers(reach: object, tmp_path: Path) -> None:
    assert callable(reach)
    engine = open_engine(SecretStr(f"postgresql://someone:hunter2@/farthing?host={tmp_path}"))
    with pytest.raises(ServiceDownError) as caught:
        reach(engine)
    assert str(caught.value) == (
        f"Postgres does not answer at {tmp_path}: start it with `farthing up`, or correct FARTHING_DATABASE_URL."
    )


def test_names_an_unknown_database_without_its_password(database_url: str) -> None:
    engine = open_engine(SecretStr(database_url.replace("postgres@/postgres", "postgres:hunter2@/nowhere")))
    with pytest.raises(FarthingError) as caught:
        check(engine)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
