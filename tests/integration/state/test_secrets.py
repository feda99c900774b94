"""Encrypted credentials, on a real Postgres."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from farthing.state.errors import VaultKeyError
from farthing.state.models import Credential
from farthing.state.tokens import SecretStore
from farthing.state.vault import Vault, make_key

pytestmark = pytest.mark.integration

CANARY = "canary-refresh-token"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

type OpenStore = Callable[..., SecretStore]


@pytest.fixture
def open_store(new_session: sessionmaker[Session], vault: Vault) -> OpenStore:
    """Open a store whose clock shows a given time."""

    def build(*, vault: Vault = vault, provider: str = "gocardless", at: datetime = NOON) -> SecretStore:
        return SecretStore(new_session, vault, provider=provider, kind="tokens", now=lambda: at)

    return build


def test_gives_back_what_was_saved(open_store: OpenStore) -> None:
    open_store().exchange(lambda _: SecretStr(CANARY))
    assert open_store().load() == SecretStr(CANARY)


def test_has_nothing_before_the_first_save(open_store: OpenStore) -> None:
    open_store(provider="another").exchange(lambda _: SecretStr(CANARY))
    assert open_store().load() is None


def test_keeps_the_newest_only(open_store: OpenStore, new_session: sessionmaker[Session]) -> None:
    open_store().exchange(lambda _: SecretStr("first"))
    open_store(at=NOON + timedelta(hours=1)).exchange(lambda _: SecretStr("second"))
    assert open_store().load() == SecretStr("second")
    with new_session() as session:
        assert session.scalars(select(Credential.updated_at)).all() == [NOON + timedelta(hours=1)]


def test_gives_a_renewal_the_secret_it_replaces(open_store: OpenStore) -> None:
    seen: list[SecretStr | None] = []

    def renew(kept: SecretStr | None) -> SecretStr:
        seen.append(kept)
        return SecretStr("next")

    open_store().exchange(renew)
    open_store().exchange(renew)
    assert seen == [None, SecretStr("next")]


def test_keeps_the_earlier_one_when_a_renewal_fails(open_store: OpenStore) -> None:
    def fail(kept: SecretStr | None) -> SecretStr:
        raise LookupError

    open_store().exchange(lambda _: SecretStr("first"))
    with pytest.raises(LookupError):
        open_store().exchange(fail)
    assert open_store().load() == SecretStr("first")


def test_stores_and_shows_no_plaintext(open_store: OpenStore, new_session: sessionmaker[Session]) -> None:
    open_store().exchange(lambda _: SecretStr(CANARY))
    with new_session() as session:
        credential = session.scalars(select(Credential)).one()
    assert CANARY.encode() not in credential.ciphertext
    assert CANARY not in repr(credential)
    assert credential.ciphertext.decode() not in repr(credential)


def test_refuses_another_key(open_store: OpenStore) -> None:
    open_store().exchange(lambda _: SecretStr(CANARY))
    with pytest.raises(VaultKeyError, match="FARTHING_VAULT_KEY") as caught:
        open_store(vault=Vault(SecretStr(make_key()))).load()
    assert CANARY not in str(caught.value)
