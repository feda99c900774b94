"""How much an account may still be asked today, read from an answer's headers and, where they fail, its words."""

import re
from collections.abc import Mapping
from datetime import timedelta

from farthing.provider import Allowance

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
_TRY_AGAIN = re.compile(rb"try again in ([0-9]{1,9}) seconds", re.IGNORECASE)
_A_DAY = timedelta(days=1)
_GENERAL = "x-ratelimit"
_ACCOUNT = "x-ratelimit-account-success"


def read_allowance(headers: Mapping[str, str], body: bytes, status: int) -> Allowance | None:
    """Read what is left for one account and endpoint.

    :param headers: the answer's headers, in any case and either spelling (``http_x_ratelimit_…``, ``x-ratelimit-…``).
    :param body: the answer's body; only that of a refusal is looked at.
    :returns: the allowance, or null where the answer says nothing of it. A 429 always has one, with nothing remaining
        and a wait.
    """
    numbers = _rate_limit_numbers(headers)
    limit, remaining = numbers.get(f"{_ACCOUNT}-limit"), numbers.get(f"{_ACCOUNT}-remaining")
    reset = numbers.get(f"{_ACCOUNT}-reset")
    if status == 429:
        return Allowance(limit=limit, remaining=0, reset_in=read_wait(headers, body))
    if limit is None and remaining is None and reset is None:
        return None
    return Allowance(limit=limit, remaining=remaining, reset_in=None if reset is None else timedelta(seconds=reset))


def read_wait(headers: Mapping[str, str], body: bytes) -> timedelta:
    """Read from a refusal how long to wait: as the headers say, else as the text says, else a day."""
    numbers = _rate_limit_numbers(headers)
    # Three limits share the status: only a counter that stands at nought is the one that refused.
    if numbers.get(f"{_ACCOUNT}-remaining", 0) == 0 and f"{_ACCOUNT}-reset" in numbers:
        return timedelta(seconds=numbers[f"{_ACCOUNT}-reset"])
    if said := _TRY_AGAIN.search(body):
        return timedelta(seconds=int(said[1]))
    if numbers.get(f"{_GENERAL}-remaining") == 0 and f"{_GENERAL}-reset" in numbers:
        return timedelta(seconds=numbers[f"{_GENERAL}-reset"])
    return _A_DAY


def read_general(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Read how many calls the company may still make, and in how many seconds it may make all of them again.

    Other processes' calls are counted in it, for GoCardless counts those of a company together.
    """
    numbers = _rate_limit_numbers(headers)
    remaining, reset = numbers.get(f"{_GENERAL}-remaining"), numbers.get(f"{_GENERAL}-reset")
    return None if remaining is None or reset is None else (remaining, reset)


def is_rate_limit_header(name: str) -> bool:
    """Say whether a header belongs to the rate limits, in either spelling."""
    return _normalise(name).startswith(_GENERAL)


def _rate_limit_numbers(headers: Mapping[str, str]) -> dict[str, int]:
    """Gather the rate-limit headers under one spelling; negative numbers were met and mean nought."""
    return {
        _normalise(name): max(0, int(value))
        for name, value in headers.items()
        if is_rate_limit_header(name) and _WHOLE_NUMBER.fullmatch(value)
    }


def _normalise(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("http-")
