"""The provider seam: all that syncing and the lake know of whoever supplies bank data.

A provider is a folder of its own (``farthing.gocardless``) with one class that fits :class:`Provider`. Nothing on this
side of the seam knows a provider's paths, payloads or status codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Endpoint(StrEnum):
    """What can be asked about one account, or about its bank; the value names it in object keys and tables."""

    ACCOUNTS = "accounts"
    DETAILS = "details"
    BALANCES = "balances"
    TRANSACTIONS = "transactions"
    INSTITUTIONS = "institutions"  # the bank of the account: its name, its country, how far back it tells


class Outcome(StrEnum):
    """What an answer means for the one who asked: what to do next."""

    OK = "ok"
    RETRY = "retry"  # the bank or the network failed: the same call may work later
    RETRY_SPARINGLY = "retry_sparingly"  # the same, but failures of this kind in a row have the account suspended
    WAIT = "wait"  # an allowance is spent: nothing to mend, only to wait
    NOT_READY = "not_ready"  # the bank is still delivering, or its day has not begun: ask again soon
    RELINK = "relink"  # only the account holder can mend it, by consenting anew
    SKIP = "skip"  # this never comes for this account
    CONFIGURE = "configure"  # the settings are wrong
    UNEXPECTED = "unexpected"  # nobody has met this answer: read the code


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the account holder agreed to: since when an account may be read, and until when, where that is known.

    ``is_history`` marks one for the long history, which is told again and again as it was when it was first asked for.
    """

    given_at: datetime
    ends_at: datetime | None
    is_history: bool = False  # what was stored before it was noted does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question: an endpoint of one account, and for transactions the days wanted (inclusive).

    ``consent`` is what allows it to be asked; it is kept beside the answer. ``institution_id`` says which bank is asked
    about, where the question is about a bank.
    """

    endpoint: Endpoint
    account_id: str
    date_from: date | None = None
    date_to: date | None = None
    consent: Consent | None = None
    institution_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one question, as it came; ``status`` is null and ``failure`` names why when nothing did.

    The body is private: it is left out of ``repr``.
    """

    method: str
    path: str
    params: Mapping[str, str]
    started_at: datetime
    ended_at: datetime
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many successful calls of one endpoint an account has left, and how long until they are renewed."""

    limit: int | None
    remaining: int | None
    reset_in: timedelta | None


type Columns = Mapping[str, Sequence[str | None]]  # by name and equally long; one that is left out is null throughout


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer made ready to land: columns of text by entity, and what of the envelope has no column (JSON)."""

    columns: Mapping[str, Columns]
    other_fields: str | None = None


class Reader(Protocol):
    """What understands a supplier's answers wherever they lie; it can be pickled, so that other processes read too."""

    @property
    def name(self) -> str:
        """The name in object keys and dbt sources."""

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The text columns of each landing entity, in order, without the lineage columns that the lake adds."""

    @property
    def days(self) -> tuple[str, ...]:
        """The columns of ``transactions`` that may hold a day of the entry, as text that begins ``YYYY-MM-DD``."""

    def outcome(self, answer: Answer) -> Outcome:
        """Say what an answer means for the one who asked."""

    def reading(self, endpoint: Endpoint, answer: Answer) -> tuple[Outcome, Reading | None]:
        """Say what an answer means, and make a good one into columns, parsing it once."""

    def tells_of_failure(self, metadata: Mapping[str, str | None]) -> bool:
        """Say whether an account's landed metadata tells that its bank failed when it was last asked."""

    def allowance(self, answer: Answer) -> Allowance | None:
        """Read how much of the account's allowance is left, where the answer says so."""

    def read(self, endpoint: Endpoint, body: bytes) -> Reading:
        """Make a good answer's body into columns to land: every field kept, nothing cast.

        :raises ValueError: if the body is not of the endpoint's shape; the message holds no value of it.
        """


class Provider(Reader, Protocol):
    """A supplier of bank data."""

    async def fetch(self, ask: Ask) -> Answer:
        """Ask once and return what came back, a refusal or a time-out too; never raises for either."""
