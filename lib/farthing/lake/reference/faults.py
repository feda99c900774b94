"""What is wrong with a decision, in one clear line a mistake; what somebody wrote is never quoted."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from farthing.errors import FarthingError


class BadDecisionError(FarthingError, ValueError):
    """Something does not fit, and nothing was kept: mend every line of ``mistakes`` and try again."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A mistake in an object under ``reference/``, which is passed over."""

    table: str
    object_key: str
    row_number: int | None  # counted from one; null if the object could not be read at all
    mistake: str


def mistakes_in(exc: ValidationError) -> list[str]:
    """Say each mistake that pydantic found in one line, the field first."""
    return [
        f"{'.'.join(map(str, each['loc'])) or 'as a whole'}: {each['msg'].removeprefix('Value error, ')}"
        for each in exc.errors(include_input=False, include_url=False)
    ]
