"""A store of one secret, for clients that keep their tokens from run to run and share them among processes."""

from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from farthing.state.operations import save_secret
from farthing.state.queries import load_secret
from farthing.state.vault import Vault


class SecretStore:
    """Loads and renews one secret of one provider, each in a transaction of its own."""

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

    def exchange(self, renew: Callable[[SecretStr | None], SecretStr]) -> None:
        """Store what ``renew`` makes of the secret; whoever else would renew it waits, and is then given the new one.

        Where ``renew`` fails, the earlier secret stays.

        :param renew: is called once, with the secret as it is while nobody else can change it; null if none was saved.
        :raises VaultKeyError: if the secret was encrypted with another key.
        """
        with self._new_session.begin() as session:
            # Not a lock of the row, for there may be none yet; it ends with the transaction, however that ends.
            name = f"{self._provider}\n{self._kind}"
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
            kept = load_secret(session, self._vault, provider=self._provider, kind=self._kind)
            save_secret(
                session,
                self._vault,
                provider=self._provider,
                kind=self._kind,
                plaintext=renew(kept),
                updated_at=self._now(),
            )
