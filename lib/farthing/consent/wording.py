"""What a person is told: countries by name, what a bank will ask, and how each way of coming back is explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from farthing.consent.results import Bank, LinkedBank, LinkResult
from farthing.consent.terms import Terms
from farthing.state.models import Purpose

NO_BANK = "No bank is linked: `farthing connect` links one."
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

# The features that tell a person something; others show in the terms, or matter to programs alone.
_FEATURES: Mapping[str, str] = {
    "private_accounts": "private accounts",
    "business_accounts": "business accounts",
    "corporate_accounts": "corporate accounts",
    "card_accounts": "cards",
    "pending_transactions": "pending payments",
}

_BANK_FAILED = ("The bank has a technical problem.", "Try again in a while.")
_FAILURES: Mapping[str, tuple[str, str]] = {
    "UserCancelledSession": ("You stopped before the bank was linked.", "Nothing was changed. Begin again any time."),
    "UserSessionRejected": (
        "The bank did not accept the sign-in.",
        "Check that you can sign in to the bank itself, then begin again.",
    ),
    "SSNVerificationFailed": (
        "The bank knows another personal identification number of yours than the one it was given.",
        "Ask the bank which number it has, then begin again.",
    ),
    "RequisitionLinkReused": ("This link was used before, and each works only once.", "Begin again for a new link."),
    "InstitutionTechnicalError": _BANK_FAILED,
    "InstitutionTimeoutError": ("The bank took too long to answer.", "Try again in a while."),
    "GoCardlessTechnicalError": ("GoCardless has a technical problem.", "Try again in a while."),
    "CompanyRequisitionLimitReached": (
        "Your GoCardless plan allows no further bank connection this month.",
        "Disconnect a bank that you no longer need, or change the plan, then begin again.",
    ),
    "Expired": ("The time that you allowed is over.", "Begin again to allow it anew."),
    "Suspended": ("GoCardless suspended this link after repeated failures.", "Begin again for a new link."),
    "NeverBegun": ("GoCardless never heard of this link.", "Begin again."),
}
_UNKNOWN_FAILURE = ("The bank could not be linked.", "Begin again; if it fails once more, try another day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A heading, what happened and what to do next."""

    heading: str
    happened: str
    next_step: str
    is_good: bool = False


def history_in_words(days: int) -> str:
    """Say how far back a bank tells, such as "2 years" or "90 days"."""
    years, rest = divmod(days, 365)
    if rest or not years:
        return _counted(days, "day")
    return _counted(years, "year")


def features_in_words(bank: Bank) -> list[str]:
    """Say what a bank's link covers, as far as the provider tells."""
    return [words for feature, words in _FEATURES.items() if feature in bank.features]


def bank_in_words(bank: Bank) -> str:
    """Say in a line what a link to a bank gives."""
    given = f"{history_in_words(bank.terms[0].history_days)} of history, access for {bank.terms[-1].access_days} days"
    return " · ".join([given, *(["two consents"] if len(bank.terms) > 1 else []), *features_in_words(bank)])


def terms_in_words(terms: Terms) -> str:
    """Say what one consent will ask for, and for how long."""
    history = history_in_words(terms.history_days)
    if terms.purpose is Purpose.HISTORY:
        return f"The past {history} of your transactions, which this bank tells only once."
    asked = (
        f"Your accounts' details, balances and transactions: the past {history} now, "
        f"and what is new for {terms.access_days} days."
    )
    if terms.reconfirmation:
        return f"{asked} After 90 days you say once more at the bank that this may go on."
    return asked


def remaining_in_words(bank: LinkedBank, *, now: datetime) -> str:
    """Say how long a consent still lasts."""
    if bank.purpose is Purpose.HISTORY:
        return "Its long history, which it tells once: nothing to renew."
    if not bank.is_live:
        return "Lapsed: what is new cannot be read."
    if bank.expires_at is None:
        return "Lasts until you or the bank end it."
    days = (bank.expires_at - now).days
    left = "Less than a day left" if days == 0 else f"{_counted(days, 'day')} left"
    return f"{left}, until {bank.expires_at:%-d %B %Y}."


def reconfirmation_in_words(bank: LinkedBank, *, now: datetime) -> str | None:
    """Say until when a consent has to be reconfirmed; null where it need not be."""
    if not bank.is_live or bank.reconfirm_by is None:
        return None
    if bank.reconfirm_by <= now:
        return "Waits for you to reconfirm it: until then nothing new can be read."
    return f"Reconfirm it by {bank.reconfirm_by:%-d %B %Y}."


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
    accounts = _counted(count, "account")
    if result.awaits_reconfirmation:
        return Explanation(
            heading=f"{bank} waits for your word",
            happened="You have not said yet that access may go on.",
            next_step="Renew it on the accounts' page: after its day, nothing new can be read until you do.",
        )
    if result.needs_second:
        return Explanation(
            heading=f"{bank}: one more step",
            happened=f"You allowed its long history of {accounts}, which this bank gives only once.",
            next_step="Now allow it to tell what is new as well.",
            is_good=True,
        )
    if not result.is_ready:
        return Explanation(
            heading=f"{bank} is linked",
            happened=f"You gave access to {accounts}; the bank has delivered {result.ready} of {count}.",
            next_step="Some banks take minutes. You need not wait here: the next sync brings what is ready.",
            is_good=True,
        )
    return Explanation(
        heading=f"{bank} is linked",
        happened=f"You gave access to {accounts}, and the bank has delivered.",
        next_step="A sync brings the transactions.",
        is_good=True,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
