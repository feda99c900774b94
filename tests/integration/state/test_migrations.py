"""The migrations, on a real Postgres."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Engine, inspect, text

from farthing.errors import ConfigurationError
from farthing.state.database import alembic_config, migrate, new_session, open_engine
from farthing.state.errors import SchemaTooNewError
from farthing.state.models import Base
from farthing.state.operations import begin_requisition
from farthing.state.queries import requisitions

pytestmark = pytest.mark.integration

TABLES = {"credentials", "requisitions", "requisition_accounts"}


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def downgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")


def test_goes_up_down_and_up_again(empty_engine: Engine) -> None:
    migrate(empty_engine)
    assert tables(empty_engine) == TABLES
    with new_session(empty_engine).begin() as session:
        begin_requisition(
            session,
            provider="gocardless",
            institution_id="BANK",
            institution_name="A Bank",
            history_days=90,
            access_days=90,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    downgrade(empty_engine)
    assert tables(empty_engine) == set()
    migrate(empty_engine)
    assert tables(empty_engine) == TABLES


def test_leaves_no_difference_to_the_models(empty_engine: Engine) -> None:
    migrate(empty_engine)
    with empty_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_makes_the_same_constraints_as_the_models(empty_engine: Engine) -> None:
    """It compares what Alembic's own comparison leaves out: the checks, primary keys and cascades."""
    query = text(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace "
        "and conrelid <> coalesce(to_regclass('alembic_version'), 0) order by conname"
    )
    with empty_engine.begin() as connection:
        Base.metadata.create_all(connection)
        by_models = connection.execute(query).all()
        Base.metadata.drop_all(connection)
    migrate(empty_engine)
    with empty_engine.connect() as connection:
        by_migrations = connection.execute(query).all()
    assert by_migrations == by_models


def test_keeps_the_rows_when_run_again(empty_engine: Engine) -> None:
    migrate(empty_engine)
    with new_session(empty_engine).begin() as session:
        begun = begin_requisition(
            session,
            provider="gocardless",
            institution_id="BANK",
            institution_name="A Bank",
            history_days=90,
            access_days=90,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    migrate(empty_engine)
    with new_session(empty_engine)() as session:
        assert [requisition.id for requisition in requisitions(session)] == [begun.id]


def test_lets_several_start_together(empty_engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [empty_engine] * 4))
    assert tables(empty_engine) == TABLES


def test_leaves_logging_alone(empty_engine: Engine) -> None:
    logger = logging.getLogger("farthing.state.bystander")
    handlers = list(logging.getLogger().handlers)
    migrate(empty_engine)
    assert not logger.disabled
    assert logging.getLogger().handlers == handlers


def test_refuses_a_database_of_a_newer_farthing(empty_engine: Engine) -> None:
    migrate(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(SchemaTooNewError, match="newer Farthing"):
        migrate(empty_engine)


def test_names_a_user_without_the_right_to_create_tables(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text("drop role if exists reader"))
        connection.execute(text("create role reader login"))
    engine = open_engine(SecretStr(empty_engine.url.set(username="reader").render_as_string()))
    with pytest.raises(ConfigurationError, match="may not create tables"):
        migrate(engine)
    engine.dispose()


def test_keeps_the_rows_through_the_second_revision_and_back(empty_engine: Engine) -> None:
    insert = """
        insert into requisitions
            (id, provider, reference, institution_id, institution_name, status, history_days, access_days, created_at)
        values (gen_random_uuid(), 'gocardless', 'r', 'BANK', 'A Bank', 'created', 90, 90, now())
    """
    with empty_engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.execute(text(insert))
    migrate(empty_engine)
    with empty_engine.begin() as connection:
        assert connection.execute(text("select purpose from requisitions")).scalar_one() == "ongoing"
        connection.execute(text("update requisitions set status = 'replaced'"))
        command.downgrade(alembic_config(connection), "0001")
        assert connection.execute(text("select status from requisitions")).scalar_one() == "expired"
