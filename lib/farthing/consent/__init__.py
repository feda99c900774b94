"""What passes between a person, their bank and our records when accounts are linked, renewed and let go."""

from farthing.consent.results import Bank, Begun, LinkedBank, LinkResult, linked_banks
from farthing.consent.service import Consents, UnknownConsentError, UnknownReferenceError
from farthing.consent.terms import Terms
from farthing.consent.wording import NO_BANK

__all__ = [
    "NO_BANK",
    "Bank",
    "Begun",
    "Consents",
    "LinkResult",
    "LinkedBank",
    "Terms",
    "UnknownConsentError",
    "UnknownReferenceError",
    "linked_banks",
]
