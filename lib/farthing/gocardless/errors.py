"""What GoCardless's refusals mean for the caller: one table, and one class for each thing to do next.

A status alone does not tell: a 401 is a stale token, wrong secrets, a lapsed consent or a closed account. So the
body's ``type`` is looked at first, then its words, then the status. Messages hold nothing of a body but the vendor's
fixed names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import httpx

from farthing.errors import FarthingError
from farthing.gocardless.allowance import read_wait
from farthing.provider import Outcome


class BankDataError(FarthingError):
    """Base of all that can go wrong with GoCardless.

    :ivar status: the HTTP status, null if no answer came.
    :ivar fields: names of the parameters that were refused.
    :ivar counts_towards_suspension: whether the vendor counts it; about ten in a row suspend the account.
    """

    outcome: ClassVar[Outcome] = Outcome.UNEXPECTED

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        fields: tuple[str, ...] = (),
        counts_towards_suspension: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.fields = fields
        self.counts_towards_suspension = counts_towards_suspension


class TransientError(BankDataError):
    """The bank, GoCardless or the network failed: retry."""

    outcome = Outcome.RETRY


class StaleTokenError(TransientError):
    """The access or refresh token is no longer accepted: renew it, then retry."""


class ConsentLapsedError(BankDataError):
    """Access is over: ask the account holder to connect the bank again."""

    outcome = Outcome.RELINK


class AllowanceSpentError(BankDataError):
    """No more answers for now: wait for :attr:`retry_in`."""

    outcome = Outcome.WAIT
    retry_in: timedelta = timedelta(days=1)


class CredentialsRefusedError(BankDataError):
    """GoCardless does not accept who is asking: correct the settings or the portal's address list."""

    outcome = Outcome.CONFIGURE


class NotReadyError(BankDataError):
    """The bank is still delivering: ask again soon."""

    outcome = Outcome.NOT_READY


class UnavailableError(BankDataError):
    """This never comes: skip it."""

    outcome = Outcome.SKIP


class RequestRefusedError(BankDataError):
    """The call itself was wrong: fix it, see :attr:`BankDataError.fields`."""


class UnexpectedResponseError(BankDataError):
    """Nobody has met this answer: read the code."""


WRONG_SECRETS = "the secrets were refused: check FARTHING_GOCARDLESS_SECRET_ID and FARTHING_GOCARDLESS_SECRET_KEY."


@dataclass(frozen=True, slots=True)
class _Meaning:
    error: type[BankDataError]
    advice: str
    counts_towards_suspension: bool = False


_RELINK = "its holder has to connect the bank again."
_LAPSED = _Meaning(ConsentLapsedError, f"access to the account has expired or was withdrawn: {_RELINK}")
_SUSPENDED = _Meaning(ConsentLapsedError, f"the account is suspended after repeated errors: {_RELINK}")
_PROCESSING = _Meaning(NotReadyError, "the bank is still delivering this account: try again in a few minutes.")
_BANK_DOWN = _Meaning(TransientError, "the bank or GoCardless is out of order: try again later.")
_SPENT = _Meaning(AllowanceSpentError, "the allowance is spent: wait until it is renewed.")
_REFUSED = _Meaning(RequestRefusedError, "the request was refused.")
_UNKNOWN = _Meaning(UnexpectedResponseError, "this answer is not known to Farthing: please report it.")
_BY_TYPE: Mapping[str, _Meaning] = {
    "AccessExpiredError": _Meaning(ConsentLapsedError, _LAPSED.advice, counts_towards_suspension=True),
    "AccountInactiveError": _Meaning(UnavailableError, "the account is closed at the bank: it is left out."),
    "AccountAccessForbidden": _Meaning(UnavailableError, "the account's holder lacks the rights: it is left out."),
    "AccountResourceUnavailable": _Meaning(UnavailableError, "the bank does not offer this for the account."),
    "AccountProcessing": _PROCESSING,
    "RateLimitError": _SPENT,
    "UnknownRequestError": _Meaning(TransientError, _BANK_DOWN.advice, counts_towards_suspension=True),
    "ServiceError": _BANK_DOWN,
    "ConnectionError": _BANK_DOWN,
}

