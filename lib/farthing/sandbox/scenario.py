"""A scenario: actions at times, which are done by the first request after they are due."""

import logging
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from farthing.errors import ConfigurationError
from farthing.sandbox.actions import AnyAction, NothingToActOnError, perform
from farthing.sandbox.bank import Bank

_log = logging.getLogger(__name__)
_OFFSET = re.compile(r"\+(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_LONGEST_DAYS = 36_525  # a century
_TIME: TypeAdapter[datetime] = TypeAdapter(datetime)


def _when(given: object) -> object:
    """Read ``+3d12h`` as a time since the beginning."""
    if not isinstance(given, str) or not given.startswith("+"):
        return given
    found = _OFFSET.fullmatch(given)
    if found is None or not any(found.groups()):
        raise ValueError("write it as +3d, +12h or +1d6h30m")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if max(days, hours // 24, minutes // 1440, seconds // 86_400) > _LONGEST_DAYS:
        raise ValueError(f"it is more than {_LONGEST_DAYS} days")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _with_zone(when: datetime | timedelta) -> datetime | timedelta:
    return when.replace(tzinfo=UTC) if isinstance(when, datetime) and when.tzinfo is None else when


class Step(BaseModel):
    """Actions that are due together.

    :ivar at: a time (UTC), or one since the bank's first request, such as ``+3d12h``.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    at: Annotated[datetime | timedelta, BeforeValidator(_when), AfterValidator(_with_zone)]
    do: list[AnyAction] = Field(min_length=1)

    def due_at(self, began: datetime) -> datetime:
        """Return when the step is due."""
        return began + self.at if isinstance(self.at, timedelta) else self.at


class Scenario(BaseModel):
    """Steps in the order of their times."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    steps: list[Step]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a scenario from a TOML or JSON file.

        :raises ConfigurationError: if it is not there or not a scenario; says what is wrong where.
        """
        try:
            if path.suffix == ".toml":
                return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
            return cls.model_validate_json(path.read_bytes())
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"The scenario {path} cannot be read: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise ConfigurationError(f"The scenario {path} is wrong at {place}: {first['msg']}.") from None

    def play(self, bank: Bank) -> None:
        """Do what is due by now, each step once; an action that finds nothing to act on is skipped with a warning."""
        state = bank.state
        if state.began is None:
            state.began = bank.now()
            bank.save()
        began = state.began
        steps = sorted(self.steps, key=lambda step: step.due_at(began))
        for number, step in enumerate(steps[state.played :], start=state.played + 1):
            if step.due_at(began) > bank.now():
                break
            state.played = number
            for action in step.do:
                try:
                    perform(bank, [action])
                except NothingToActOnError as error:
                    _log.warning("Scenario step %s, %s: %s", number, action.action, error)
                if state.began is None:  # a reset forgets all but the story that it is a part of
                    state.began, state.played = began, number
                    bank.save()
