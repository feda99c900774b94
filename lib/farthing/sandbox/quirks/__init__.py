"""The habits of banks that clients must survive, by number: each a small change of what would be said otherwise."""

from farthing.sandbox.quirks.answers import arrange, balances, details
from farthing.sandbox.quirks.catalogue import QUIRKS
from farthing.sandbox.quirks.entries import booked, pending
from farthing.sandbox.quirks.told import Told

__all__ = ["QUIRKS", "Told", "arrange", "balances", "booked", "details", "pending"]
