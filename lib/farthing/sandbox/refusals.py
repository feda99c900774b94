"""The documented refusals of the API, each with its status and body."""

from collections.abc import Mapping
from datetime import date, datetime


class Refusal(Exception):  # noqa: N818 - an answer of the protocol, not a fault of ours
    """An answer that is not the one asked for: a status, a JSON body (or a page's text) and perhaps headers."""

    def __init__(
        self, *, status: int, body: Mapping[str, object] | str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


def refusal(status: int, summary: str, detail: str, *, error_type: str | None = None) -> Refusal:
    """Make a refusal of the usual shape; those on the bank's side have a type."""
    typed = {"type": error_type} if error_type else {}
    return Refusal(status=status, body={"summary": summary, "detail": detail, **typed, "status_code": status})


def fault(summary: str, detail: str) -> dict[str, object]:
    """Describe what is wrong with a field."""
    return {"summary": summary, "detail": detail}


def field_refusal(**fields: object) -> Refusal:
    """Make a 400 whose body has a key for each wrong field."""
    return Refusal(status=400, body={**fields, "status_code": 400})


def field_not_found(**fields: object) -> Refusal:
    """Make a 404 about what a field names."""
    return Refusal(status=404, body={**fields, "status_code": 404})


def wrong_field(name: str, summary: str, detail: str) -> Refusal:
    """Make a 400 about one field."""
    return field_refusal(**{name: fault(summary, detail)})


def authentication_failed() -> Refusal:
    """The secrets are not ours."""
    return refusal(401, "Authentication failed", "No active account found with the given credentials")


def invalid_token() -> Refusal:
    """The bearer or refresh token is unknown or too old."""
    return refusal(401, "Invalid token", "Token is invalid or expired")


def address_denied(address: str) -> Refusal:
    """The caller's address is not on the company's list."""
    return refusal(403, "IP address access denied", f"Your IP {address} isn't whitelisted to perform this action")


def unknown_fields(names: list[str], place: str) -> Refusal:
    """The query or the body has fields that the call does not know."""
    return refusal(400, "Unknown fields", f"Unknown fields {{{', '.join(names)}}} in {{{place}}}")


def not_found() -> Refusal:
    """There is nothing at this path or of this id."""
    return refusal(404, "Not found.", "Not found.")


def invalid_id(kind: str, text: str) -> Refusal:
    """The id is no UUID; the blank at the end is the API's own."""
    return refusal(400, f"Invalid {kind} ID", f"{text} is not a valid {kind} UUID. ")


def no_account() -> Refusal:
    """No consent ever gave this account, says its metadata."""
    text = "No Account matches the given query."
    return refusal(404, text, text)


def account_not_found(account_id: str) -> Refusal:
    """No consent ever gave this account, say its data."""
    detail = "Please check whether you specified a valid Account ID"
    return refusal(404, f"Account ID {account_id} not found", detail)


def no_permission(summary: str, detail: str) -> Refusal:
    """The company may not do this."""
    return refusal(403, summary, detail)


def payment_required() -> Refusal:
    """The free quota of connections is used up."""
    return refusal(402, "Payment Required", "Free usage limit exceeded")


def not_operational(institution_id: str) -> Refusal:
    """The bank is under maintenance: no new consents."""
    summary = f"Institution {institution_id} is not operational"
    return refusal(503, summary, "Institution is currently unavailable, please try again later")


def no_valid_agreement() -> Refusal:
    """The account's requisition was deleted."""
    detail = "Account exists but there is no valid End User Agreement permitting you to access it"
    return refusal(403, "No valid End User Agreement", detail)


def agreement_expired(agreement_id: str, *, days: int, at: datetime) -> Refusal:
    """The time that the account holder consented to is over."""
    detail = (
        f"EUA was valid for {days} days and it expired at {at.isoformat(sep=' ')}. "
        "The end user must connect the account once more with new EUA and Requisition"
    )
    return refusal(401, f"End User Agreement (EUA) {agreement_id} has expired", detail)


def scope_not_agreed(scope: str) -> Refusal:
    """The account holder did not consent to this kind of data."""
    detail = (
        f"EUA doesn't allow access to account {scope}. "
        "Check EUA access scope. Or create new EUA with correct access scope"
    )
    return refusal(403, "End User Agreement (EUA) access scope error", detail)


def account_suspended() -> Refusal:
    """Ten accesses in a row failed."""
    detail = "This account or its requisition was suspended due to numerous errors that occurred while accessing it."
    return refusal(409, "Account suspended", detail)


def rate_limited(limit: str, *, seconds: int, headers: Mapping[str, str]) -> Refusal:
    """An allowance is spent.

    :param limit: times and period, such as ``4/day``.
    """
    detail = f"The rate limit for this resource is {limit}. Please try again in {seconds} seconds"
    body = {"summary": "Rate limit exceeded", "detail": detail, "status_code": 429}
    return Refusal(status=429, body=body, headers=headers)


def dates_in_future(today: date, **dates: date | None) -> Refusal | None:
    """Refuse dates after today, each under its own name; None if all are past."""
    wrong = {
        name: fault("Date can't be in future", f"'{day}' can't be greater than {today}. Specify correct date range")
        for name, day in dates.items()
        if day is not None and day > today
    }
    return field_refusal(**wrong) if wrong else None


def incorrect_range(first: date, last: date) -> Refusal:
    """The range of dates ends before it starts."""
    detail = (
        f"Starting date '{first}' is greater than end date '{last}'. "
        "When specifying date range, starting date must precede the end date"
    )
    return refusal(400, "Incorrect date range", detail)
