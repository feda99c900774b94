"""The vault, without a database."""

import pytest
from pydantic import SecretStr

from farthing.state.errors import VaultKeyError
from farthing.state.vault import Vault, make_key


def test_opens_what_it_closed() -> None:
    vault = Vault(SecretStr(make_key()))
    assert vault.decrypt(vault.encrypt(SecretStr("pâté"))) == SecretStr("pâté")


def test_closes_the_same_secret_differently_each_time() -> None:
    vault = Vault(SecretStr(make_key()))
    assert vault.encrypt(SecretStr("same")) != vault.encrypt(SecretStr("same"))


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("c2hvcnQ=", id="short"),
        pytest.param("not base64 at all!", id="not-base64"),
        pytest.param("ключ", id="not-ascii"),
    ],
)
def test_refuses_what_is_no_key(key: str | None) -> None:
    with pytest.raises(VaultKeyError, match="FARTHING_VAULT_KEY") as caught:
        Vault(None if key is None else SecretStr(key))
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("damage", [pytest.param(slice(0, -4), id="cut"), pytest.param(slice(1, None), id="shifted")])
def test_refuses_what_is_damaged(damage: slice) -> None:
    vault = Vault(SecretStr(make_key()))
    with pytest.raises(VaultKeyError, match="does not open"):
        vault.decrypt(vault.encrypt(SecretStr("secret"))[damage])
