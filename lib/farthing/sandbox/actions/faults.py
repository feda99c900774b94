"""What goes wrong at banks, and how it ends."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from farthing.sandbox.actions.base import Action, key_of_institution
from farthing.sandbox.bank import Bank
from farthing.sandbox.faults import NAMES
from farthing.sandbox.state import Fault


def _fault_name(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"Choose one of {', '.join(sorted(NAMES))}.")
    return name


class Break(Action):
    """Data calls show a fault: of an account, bank or scope, or of all; so many times or until it is mended."""

    action: Literal["break"]
    fault: Annotated[str, AfterValidator(_fault_name)]
    institution: str | None = None
    account: UUID | None = None
    scope: Literal["balances", "details", "transactions"] | None = None
    times: int | None = Field(default=None, ge=1)
    seconds: float = Field(default=2, ge=0, le=120)

    def apply(self, bank: Bank) -> None:
        """Remember the fault."""
        fields = self.model_dump(exclude={"action", "fault"})
        if self.institution is not None:
            fields["institution"] = key_of_institution(bank, self.institution)
        bank.state.faults.append(Fault(name=self.fault, **fields))


class Mend(Action):
    """All faults end, and all banks operate again."""

    action: Literal["mend"]

    def apply(self, bank: Bank) -> None:
        """Forget the faults."""
        bank.state.faults.clear()
        bank.state.not_operational.clear()


class StopConsents(Action):
    """A bank is under maintenance: no new agreements and requisitions, until mended."""

    action: Literal["stop_consents"]
    institution: str

    def apply(self, bank: Bank) -> None:
        """Remember the bank."""
        bank.state.not_operational.append(key_of_institution(bank, self.institution))
