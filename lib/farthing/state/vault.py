"""The vault: what is kept in Postgres about a provider's secrets is unreadable without a key from the settings."""

import hmac

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from farthing.state.errors import VaultKeyError


def make_key() -> str:
    """Make a new key, as text to be kept as ``FARTHING_VAULT_KEY``."""
    return Fernet.generate_key().decode()


class Vault:
    """Encrypts and decrypts secrets with one Fernet key."""

    def __init__(self, key: SecretStr | None) -> None:
        """Take the key from the settings.

        :raises VaultKeyError: if there is no key, or it is not a Fernet key.
        """
        if key is None:
            raise VaultKeyError("There is no vault key: run `farthing up` once to make one, or set FARTHING_VAULT_KEY.")
        self._key = key
        try:
            self._fernet = Fernet(key.get_secret_value())
        except ValueError:
            raise VaultKeyError(
                "FARTHING_VAULT_KEY is not a key: it must be 32 bytes in URL-safe base64, as `farthing up` makes it."
            ) from None

    def encrypt(self, plaintext: SecretStr) -> bytes:
        """Encrypt a secret; the result differs each time."""
        return self._fernet.encrypt(plaintext.get_secret_value().encode())

    def decrypt(self, ciphertext: bytes) -> SecretStr:
        """Decrypt what :meth:`encrypt` returned.

        :raises VaultKeyError: if it was encrypted with another key, or is damaged.
        """
        try:
            return SecretStr(self._fernet.decrypt(ciphertext).decode())
        except InvalidToken:
            raise VaultKeyError(
                "FARTHING_VAULT_KEY does not open the stored credentials: set the key that encrypted them."
            ) from None

    def digest(self, text: str) -> str:
        """Make a digest by which equal texts are known, and which tells nobody without the key what they are."""
        return hmac.digest(self._key.get_secret_value().encode(), text.encode(), "sha256").hex()
