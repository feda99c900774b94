"""What the sandbox remembers from one run to the next, in one JSON file."""

import os
import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from farthing.errors import ConfigurationError
from farthing.sandbox.habits import Kind
from farthing.sandbox.merchants import Category

SCOPES = ("balances", "details", "transactions")


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Reconfirmation(_Stored):
    """An account holder's second yes, half-way through a long consent (Great Britain)."""

    link_id: UUID
    url: str
    created: datetime
    redirect: str | None = None
    last_accessed: datetime | None = None
    last_submitted: datetime | None = None
    reconfirmed: dict[UUID, datetime] = Field(default_factory=dict)
    rejected: dict[UUID, datetime] = Field(default_factory=dict)


class Agreement(_Stored):
    """What an account holder is asked to consent to, and when they did."""

    id: UUID
    created: datetime
    institution_id: str
    max_historical_days: int
    access_valid_for_days: int
    access_scope: list[str]
    reconfirmation: bool = False
    accepted: datetime | None = None
    ended: datetime | None = None  # before its time, at somebody's wish
    confirmed: Reconfirmation | None = None

    @property
    def expires(self) -> datetime | None:
        """When the consent lapses, None before it is given."""
        if self.accepted is None:
            return None
        lapses = self.accepted + timedelta(days=self.access_valid_for_days)
        return min(lapses, self.ended) if self.ended else lapses

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
    ssn: str | None = None
    account_selection: bool = False
    redirect_immediate: bool = False
    revoked: bool = False  # at the bank; the API does not know until it asks
    link_id: UUID
    link: str
    user: str = ""  # who signed in on the bank's page
    chosen: list[str] = Field(default_factory=list)  # keys of accounts; none chosen means all


class Window(_Stored):
    """A count of calls that starts anew some time after its first."""

    since: datetime
    count: int = 0


class LinkedAccount(_Stored):
    """An account that some consent gave, and the calls made for its data.

    :ivar key: which account it is; None in the state of early versions, whose ids follow from the key.
    """

    created: datetime
    key: str | None = None
    last_accessed: datetime | None = None
    calls: dict[str, Window] = Field(default_factory=dict)
    failures: int = 0  # in a row
    suspended: bool = False
    processing_until: datetime | None = None
    frozen_at: datetime | None = None


class Posting(_Stored):
    """An entry that somebody wished for, with the amount in the account's currency, negative if it goes out."""

    id: UUID
    day: date
    amount: Decimal
    kind: Kind
    counterparty: str
    category: Category
    town: str
    country: str
    text: str


class Amendment(_Stored):
    """What a bank changed in an entry of which it had told before; what is None stayed.

    :ivar was: the day on which the ledger has the entry, whatever was changed before.
    """

    at: datetime
    entry: UUID
    was: date
    day: date | None = None
    amount: Decimal | None = None
    text: str | None = None


class Event(_Stored):
    """Something that was made to befall an account at its bank.

    :ivar entry: the one that came, went or changed, if one did; ``day``, ``amount`` and ``text`` are what it had been.
    """

    at: datetime
    what: Literal[
        "posted", "withdrawn", "amended", "ids reissued", "closed", "blocked", "unblocked", "account id changed"
    ]
    entry: UUID | None = None
    day: date | None = None
    amount: Decimal | None = None
    text: str | None = None


class BankAccount(_Stored):
    """What befell an account at its bank, whoever links it; ``events`` tell when."""

    closed: datetime | None = None
    blocked: bool = False
    reissued: int = 0
    withdrawn: list[UUID] = Field(default_factory=list)
    posted: list[Posting] = Field(default_factory=list)
    amended: list[Amendment] = Field(default_factory=list)
    events: list[Event] = Field(default_factory=list)
    links: int = 0
    relabelled: int = 0

    def before(self, at: datetime) -> "BankAccount":
        """Return what had befallen the account's entries before a time."""
        later = [event for event in self.events if event.at >= at]
        since = {(event.what, event.entry) for event in later}
        return self.model_copy(
            update={
                "reissued": self.reissued - sum(event.what == "ids reissued" for event in later),
                "withdrawn": [entry for entry in self.withdrawn if ("withdrawn", entry) not in since],
                "posted": [posting for posting in self.posted if ("posted", posting.id) not in since],
                "amended": [amendment for amendment in self.amended if amendment.at < at],
            }
        )


class Fault(_Stored):
    """A fault to show: where, which, and how often (None: until it is cleared)."""

    name: str
    institution: str | None = None
    account: UUID | None = None
    scope: str | None = None
    times: int | None = Field(default=None, ge=1)
    seconds: float = Field(default=2, ge=0, le=120)  # only for the slow one and for the general limit
    status: str = "ERROR"  # only for that which refuses with the account


class Company(_Stored):
    """What GoCardless allows its customer: by default no acceptance by API, and no limits."""

    may_accept: bool = False
    may_reconfirm: bool = True
    connections: int | None = None
    addresses: list[str] | None = None
    daily_calls: int = Field(default=4, ge=1)


class Scopes(_Stored):
    """What a bank lets agreements ask for: one of those supported, with all of the mandatory ones."""

    supported: list[str] = list(SCOPES)
    mandatory: list[str] = Field(default_factory=list)


class State(_Stored):
    """Everything there is to remember; agreements, requisitions and accounts by id, bank accounts by key."""

    agreements: dict[UUID, Agreement] = Field(default_factory=dict)
    requisitions: dict[UUID, Requisition] = Field(default_factory=dict)
    accounts: dict[UUID, LinkedAccount] = Field(default_factory=dict)
    at_bank: dict[str, BankAccount] = Field(default_factory=dict)
    faults: list[Fault] = Field(default_factory=list)
    not_operational: list[str] = Field(default_factory=list)
    scopes: dict[str, Scopes] = Field(default_factory=dict)
    company: Company = Field(default_factory=Company)
    ahead: timedelta = timedelta()  # of the clock on the wall
    began: datetime | None = None
    seed: int | None = None  # of the ledger; None in the state of early versions, which is taken for the one asked for
    played: int = 0  # steps of the scenario
    tokens_since: datetime | None = None  # older ones are worth nothing

    def replace_with(self, other: Self) -> None:
        """Become another state, in place."""
        for name in type(self).model_fields:
            setattr(self, name, getattr(other, name))


def load(path: Path, *, seed: int) -> State:
    """Read the state, empty if there is no file yet.

    :param seed: of the ledger that the state is to be about.
    :raises ConfigurationError: if the file is not one that :func:`save` wrote, or is about the ledger of another seed.
    """
    if not path.exists():
        return State(seed=seed)
    try:
        known = State.model_validate_json(path.read_bytes())
    except ValidationError:
        raise ConfigurationError(
            f"The sandbox bank's state in {path} cannot be read; move it away to begin anew."
        ) from None
    if known.seed not in (None, seed):
        raise ConfigurationError(
            f"The sandbox bank's state in {path} is of the ledger of seed {known.seed}: "
            f"add --seed {known.seed}, or name another --home."
        )
    known.seed = seed
    return known


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
