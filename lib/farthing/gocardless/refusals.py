"""What GoCardless's refusals mean for the caller, in one table.

A status alone does not tell: a 401 is a stale token, wrong secrets, a lapsed consent or a closed account. So the
body's ``type`` is looked at first, then its words, then the status. Messages hold nothing of a body but the vendor's
fixed names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from farthing.gocardless.allowance import read_wait
from farthing.gocardless.errors import (
    AccessRevokedError,
    AccountClosedError,
    AllowanceSpentError,
    BankDataError,
    BankFailedError,
    ConsentLapsedError,
    CredentialsRefusedError,
    DayNotBegunError,
    NotPermittedError,
    NotReadyError,
    QuotaSpentError,
    RequestRefusedError,
    StaleTokenError,
    TransientError,
    UnavailableError,
    UnexpectedResponseError,
)

WRONG_SECRETS = "the secrets were refused: check FARTHING_GOCARDLESS_SECRET_ID and FARTHING_GOCARDLESS_SECRET_KEY."


@dataclass(frozen=True, slots=True)
class _Meaning:
    error: type[BankDataError]
    advice: str


_RELINK = "its holder has to connect the bank again."
_LAPSED = _Meaning(ConsentLapsedError, f"access to the account has expired or was withdrawn: {_RELINK}")
_SUSPENDED = _Meaning(ConsentLapsedError, f"the account is suspended after repeated errors: {_RELINK}")
_PROCESSING = _Meaning(NotReadyError, "the bank is still delivering this account: try again in a few minutes.")
_BANK_DOWN = _Meaning(TransientError, "the bank or GoCardless is out of order: try again later.")
_SPENT = _Meaning(AllowanceSpentError, "the allowance is spent: wait until it is renewed.")
_REFUSED = _Meaning(RequestRefusedError, "the request was refused.")
_NOT_PERMITTED = _Meaning(NotPermittedError, "the company has no permission for this call.")
_FOREIGN = _Meaning(
    UnexpectedResponseError, "the answer is not GoCardless's own: check the network and FARTHING_GOCARDLESS_URL."
)
_UNKNOWN = _Meaning(UnexpectedResponseError, "this answer is not known to Farthing: please report it.")
_BY_TYPE: Mapping[str, _Meaning] = {
    "AccessExpiredError": _Meaning(AccessRevokedError, _LAPSED.advice),
    "AccountInactiveError": _Meaning(AccountClosedError, "the account is closed at the bank: it is left out."),
    "AccountAccessForbidden": _Meaning(UnavailableError, "the account's holder lacks the rights: it is left out."),
    "AccountResourceUnavailable": _Meaning(UnavailableError, "the bank does not offer this for the account."),
    "AccountProcessing": _PROCESSING,
    "RateLimitError": _SPENT,
    "UnknownRequestError": _Meaning(BankFailedError, _BANK_DOWN.advice),
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
    ("Insufficient permissions", ""): _NOT_PERMITTED,
    ("You do not have permission", ""): _NOT_PERMITTED,
    ("Account suspended", ""): _SUSPENDED,
    ("Account is processing", ""): _PROCESSING,
    ("Date can't be in future", ""): _Meaning(
        DayNotBegunError, "by its clock the day asked for has not begun: check this machine's clock, or try again soon."
    ),
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
    402: _Meaning(QuotaSpentError, "the free number of connections is used up: delete those no longer needed."),
    403: _REFUSED,
    404: _Meaning(UnavailableError, "nothing is known under this identifier (any more)."),
    405: _REFUSED,
    408: _BANK_DOWN,
    429: _SPENT,
}

# A proxy means by these what GoCardless does; by a 404 without GoCardless's body it does not.
_SAID_BY_ANYONE = (408, 429)

# The parameters Farthing sends; other keys of a body are not quoted, for they could be anything.
_FIELDS = (
    "access_scope",
    "access_valid_for_days",
    "account_selection",
    "agreement",
    "country",
    "date_from",
    "date_to",
    "institution_id",
    "ip_address",
    "limit",
    "max_historical_days",
    "offset",
    "reconfirmation",
    "redirect",
    "redirect_immediate",
    "reference",
    "refresh",
    "secret_id",
    "secret_key",
    "ssn",
    "user_agent",
    "user_language",
)


def error_for(response: httpx.Response) -> BankDataError:
    """Make a response that is no success into the error that names its remedy; its body must have been read."""
    return error_from(response.status_code, response.headers, response.content)


def error_from(status: int, headers: Mapping[str, str], body: bytes) -> BankDataError:
    """Make a refusal's parts into the error that names its remedy."""
    parsed = _parse(body)
    document = parsed or {}
    known_type = kind if isinstance(kind := document.get("type"), str) and kind in _BY_TYPE else None
    is_foreign = parsed is None and 400 <= status < 500 and status not in _SAID_BY_ANYONE
    meaning = _FOREIGN if is_foreign else _meaning(status, document, known_type)
    fields = tuple(name for name in _FIELDS if name in document)
    named = f" ({known_type})" if known_type else f" ({', '.join(fields)})" if fields else ""
    error = meaning.error(f"GoCardless answered {status}{named}: {meaning.advice}", status=status, fields=fields)
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


def _parse(body: bytes) -> dict[str, Any] | None:
    """Read an error's JSON object; null for anything else, such as a proxy's page or nothing."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield each summary: under ``summary``, or under a field as a text, an object, or a list of either."""
    for name, value in document.items():
        if name == "detail" and document.get("summary"):
            continue  # says the same at more length
        for item in value if isinstance(value, list) else [value]:
            text = (item.get("summary") or item.get("detail")) if isinstance(item, dict) else item
            if isinstance(text, str):
                yield text
