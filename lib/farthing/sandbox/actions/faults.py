"""What goes wrong at banks, and how it ends."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from farthing.sandbox.actions.base import Action, key_of_institution
from farthing.sandbox.bank import Bank
from farthing.sandbox.faults import AT_BANK, ON_THE_WAY, AccountState
from farthing.sandbox.state import SCOPES, Fault, Scopes

type _Scope = Literal["balances", "details", "transactions"]
_NAMES = AT_BANK | ON_THE_WAY
_OF_NO_BANK = ("token", "institutions", "agreements", "requisitions")


def _fault_name(name: str) -> str:
    if name not in _NAMES:
        raise ValueError(f"Choose one of {', '.join(sorted(_NAMES))}.")
    return name


class Break(Action):
    """Calls show a fault: those of a kind, about an account or bank, or all; so many times or until it is mended."""

    action: Literal["break"]
    fault: Annotated[str, AfterValidator(_fault_name)]
    institution: str | None = None
    account: UUID | None = None
    scope: _Scope | Literal["metadata", "token", "institutions", "agreements", "requisitions", "all"] | None = Field(
        default=None, description="Which calls: details, balances and transactions if left out."
    )
    times: int | None = Field(default=None, ge=1)
    seconds: float = Field(default=2, ge=0, le=120, description="Of Slow and RateLimitExceeded.")
    status: AccountState = Field(default="ERROR", description="Of AccountState.")

    @model_validator(mode="after")
    def _can_be_shown(self) -> Self:
        if self.fault in AT_BANK and self.scope not in (None, *SCOPES):
            raise ValueError(f"{self.fault} is what a bank says: only {', '.join(SCOPES)} can show it.")
        if self.scope in _OF_NO_BANK and (self.institution is not None or self.account is not None):
            raise ValueError(f"What goes wrong with {self.scope} does so for all banks and accounts.")
        return self

    def apply(self, bank: Bank) -> None:
        """Remember the fault."""
        fields = self.model_dump(exclude={"action", "fault"})
        if self.institution is not None:
            fields["institution"] = key_of_institution(bank, self.institution)
        bank.state.faults.append(Fault(name=self.fault, **fields))


class Mend(Action):
    """All faults end, all banks operate again, and let agreements ask for every scope."""

    action: Literal["mend"]

    def apply(self, bank: Bank) -> None:
        """Forget the faults."""
        bank.state.faults.clear()
        bank.state.not_operational.clear()
        bank.state.scopes.clear()


class StopConsents(Action):
    """A bank is under maintenance: no new agreements and requisitions, until mended."""

    action: Literal["stop_consents"]
    institution: str

    def apply(self, bank: Bank) -> None:
        """Remember the bank."""
        bank.state.not_operational.append(key_of_institution(bank, self.institution))


class LimitScopes(Action):
    """A bank supports some scopes only, or gives none without some, until mended."""

    action: Literal["limit_scopes"]
    institution: str
    supported: list[_Scope] = Field(default=[*SCOPES], min_length=1)  # type: ignore[list-item]  # texts of the literal
    mandatory: list[_Scope] = Field(default_factory=list)

    def apply(self, bank: Bank) -> None:
        """Remember what it lets agreements ask for."""
        scopes = Scopes(supported=[*self.supported], mandatory=[*self.mandatory])
        bank.state.scopes[key_of_institution(bank, self.institution)] = scopes
