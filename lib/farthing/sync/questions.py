"""What can be asked about a linked account, in which order, and what becomes of each question."""

from dataclasses import dataclass
from datetime import date, datetime

from farthing.provider import Ask, Endpoint

# Transactions before balances: where only one call is left, entries are worth more than a sum.
FIRST = (Endpoint.TRANSACTIONS, Endpoint.BALANCES)
ORDER = (*FIRST, Endpoint.ACCOUNTS, Endpoint.DETAILS)  # of each account
# Once it is known how the bank answered: metadata tells what a failure means, and the rest can wait until it is over.
LATER = (Endpoint.ACCOUNTS, Endpoint.DETAILS, Endpoint.INSTITUTIONS)
OF_BANK = (*FIRST, Endpoint.DETAILS)  # whose answers come from the bank; metadata is GoCardless's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An account to sync: since when its consent is given, until when it lasts, and how many days of history it allows.

    ``lookback_days`` are settled days that are asked for again, because banks book late.
    ``is_history`` marks a link that gives its long history once and nothing newer; another link brings the rest.
    ``institution_id`` names the bank, which is asked about through the first of its accounts; nothing is, if null.
    ``settled_until`` is the last day up to which no answer is missing that was believed, as far as a build has told.
    """

    account_id: str
    linked_at: datetime
    history_days: int
    lookback_days: int
    expires_at: datetime | None = None
    is_history: bool = False
    institution_id: str | None = None
    settled_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One endpoint of one account: the question to ask, or why it is not asked.

    ``calls_left`` is how many calls the bank allowed after the newest answer, where it said so. ``introduces`` marks
    the first question about a link, which goes before any other: whose it is. Entries of a link that is gone before
    that is known would be those of another account for ever.
    """

    ask: Ask
    skipped: str | None = None
    calls_left: int | None = None
    introduces: bool = False
