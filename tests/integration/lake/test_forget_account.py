"""Forgetting one account of a bank whose other accounts stay, wherever the lake lies."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from farthing.assembly import prepare_stores, sessions, source_of
from farthing.forgetting import account_ids_of_one, consents_of_none_else, forget_account
from farthing.lake import layout
from farthing.lake.catalogue import Mart, publish
from farthing.lake.raw import read_raw
from farthing.lake.reference import Note, current
from farthing.lake.tables import put_table
from farthing.settings import Settings
from farthing.state.database import open_engine
from farthing.state.operations import begin_requisition, mark_linked
from farthing.state.queries import linked_accounts, requisitions
from farthing.subjects import UnknownSubjectError
from farthing.sync.pull import outbox_of
from tests.integration.lake.test_forget import (
    FORGOTTEN,
    GONE_KEY,
    IBAN,
    KEPT,
    KEPT_IBAN,
    KEPT_KEY,
    NEW_LINK,
    NOON,
    OLD_LINK,
    Lake,
    MakeLake,
    make_lake,
)

__all__ = ["make_lake"]

pytestmark = pytest.mark.integration

ALONE = "requisition of the forgotten account alone"


@pytest.fixture
def lake(make_lake: MakeLake, database_url: str) -> Lake:
    """A lake that shows two accounts, and the consents that opened both, and one of them by itself."""
    url = make_url(database_url)
    engine = open_engine(SecretStr(database_url))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("drop database if exists forget_tests"))
        connection.execute(text("create database forget_tests"))
    engine.dispose()
    made = make_lake("lake")
    own_url = url.set(database="forget_tests").render_as_string(hide_password=False)
    made.settings = made.settings.model_copy(update={"database_url": SecretStr(own_url)})
    prepare_stores(made.settings)
    _link(made.settings, OLD_LINK, KEPT)
    _link(made.settings, NEW_LINK, KEPT)
    _link(made.settings, NEW_LINK, institution_name=ALONE)
    _build(made, "before", {IBAN: FORGOTTEN, KEPT_IBAN: [KEPT]})
    return made


def _link(settings: Settings, *account_ids: str, institution_name: str = "Bank") -> None:
    with sessions(settings) as new_session, new_session.begin() as session:
        begun = begin_requisition(
            session, provider=source_of(settings), institution_id="BANK", institution_name=institution_name,
            history_days=90, access_days=90, created_at=NOON,
        )  # fmt: skip
        identities = {account_id: "kept" if account_id == KEPT else "gone" for account_id in account_ids}
        expires_at = NOON + timedelta(days=90)
        mark_linked(session, requisition_id=begun.id, identities=identities, linked_at=NOON, expires_at=expires_at)


def _build(lake: Lake, build_id: str, accounts: dict[str, list[str] | tuple[str, ...]]) -> str:
    """Publish accounts by key, each with an entry; the key is the IBAN, to be looked for."""
    rows: dict[str, dict[str, list[Any]]] = {
        "dim_account": {
            "account_key": list(accounts),
            "account_name": [f"Account {key[-4:]}" for key in accounts],
            "account_ids": [list(ids) for ids in accounts.values()],
        },
        "fct_transactions": {
            "account_key": list(accounts),
            "transaction_key": [GONE_KEY if key == IBAN else KEPT_KEY for key in accounts],
        },
    }
    for name, columns in rows.items():
        put_table(lake.store, layout.mart_key(model=name, build_id=build_id), pl.DataFrame(columns))
    marts = [Mart(name=name, description="d", columns={}) for name in rows]
    publish(lake.store, lake.settings, build_id=build_id, marts=marts)
    return build_id


def test_leaves_no_trace_of_the_account_and_all_of_the_others(lake: Lake) -> None:
    outbox = outbox_of(lake.settings)
    raw = {key: lake.store.get(key) for key in lake.store.keys(layout.RAW)}
    for key, content in raw.items():
        outbox.put(key, content)
    assert set(lake.traces()) == {"raw", "landing", "reference", "marts"}

    account_ids = account_ids_of_one(lake.settings, f"account {IBAN[-4:]}")
    gone = forget_account(lake.settings, account_ids, build=lambda: _build(lake, "after", {KEPT_IBAN: [KEPT]}))

    assert account_ids == set(FORGOTTEN)
    assert (gone.account_ids, gone.consents, gone.build_objects) == (2, 1, 3)
    assert lake.traces() == {}
    kept = {key: content for key, content in raw.items() if KEPT in key}
    assert {key: lake.store.get(key) for key in lake.store.keys(layout.RAW)} == kept
    assert {read_raw(outbox, key).extract.account_id for key in outbox.keys(layout.RAW)} == {KEPT}
    assert [note.transaction_key for note in current(lake.store, Note)] == [KEPT_KEY]
    with sessions(lake.settings) as new_session, new_session() as session:
        assert [each.account_id for each in linked_accounts(session)] == [KEPT]  # nothing else is synced any more
        assert {account_id for each in requisitions(session) for account_id in each.account_ids} == {KEPT}


@pytest.mark.parametrize("named", [OLD_LINK, NEW_LINK, IBAN])
def test_finds_an_account_by_any_of_its_ids_and_the_consents_of_it_alone(lake: Lake, named: str) -> None:
    account_ids = account_ids_of_one(lake.settings, named)
    ended = consents_of_none_else(lake.settings, account_ids)

    assert account_ids == set(FORGOTTEN)
    with sessions(lake.settings) as new_session, new_session() as session:
        assert [each.institution_name for each in requisitions(session) if each.id in ended] == [ALONE]


@pytest.mark.parametrize(
    ("named", "said"), [("", "no such account"), ("nobody's", "no such account"), ("0000", "Several accounts")]
)
def test_forgets_no_account_that_is_not_the_one_meant(lake: Lake, named: str, said: str) -> None:
    with pytest.raises(UnknownSubjectError, match=said):
        account_ids_of_one(lake.settings, named)
