"""What befalls consents."""

from typing import Literal
from uuid import UUID

from farthing.sandbox.actions.base import Action, NothingToActOnError, key_of_institution
from farthing.sandbox.bank import Bank
from farthing.sandbox.state import Requisition


class _OfConsent(Action):
    """An action on a requisition, or on all that are linked at a bank (or at all banks)."""

    requisition: UUID | None = None
    institution: str | None = None

    def chosen(self, bank: Bank) -> list[Requisition]:
        """Return what is meant."""
        wanted = None if self.institution is None else key_of_institution(bank, self.institution)
        found = [
            each
            for each in bank.requisitions.all()
            if each.status == "LN"
            and self.requisition in (None, each.id)
            and wanted in (None, bank.directory.once(each.institution_id).key)
        ]
        if not found:
            raise NothingToActOnError("There is no such linked requisition.")
        return found


class Revoke(_OfConsent):
    """The account holder revokes a consent at the bank: AccessExpiredError, though the requisition stays LN."""

    action: Literal["revoke"]

    def apply(self, bank: Bank) -> None:
        """Revoke."""
        for requisition in self.chosen(bank):
            requisition.revoked = True


class Expire(_OfConsent):
    """A consent's time is over at once: requisition EX, accounts EXPIRED."""

    action: Literal["expire"]

    def apply(self, bank: Bank) -> None:
        """End the agreement."""
        for requisition in self.chosen(bank):
            bank.agreements.get(requisition.agreement).ended = bank.now()


class SetStatus(Action):
    """A requisition has a status that nothing here leads to, or that it had to be waited for."""

    action: Literal["set_status"]
    requisition: UUID
    status: Literal["CR", "ID", "LN", "RJ", "ER", "SU", "EX", "GC", "UA", "GA", "SA"]

    def apply(self, bank: Bank) -> None:
        """Set it."""
        requisition = bank.state.requisitions.get(self.requisition)
        if requisition is None:
            raise NothingToActOnError("There is no such requisition.")
        requisition.status = self.status
