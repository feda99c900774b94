"""Reference rates of the European Central Bank: those that ship with a library, and newer ones as it publishes them."""

from farthing.rates.ecb import BadRatesError, fetch_rates, read_rates
from farthing.rates.history import shipped_rates
from farthing.rates.stored import known_rates, update_rates, write_rates

__all__ = ["BadRatesError", "fetch_rates", "known_rates", "read_rates", "shipped_rates", "update_rates", "write_rates"]
