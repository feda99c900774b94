"""GoCardless behind the provider seam: how to ask, what an answer means, how it becomes rows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote

import httpx

from farthing.gocardless import landing
from farthing.gocardless.allowance import is_rate_limit_header, read_allowance
from farthing.gocardless.client import BankDataClient
from farthing.gocardless.errors import (
    AllowanceSpentError,
    BankDataError,
    CredentialsRefusedError,
    UnexpectedResponseError,
)
from farthing.gocardless.refusals import error_from
from farthing.provider import Allowance, Answer, Ask, Endpoint, Outcome, Reading

_KEPT_HEADERS = ("content-type", "date")  # and the rate limits; no other header is anyone's business later

# A failure is a transport's and worth a retry, unless the token endpoint refused for one of these reasons.
_FAILURES = {error.__name__: error.outcome for error in (AllowanceSpentError, UnexpectedResponseError)}


class GoCardlessReader:
    """Fits :class:`farthing.provider.Reader`."""

    @property
    def name(self) -> str:
        """The name in object keys and dbt sources."""
        return "gocardless"

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The text columns of each landing entity."""
        return landing.COLUMNS

    @property
    def days(self) -> tuple[str, ...]:
        """The columns of transactions that may hold a day."""
        return landing.DAYS

    def outcome(self, answer: Answer) -> Outcome:
        """Say what an answer means for the one who asked; a success that cannot be read is worth a retry."""
        return self.reading(_endpoint(answer.path), answer)[0]

    def reading(self, endpoint: Endpoint, answer: Answer) -> tuple[Outcome, Reading | None]:
        """Say what an answer means, and make a good one into columns, parsing it once."""
        if answer.status is None:
            return _FAILURES.get(answer.failure or "", Outcome.RETRY), None
        if not 200 <= answer.status < 300:
            return error_from(answer.status, answer.headers, answer.body).outcome, None
        try:
            return Outcome.OK, self.read(endpoint, answer.body)
        except ValueError:
            return Outcome.RETRY, None

    def tells_of_failure(self, metadata: Mapping[str, str | None]) -> bool:
        """Say whether an account's landed metadata tells that its bank failed when it was last asked."""
        return metadata["status"] == "ERROR"

    def allowance(self, answer: Answer) -> Allowance | None:
        """Read how much of the account's allowance is left, where the answer says so."""
        return None if answer.status is None else read_allowance(answer.headers, answer.body, answer.status)

    def read(self, endpoint: Endpoint, body: bytes) -> Reading:
        """Make a good answer's body into columns to land: every field kept, nothing cast.

        :raises ValueError: if the body is not of the endpoint's shape; the message holds no value of it.
        """
        return landing.read(endpoint, body)


class GoCardlessProvider(GoCardlessReader):
    """Fits :class:`farthing.provider.Provider`."""

    def __init__(self, client: BankDataClient, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def fetch(self, ask: Ask) -> Answer:
        """Ask once and return what came back, a refusal or a time-out too.

        :raises CredentialsRefusedError: if the secrets are wrong, for then no question is worth asking.
        """
        path, params = _path(ask), _params(ask)
        started_at = self._now()
        try:
            response = await self._client.get(path, params)
        except CredentialsRefusedError:
            raise
        except (httpx.RequestError, BankDataError) as exc:
            return Answer(
                method="GET",
                path=path,
                params=params,
                started_at=started_at,
                ended_at=self._now(),
                failure=type(exc).__name__,
            )
        return Answer(
            method="GET",
            path=path,
            params=params,
            started_at=started_at,
            ended_at=self._now(),
            status=response.status_code,
            headers={name: value for name, value in response.headers.items() if _is_kept(name)},
            body=response.content,
        )


def _path(ask: Ask) -> str:
    if ask.endpoint is Endpoint.INSTITUTIONS:
        assert ask.institution_id  # noqa: S101 - without it, all banks would be asked for
        return f"institutions/{quote(ask.institution_id, safe='')}/"
    account = f"accounts/{quote(ask.account_id, safe='')}/"
    return account if ask.endpoint is Endpoint.ACCOUNTS else f"{account}{ask.endpoint}/"


def _endpoint(path: str) -> Endpoint:
    """Tell the endpoint from the path, the inverse of :func:`_path`."""
    match path.strip("/").split("/"):
        case ["institutions", _]:
            return Endpoint.INSTITUTIONS
        case [_, _, endpoint]:
            return Endpoint(endpoint)
        case _:
            return Endpoint.ACCOUNTS


def _params(ask: Ask) -> dict[str, str]:
    days = {"date_from": ask.date_from, "date_to": ask.date_to} if ask.endpoint is Endpoint.TRANSACTIONS else {}
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _is_kept(name: str) -> bool:
    return name in _KEPT_HEADERS or is_rate_limit_header(name)
