"""What a bank is asked to allow: the most it gives, and less where it refuses."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from farthing.gocardless.client import Scope
from farthing.gocardless.models import Institution
from farthing.state.models import Purpose

_LONGEST_HISTORY = 730  # days; the schema's bound
_LONGEST_ACCESS = 180  # days; the live API's bound, whatever the schema says
_USUAL = 90  # days of history and of access that every bank allows
_RECONFIRMATION_AFTER = 90  # days; access that needs no reconfirmation

# What may be read, from all to the least that is of use: a bank need not give everything.
SCOPES: tuple[tuple[Scope, ...], ...] = (
    ("balances", "details", "transactions"),
    ("balances", "transactions"),
    ("details", "transactions"),
    ("transactions",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one consent asks for: days of the past, days of access from today, and what for.

    ``reconfirmation`` means that the account holder says half-way that access may go on (United Kingdom).
    """

    history_days: int
    access_days: int
    purpose: Purpose = Purpose.ONGOING
    reconfirmation: bool = False


def terms_of(bank: Institution) -> tuple[Terms, ...]:
    """Say which consents a bank needs, in the order in which they are given.

    A bank with ``separate_continuous_history_consent`` tells its long history once and then never anything newer
    under that consent; it needs a second one for what comes.
    """
    features = bank.supported_features or ()
    history = _within(bank.transaction_total_days, _LONGEST_HISTORY)
    access = _within(bank.max_access_valid_for_days or _USUAL, _LONGEST_ACCESS)
    if "separate_continuous_history_consent" in features and history > _USUAL:
        return (
            Terms(history_days=history, access_days=access, purpose=Purpose.HISTORY),
            Terms(history_days=_USUAL, access_days=access),
        )
    if "reconfirmation_of_consent" in features:
        longest = _within(bank.max_access_valid_for_days_reconfirmation or access, _LONGEST_ACCESS)
        if longest > _RECONFIRMATION_AFTER:
            return (Terms(history_days=history, access_days=longest, reconfirmation=True),)
    return (Terms(history_days=history, access_days=access),)


def with_fallbacks(terms: Terms) -> Iterator[Terms]:
    """Give the terms to ask for, one after the other, until a bank agrees.

    The last of them, a day less of history than is usual, is what other clients of the API found to work where a
    bank's own numbers do not hold.
    """
    usual = min(terms.access_days, _USUAL)
    wanted = [
        terms,
        replace(terms, access_days=usual, reconfirmation=False),
        replace(terms, history_days=min(terms.history_days, _USUAL), access_days=usual, reconfirmation=False),
        replace(terms, history_days=min(terms.history_days, _USUAL - 1), access_days=usual, reconfirmation=False),
    ]
    yield from dict.fromkeys(wanted)


def _within(days: int, most: int) -> int:
    return min(max(days, 1), most)
