"""Errors that a person can act on, named by what to do next.

Their message is one clear sentence or two, without secrets or anyone's data: the edge prints it and exits non-zero.
"""


class FarthingError(Exception):
    """Base of every error whose message is meant for a person."""


class ConfigurationError(FarthingError):
    """A setting is missing, misspelt or wrong: correct it and run again."""


class ServiceDownError(FarthingError):
    """A server this command needs does not answer: start it, or correct its address."""


class StackError(FarthingError):
    """An embedded server cannot be started: the message says what stands in its way."""
