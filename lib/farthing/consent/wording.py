"""What a person is told: countries by name, and how each way of coming back from a bank is explained."""

from collections.abc import Mapping
from dataclasses import dataclass

from farthing.consent.results import LinkResult

COUNTRIES: Mapping[str, str] = {
    "AT": "Austria",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "HR": "Croatia",
    "CY": "Cyprus",
    "CZ": "Czechia",
    "DK": "Denmark",
    "EE": "Estonia",
    "FI": "Finland",
    "FR": "France",
    "DE": "Germany",
    "GR": "Greece",
    "HU": "Hungary",
    "IS": "Iceland",
    "IE": "Ireland",
    "IT": "Italy",
    "LV": "Latvia",
    "LI": "Liechtenstein",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "MT": "Malta",
    "NL": "Netherlands",
    "NO": "Norway",
    "PL": "Poland",
    "PT": "Portugal",
    "RO": "Romania",
    "SK": "Slovakia",
    "SI": "Slovenia",
    "ES": "Spain",
    "SE": "Sweden",
    "GB": "United Kingdom",
}

_BANK_FAILED = ("The bank has a technical problem.", "Try again in a while.")
_FAILURES: Mapping[str, tuple[str, str]] = {
    "UserCancelledSession": ("You stopped before the bank was linked.", "Nothing was changed. Begin again any time."),
    "UserSessionRejected": (
        "The bank did not accept the sign-in.",
        "Check that you can sign in to the bank itself, then begin again.",
    ),
    "SSNVerificationFailed": (
        "The bank has another personal identification number for you.",
        "Begin again with the number that the bank knows.",
    ),
    "RequisitionLinkReused": ("This link was used before, and each works only once.", "Begin again for a new link."),
    "InstitutionTechnicalError": _BANK_FAILED,
    "InstitutionTimeoutError": ("The bank took too long to answer.", "Try again in a while."),
    "GoCardlessTechnicalError": ("GoCardless has a technical problem.", "Try again in a while."),
    "CompanyRequisitionLimitReached": (
        "Your GoCardless plan allows no further bank connection this month.",
        "Delete a connection that you no longer need, or change the plan, then begin again.",
    ),
}
_UNKNOWN_FAILURE = ("The bank could not be linked.", "Begin again; if it fails once more, try another day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A heading, what happened and what to do next."""

    heading: str
    happened: str
    next_step: str
    is_good: bool = False


def explain(result: LinkResult, *, error: str | None = None) -> Explanation:
    """Put into words how linking a bank ended.

    :param result: how the provider says the consent stands, which outweighs what the address says.
    :param error: the error type that the bank's redirect named.
    """
    bank = result.institution_name
    if result.status == "linked":
        return _linked(result)
    if result.status == "waiting" and error is None:
        return Explanation(
            heading=f"{bank} is not ready yet",
            happened="The bank has not confirmed the link.",
            next_step="Finish at the bank, or begin again if you left its page early.",
        )
    happened, next_step = _FAILURES.get(error or result.problem or "", _UNKNOWN_FAILURE)
    return Explanation(heading=f"{bank} is not linked", happened=happened, next_step=next_step)


def _linked(result: LinkResult) -> Explanation:
    bank, count = result.institution_name, len(result.account_ids)
    accounts = "1 account" if count == 1 else f"{count} accounts"
    if result.needs_second:
        return Explanation(
            heading=f"{bank}: one more step",
            happened=f"You allowed its long history of {accounts}, which this bank gives only once.",
            next_step="Allow it also to tell what is new.",
            is_good=True,
        )
    if not result.is_ready:
        return Explanation(
            heading=f"{bank} is linked",
            happened=f"You gave access to {accounts}; the bank has delivered {result.ready} of {count}.",
            next_step="This takes some minutes with some banks. The next sync brings the rest.",
            is_good=True,
        )
    return Explanation(
        heading=f"{bank} is linked",
        happened=f"You gave access to {accounts}.",
        next_step="The next sync brings their transactions.",
        is_good=True,
    )
