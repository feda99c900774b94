"""The habits of banks that clients must survive, by number: each a small change of what would be said otherwise."""

from farthing.sandbox.quirks.answers import balances, details
from farthing.sandbox.quirks.catalogue import QUIRKS
from farthing.sandbox.quirks.entries import booked, pending

__all__ = ["QUIRKS", "balances", "booked", "details", "pending"]
