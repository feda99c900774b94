"""Time at the bank."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from farthing.sandbox.actions.base import Action, NothingToActOnError
from farthing.sandbox.bank import Bank
from farthing.sandbox.told import LAST_YEAR


class Advance(Action):
    """Let time pass at the bank."""

    action: Literal["advance"]
    days: float = Field(default=0, ge=0)
    hours: float = Field(default=0, ge=0)
    minutes: float = Field(default=0, ge=0)
    seconds: float = Field(default=0, ge=0)

    def apply(self, bank: Bank) -> None:
        """Move the clock."""
        try:
            by = timedelta(days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds)
        except OverflowError:
            by = timedelta.max
        _advance(bank, by)


class SetTime(Action):
    """Let it be a later time at the bank."""

    action: Literal["set_time"]
    to: datetime

    def apply(self, bank: Bank) -> None:
        """Move the clock, forwards."""
        to = self.to if self.to.tzinfo else self.to.replace(tzinfo=UTC)
        if to < bank.now():
            raise NothingToActOnError("The bank's clock goes forwards only; start with a new state to go back.")
        _advance(bank, to - bank.now())


def _advance(bank: Bank, by: timedelta) -> None:
    if by >= datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - bank.now():
        raise NothingToActOnError(f"The bank's clock goes to the end of {LAST_YEAR} and no further.")
    bank.advance(by)
