"""Time at the bank."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from farthing.sandbox.actions.base import Action, NothingToActOnError
from farthing.sandbox.bank import Bank


class Advance(Action):
    """Let time pass at the bank."""

    action: Literal["advance"]
    days: float = Field(default=0, ge=0)
    hours: float = Field(default=0, ge=0)
    minutes: float = Field(default=0, ge=0)
    seconds: float = Field(default=0, ge=0)

    def apply(self, bank: Bank) -> None:
        """Move the clock."""
        bank.advance(timedelta(days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds))


class SetTime(Action):
    """Let it be a later time at the bank."""

    action: Literal["set_time"]
    to: datetime

    def apply(self, bank: Bank) -> None:
        """Move the clock, forwards."""
        to = self.to if self.to.tzinfo else self.to.replace(tzinfo=UTC)
        if to < bank.now():
            raise NothingToActOnError("The bank's clock goes forwards only; start with a new state to go back.")
        bank.advance(to - bank.now())