# How a summary (or a field's text) begins, and ends where an identifier stands in the middle.
_BY_WORDS: Mapping[tuple[str, str], _Meaning] = {
    ("Authentication failed", ""): _Meaning(CredentialsRefusedError, WRONG_SECRETS),
    ("Invalid token", ""): _Meaning(StaleTokenError, "the access token is stale: try again."),
    ("End User Agreement (EUA)", "has expired"): _LAPSED,  # a 400 in 2024, a 401 since
    ("End User Agreement (EUA) access scope error", ""): _Meaning(
        UnavailableError, "the consent does not include this data: it is left out."
    ),
    ("No valid End User Agreement", ""): _LAPSED,
    ("IP address access denied", ""): _Meaning(
        CredentialsRefusedError,
        "this machine's IP address is not allowed: add it to the secret's list in GoCardless's portal.",
    ),
    ("Account suspended", ""): _SUSPENDED,
    ("Account is processing", ""): _PROCESSING,
}

# A 409 may carry the account itself instead of an error.
_BY_ACCOUNT_STATUS: Mapping[str, _Meaning] = {
    "DISCOVERED": _PROCESSING,
    "PROCESSING": _PROCESSING,
    "ERROR": _BANK_DOWN,
    "EXPIRED": _LAPSED,
    "SUSPENDED": _SUSPENDED,
}

_BY_STATUS: Mapping[int, _Meaning] = {
    400: _REFUSED,
    402: _Meaning(RequestRefusedError, "the free number of connections is used up: delete those no longer needed."),
    403: _REFUSED,
    404: _Meaning(UnavailableError, "nothing is known under this identifier (any more)."),
    405: _REFUSED,
    408: _BANK_DOWN,
    429: _SPENT,
}

# The parameters Farthing sends; other keys of a body are not quoted, for they could be anything.
_FIELDS = (
    "access_scope",
    "access_valid_for_days",
    "agreement",
    "country",
    "date_from",
    "date_to",
    "institution_id",
    "max_historical_days",
    "redirect",
    "reference",
    "refresh",
    "secret_id",
    "secret_key",
)


def error_for(response: httpx.Response) -> BankDataError:
    """Make a response that is no success into the error that names its remedy; its body must have been read."""
    return error_from(response.status_code, response.headers, response.content)


def error_from(status: int, headers: Mapping[str, str], body: bytes) -> BankDataError:
    """Make a refusal's parts into the error that names its remedy."""
    document = _parse(body)
    known_type = kind if isinstance(kind := document.get("type"), str) and kind in _BY_TYPE else None
    meaning = _meaning(status, document, known_type)
    fields = tuple(name for name in _FIELDS if name in document)
    named = f" ({known_type})" if known_type else f" ({', '.join(fields)})" if fields else ""
    error = meaning.error(
        f"GoCardless answered {status}{named}: {meaning.advice}",
        status=status,
        fields=fields,
        counts_towards_suspension=meaning.counts_towards_suspension,
    )
    if isinstance(error, AllowanceSpentError):
        error.retry_in = read_wait(headers, body)
    return error


def _meaning(status: int, document: Mapping[str, Any], known_type: str | None) -> _Meaning:
    if known_type:
        return _BY_TYPE[known_type]
    for text in _texts(document):
        for (beginning, ending), meaning in _BY_WORDS.items():
            if text.startswith(beginning) and text.rstrip().endswith(ending):
                return meaning
    account_status = document.get("status")
    if status == 409 and isinstance(account_status, str) and account_status in _BY_ACCOUNT_STATUS:
        return _BY_ACCOUNT_STATUS[account_status]
    return _BANK_DOWN if status >= 500 else _BY_STATUS.get(status, _UNKNOWN)


def _parse(body: bytes) -> dict[str, Any]:
    """Read an error's JSON; a proxy's HTML page and an empty body say nothing."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield each summary: under ``summary``, or under a field as a text, an object, or a list of either."""
    for name, value in document.items():
        if name == "detail":
            continue  # says the same at more length
        for item in value if isinstance(value, list) else [value]:
            text = item.get("summary") if isinstance(item, dict) else item
            if isinstance(text, str):
                yield text
