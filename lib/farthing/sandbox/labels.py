"""What entries have to do with each other: the two sides of a transfer, a refund and its purchase, a series."""

from uuid import NAMESPACE_URL, uuid5

from farthing.sandbox.habits import Kind
from farthing.sandbox.household import Account
from farthing.sandbox.ledger import REFUND_AFTER, Entry, Ledger
from farthing.sandbox.merchants import Merchant


def transfer_id(account: Account, entry: Entry) -> str | None:
    """Return the same text for both sides of a transfer between own accounts, None for any other entry."""
    if isinstance(entry.party, Merchant):
        return None
    sides = (account.key, entry.party.key) if entry.cents < 0 else (entry.party.key, account.key)
    return uuid5(NAMESPACE_URL, f"farthing/{'>'.join(sides)}/{entry.day}/{abs(entry.amount)}/{entry.text}").hex


def series_id(account: Account, entry: Entry) -> str | None:
    """Name the series of regular payments that an entry belongs to, None if it came by chance."""
    if not isinstance(entry.party, Merchant):
        direction = "to" if entry.cents < 0 else "from"
        return f"{account.key}/{direction}/{entry.party.key}/{entry.text}"
    if entry.kind is Kind.INTEREST:
        return f"{account.key}/interest"
    for number, regular in enumerate(account.regulars):
        is_like = regular.payee == entry.party and regular.kind is entry.kind
        if is_like and regular.amount_on(entry.day) == entry.amount:
            return f"{account.key}/regular/{number}"
    return None


def refunded_entry(account: Account, ledger: Ledger, entry: Entry) -> Entry | None:
    """Return the purchase whose money an entry gives back, None if it is no refund."""
    if entry.kind is not Kind.REFUND:
        return None
    bought_on = entry.day - REFUND_AFTER
    bought = [
        purchase
        for purchase in ledger.entries(account, bought_on, bought_on)
        if purchase.party == entry.party and purchase.cents == -entry.cents
    ]
    alike = [
        refund
        for refund in ledger.entries(account, entry.day, entry.day)
        if (refund.kind, refund.party, refund.cents) == (entry.kind, entry.party, entry.cents)
    ]
    return bought[alike.index(entry)] if len(bought) >= len(alike) else None
