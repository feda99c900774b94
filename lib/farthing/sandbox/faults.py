"""The faults that can be shown on purpose, by name: refusals of a bank, and answers that are not what they seem."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from farthing.sandbox.refusals import Refusal, account_suspended, refusal

_PAGE = "<html><head><title>502 Server Error</title></head><body>upstream</body></html>"
_OUR_SIDE = "Something went terribly wrong on our side - please contact support and provide error id: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusing:
    """A fault that answers with an error.

    :ivar counts: whether ten of it in a row suspend an account.
    """

    answer: Callable[[str], Refusal]
    counts: bool = False


def _at_bank(status: int, detail: str, error_type: str | None) -> Callable[[str], Refusal]:
    return lambda scope: refusal(status, f"Couldn't update account {scope}", detail, error_type=error_type)


REFUSING = {
    "AccessExpiredError": Refusing(
        answer=_at_bank(
            401,
            "Access has expired or it has been revoked. To restore access reconnect the account.",
            "AccessExpiredError",
        ),
        counts=True,
    ),
    "AccountInactiveError": Refusing(
        answer=_at_bank(401, "Account has been deactivated or it no longer exists.", "AccountInactiveError")
    ),
    "AccountAccessForbidden": Refusing(
        answer=_at_bank(
            403,
            "Access to account is forbidden. The user might not have the necessary permissions.",
            "AccountAccessForbidden",
        )
    ),
    "AccountResourceUnavailable": Refusing(
        answer=_at_bank(
            403,
            "The requested resource is unavailable for this account. "
            "Certain resources may be restricted or unsupported for specific accounts.",
            "AccountResourceUnavailable",
        )
    ),
    "AccountProcessing": Refusing(
        answer=lambda _: refusal(
            409, "Account is processing", "Account data is currently being processed.", error_type="AccountProcessing"
        )
    ),
    "AccountSuspended": Refusing(answer=lambda _: account_suspended()),
    "RateLimitError": Refusing(
        answer=_at_bank(429, "Daily request limit set by the Institution has been exceeded.", "RateLimitError")
    ),
    "UnknownRequestError": Refusing(
        answer=_at_bank(500, "Request to Institution returned an error", "UnknownRequestError"), counts=True
    ),
    "OurSide": Refusing(answer=_at_bank(500, _OUR_SIDE + "0" * 32, None)),
    "ServiceError": Refusing(answer=_at_bank(503, "Institution service unavailable", "ServiceError")),
    "ConnectionError": Refusing(answer=_at_bank(503, "Couldn't connect to Institution", "ConnectionError")),
    "NotJson": Refusing(answer=lambda _: Refusal(status=502, body=_PAGE)),
    "Empty": Refusing(answer=lambda _: Refusal(status=504, body="")),
}
DISTORTING = {
    "CutJson": "the answer breaks off in the middle",
    "CutList": "the older half of the entries is missing, with status 200",
    "EmptyList": "no entry at all, with status 200",
    "Slow": "the answer takes `seconds`",
    "NoHeaders": "no rate limit headers",
    "OtherHeaders": "rate limit headers spelt x-ratelimit-…",
}
NAMES = frozenset({*REFUSING, *DISTORTING, "AccountState"})  # the last one answers with the account itself


def account_state(
    *,
    account_id: str,
    created: datetime,
    last_accessed: datetime | None,
    iban: str | None,
    institution: str,
    status: str,
) -> Refusal:
    """Refuse with the account itself, whose state forbids the call: no summary, other names, other times."""
    body = {
        "id": account_id,
        "created": created.isoformat(sep=" ", timespec="microseconds"),
        "last_accessed": last_accessed.isoformat(sep=" ", timespec="microseconds") if last_accessed else None,
        "iban": iban,
        "aspsp_identifier": institution,
        "status": status,
    }
    return Refusal(status=409, body=body)
