"""What can be made to happen at the bank: the words of the admin API and of scenarios alike."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from farthing.sandbox.actions.accounts import (
    Amend,
    Block,
    ChangeAccountId,
    Close,
    Post,
    Process,
    ReissueIds,
    Suspend,
    Withdraw,
)
from farthing.sandbox.actions.base import Action, NothingToActOnError
from farthing.sandbox.actions.clock import Advance, SetTime
from farthing.sandbox.actions.company import Allow, EndTokens, Reset
from farthing.sandbox.actions.consents import Expire, Revoke, SetStatus
from farthing.sandbox.actions.faults import Break, LimitScopes, Mend, StopConsents
from farthing.sandbox.bank import Bank

__all__ = ["AnyAction", "NothingToActOnError", "perform"]

type AnyAction = Annotated[
    Advance
    | SetTime
    | Revoke
    | Expire
    | SetStatus
    | Suspend
    | Process
    | Close
    | Block
    | ReissueIds
    | Withdraw
    | Amend
    | Post
    | ChangeAccountId
    | Break
    | Mend
    | StopConsents
    | LimitScopes
    | EndTokens
    | Allow
    | Reset,
    Field(discriminator="action"),
]


def perform(bank: Bank, actions: Sequence[Action]) -> None:
    """Make actions happen, one after the other, and remember what they changed.

    :raises NothingToActOnError: if what one names is not there; those before it stay done.
    """
    try:
        for action in actions:
            action.apply(bank)
    finally:
        bank.save()
