"""What GoCardless does to its customer."""

from typing import Literal

from farthing.sandbox.actions.base import Action
from farthing.sandbox.bank import Bank
from farthing.sandbox.state import Company, State


class EndTokens(Action):
    """All bearer and refresh tokens given so far are void."""

    action: Literal["end_tokens"]

    def apply(self, bank: Bank) -> None:
        """Remember the time."""
        bank.state.tokens_since = bank.now()


class Allow(Company, Action):
    """Change what GoCardless allows its customer; what is left out stays as it is."""

    action: Literal["allow"]

    def apply(self, bank: Bank) -> None:
        """Change the terms that are given."""
        given = self.model_dump(exclude={"action"}, exclude_unset=True)
        bank.state.company = bank.state.company.model_copy(update=given)


class Reset(Action):
    """Forget all agreements, requisitions, counters and faults, and come back to the time on the wall."""

    action: Literal["reset"]

    def apply(self, bank: Bank) -> None:
        """Begin anew, with the ledger of the same seed."""
        bank.state.replace_with(State(seed=bank.state.seed))
        bank.limits.clear()
