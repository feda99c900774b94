"""A store of one secret, for clients that keep their tokens from run to run."""

from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from farthing.state.operations import save_secret
from farthing.state.queries import load_secret
from farthing.state.vault import Vault


class SecretStore:
    """Loads and saves one secret of one provider, each in a transaction of its own."""

    def __init__(
        self,
        new_session: sessionmaker[Session],
        vault: Vault,
        *,
        provider: str,
        kind: str,
        now: Callable[[], datetime],
    ) -> None:
        self._new_session = new_session
        self._vault = vault
        self._provider = provider
        self._kind = kind
        self._now = now

    def load(self) -> SecretStr | None:
        """Read the secret; null if none was saved.

        :raises VaultKeyError: if it was encrypted with another key.
        """
        with self._new_session.begin() as session:
            return load_secret(session, self._vault, provider=self._provider, kind=self._kind)

    def save(self, plaintext: SecretStr) -> None:
        """Store the secret in place of the earlier one."""
        with self._new_session.begin() as session:
            save_secret(
                session,
                self._vault,
                provider=self._provider,
                kind=self._kind,
                plaintext=plaintext,
                updated_at=self._now(),
            )
