"""Farthing: personal finance in a lakehouse you own, reconciled to the last farthing."""

from importlib.metadata import version

__version__ = version("farthing")
