"""What entries have to do with each other: the two sides of a transfer, a refund and its purchase, a series."""

from collections import defaultdict, deque
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from farthing.sandbox.habits import REFUND_AFTER, Kind
from farthing.sandbox.household import Account
from farthing.sandbox.ledger import Entry, Ledger
from farthing.sandbox.merchants import Merchant


def transfer_id(account: Account, entry: Entry) -> str | None:
    """Return the same text for both sides of a transfer between own accounts, None for any other entry."""
    entry = entry.original
    if isinstance(entry.party, Merchant):
        return None
    sides = (account.key, entry.party.key) if entry.cents < 0 else (entry.party.key, account.key)
    return uuid5(NAMESPACE_URL, f"farthing/{'>'.join(sides)}/{entry.day}/{abs(entry.amount)}/{entry.text}").hex


def series_id(account: Account, entry: Entry) -> str | None:
    """Name the series of regular payments that an entry belongs to, None if it came by chance."""
    entry = entry.original
    if not isinstance(entry.party, Merchant):
        direction = "to" if entry.cents < 0 else "from"
        return f"{account.key}/{direction}/{entry.party.key}/{entry.text}"
    if entry.kind is Kind.INTEREST:
        return f"{account.key}/interest"
    return None if entry.regular is None else f"{account.key}/regular/{entry.regular}"


def refunded_entries(account: Account, ledger: Ledger, first: date, last: date) -> dict[UUID, UUID]:
    """Return the purchase whose money is given back by each refund of some days: the ids of both.

    Of purchases that are alike, the first that is given back is the first.
    """
    bought: defaultdict[tuple[date, str, int], deque[UUID]] = defaultdict(deque)
    found: dict[UUID, UUID] = {}
    days = [entry.original.day for entry in ledger.entries(account, first, last)]
    for entry in ledger.original.entries(account, min(days, default=first) - REFUND_AFTER, max(days, default=last)):
        if entry.kind is Kind.REFUND:
            purchases = bought[entry.day - REFUND_AFTER, entry.party.name, -entry.cents]
            if purchases:
                found[entry.entry_id] = purchases.popleft()
        else:
            bought[entry.day, entry.party.name, entry.cents].append(entry.entry_id)
    return found
