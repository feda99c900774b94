"""The faults that can be shown on purpose, by name: what banks refuse and leave out, and what goes wrong on the way."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from farthing.sandbox.refusals import Refusal, account_suspended, refusal
from farthing.sandbox.state import SCOPES, Fault, State

CALLS = ("token", "institutions", "agreements", "requisitions", "metadata", *SCOPES)
ALL_CALLS = "all"

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
}
ACCOUNT_STATE = "AccountState"  # refuses with the account itself
AccountState = Literal["DISCOVERED", "PROCESSING", "ERROR", "EXPIRED", "SUSPENDED"]
ACCOUNT_STATES = get_args(AccountState)
CUTTING = {
    "CutList": "the older half of the entries is missing, with status 200",
    "EmptyList": "no entry at all, with status 200",
}
AT_BANK = frozenset({*REFUSING, ACCOUNT_STATE, *CUTTING})
"""What only calls show that come as far as the bank."""

LIMITED = "RateLimitExceeded"  # refuses as the general limit does
INSTEAD = {
    "NotJson": lambda: Refusal(status=502, body=_PAGE),
    "Empty": lambda: Refusal(status=504, body=""),
}
DISTORTING = {
    "CutJson": "the answer breaks off in the middle",
    "Slow": "the answer takes `seconds`",
    "NoHeaders": "no rate limit headers",
    "OtherHeaders": "rate limit headers spelt x-ratelimit-…",
    "NegativeReset": "rate limits that were reset so many seconds ago",
    "OldWording": "refusals as of 2024: 400 where an agreement is over, a wrong country under `country`",
    "PlainFields": "wrong fields each with a plain text",
    "ListedErrors": "refusals whose summary and detail are lists",
    "NoStatusCode": "refusals without status_code",
}
ON_THE_WAY = frozenset({*INSTEAD, LIMITED, *DISTORTING})
"""What any call can show."""


class Faults:
    """The faults of a state that calls are to show.

    :param save: called after each change.
    """

    def __init__(self, state: State, *, save: Callable[[], None]) -> None:
        self._state = state
        self._save = save

    def take(
        self, names: Collection[str], call: str, *, institutions: Collection[str] = (), account: UUID | None = None
    ) -> list[Fault]:
        """Return the faults of some names that a call shows, and count them.

        :param institutions: the ids of the bank that the call is about, if it is about one.
        """
        shown = [
            each
            for each in self._state.faults
            if each.name in names
            and (each.scope in (call, ALL_CALLS) or (each.scope is None and call in SCOPES))
            and (each.institution is None or each.institution in institutions)
            and each.account in (None, account)
        ]
        counted = [each for each in shown if each.times is not None]
        for each in counted:
            each.times = (each.times or 1) - 1
        if counted:
            self._state.faults[:] = [each for each in self._state.faults if each.times != 0]
            self._save()
        return shown


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
