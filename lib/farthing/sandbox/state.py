"""What the sandbox remembers from one run to the next, in one JSON file."""

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from farthing.errors import ConfigurationError

SCOPES = ("balances", "details", "transactions")


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Agreement(_Stored):
    """What an account holder is asked to consent to, and when they did."""

    id: UUID
    created: datetime
    institution_id: str
    max_historical_days: int
    access_valid_for_days: int
    access_scope: list[str]
    accepted: datetime | None = None

    @property
    def expires(self) -> datetime | None:
        """When the consent lapses, None before it is given."""
        return self.accepted + timedelta(days=self.access_valid_for_days) if self.accepted else None

    def has_expired(self, now: datetime) -> bool:
        """Say whether the consent has lapsed."""
        return self.expires is not None and now >= self.expires


class Requisition(_Stored):
    """A request for consent: its one-time link, and the accounts it gave."""

    id: UUID
    created: datetime
    redirect: str
    status: str = "CR"
    institution_id: str
    agreement: UUID
    reference: str
    accounts: list[UUID] = Field(default_factory=list)
    user_language: str | None = None
    link_id: UUID
    link: str


class Window(_Stored):
    """A count of calls that starts anew some time after its first."""

    since: datetime
    count: int = 0


class LinkedAccount(_Stored):
    """An account that some consent gave, and the calls made for its data."""

    created: datetime
    last_accessed: datetime | None = None
    calls: dict[str, Window] = Field(default_factory=dict)


class State(_Stored):
    """Everything there is to remember; agreements, requisitions and accounts by id."""

    agreements: dict[UUID, Agreement] = Field(default_factory=dict)
    requisitions: dict[UUID, Requisition] = Field(default_factory=dict)
    accounts: dict[UUID, LinkedAccount] = Field(default_factory=dict)


def load(path: Path) -> State:
    """Read the state, empty if there is no file yet.

    :raises ConfigurationError: if the file is not one that :func:`save` wrote.
    """
    if not path.exists():
        return State()
    try:
        return State.model_validate_json(path.read_bytes())
    except ValidationError:
        raise ConfigurationError(
            f"The sandbox bank's state in {path} cannot be read; move it away to begin anew."
        ) from None


def save(state: State, path: Path) -> None:
    """Replace the file with the state, whole or not at all, for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # created with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(state.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
