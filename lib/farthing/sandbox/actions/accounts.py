"""What befalls accounts."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from pydantic import Field

from farthing.sandbox.actions.base import Action, NothingToActOnError
from farthing.sandbox.bank import Bank


class _OfAccount(Action):
    """An action on an account by its id, or on all linked accounts of a bank (or of all banks)."""

    account: UUID | None = None
    institution: str | None = None

    def chosen(self, bank: Bank) -> list[UUID]:
        """Return the ids of what is meant."""
        found = [
            each
            for each in bank.state.accounts
            if self.account in (None, each) and self.institution in (None, bank.accounts.institution_id(each))
        ]
        if not found:
            raise NothingToActOnError("There is no such linked account.")
        return found


class Suspend(_OfAccount):
    """An account is suspended, as after ten failures in a row."""

    action: Literal["suspend"]

    def apply(self, bank: Bank) -> None:
        """Suspend."""
        for account_id in self.chosen(bank):
            bank.state.accounts[account_id].suspended = True


class Process(_OfAccount):
    """An account's data are being delivered for some time: data calls answer 409."""

    action: Literal["process"]
    seconds: float = Field(default=30, gt=0)

    def apply(self, bank: Bank) -> None:
        """Set the end of the delivery."""
        for account_id in self.chosen(bank):
            bank.state.accounts[account_id].processing_until = bank.now() + timedelta(seconds=self.seconds)


class Close(_OfAccount):
    """An account is closed at its bank."""

    action: Literal["close"]

    def apply(self, bank: Bank) -> None:
        """Close."""
        for account_id in self.chosen(bank):
            bank.at_bank(bank.accounts.key(account_id)).closed = bank.now()


class ReissueIds(_OfAccount):
    """The bank gives all entries of an account new ids."""

    action: Literal["reissue_ids"]

    def apply(self, bank: Bank) -> None:
        """Begin another generation of ids."""
        for key in {bank.accounts.key(account_id) for account_id in self.chosen(bank)}:
            bank.at_bank(key).reissued += 1


class Withdraw(_OfAccount):
    """The bank takes back the newest booked entries of an account; balances follow."""

    action: Literal["withdraw"]
    entries: int = Field(default=1, ge=1, le=100)

    def apply(self, bank: Bank) -> None:
        """Withdraw."""
        yesterday = bank.now().date() - timedelta(days=1)
        for key in {bank.accounts.key(account_id) for account_id in self.chosen(bank)}:
            account, ledger = bank.books.of(key)
            gone = bank.at_bank(key).withdrawn
            booked = ledger.entries(account, yesterday - timedelta(days=90), yesterday)
            newest = [entry.entry_id for entry in reversed(booked) if entry.entry_id not in gone]
            gone.extend(newest[: self.entries])


class ChangeAccountId(_OfAccount):
    """The next link of an account gets another account id, whatever the bank's habit."""

    action: Literal["change_account_id"]

    def apply(self, bank: Bank) -> None:
        """Forget the id at the bank."""
        for key in {bank.accounts.key(account_id) for account_id in self.chosen(bank)}:
            bank.at_bank(key).relabelled += 1
