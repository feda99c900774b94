"""What befalls accounts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

from pydantic import Field

from farthing.sandbox.actions.base import Action, NothingToActOnError, key_of_institution
from farthing.sandbox.amended import amended
from farthing.sandbox.bank import Bank
from farthing.sandbox.habits import Kind
from farthing.sandbox.merchants import Category
from farthing.sandbox.movements import LEDGER_START
from farthing.sandbox.state import Event, Posting


class _OfAccount(Action):
    """An action on an account by its id, or on all linked accounts of a bank (or of all banks)."""

    account: UUID | None = None
    institution: str | None = None

    def chosen(self, bank: Bank) -> list[UUID]:
        """Return the ids of what is meant."""
        wanted = None if self.institution is None else key_of_institution(bank, self.institution)
        found = [
            each
            for each in bank.state.accounts
            if self.account in (None, each) and wanted in (None, bank.accounts.institution_key(each))
        ]
        if not found:
            raise NothingToActOnError("There is no such linked account.")
        return found

    def keys(self, bank: Bank) -> list[str]:
        """Return the keys of what is meant: several links may be of one account."""
        return list(dict.fromkeys(bank.accounts.key(account_id) for account_id in self.chosen(bank)))


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
        for key in self.keys(bank):
            bank.at_bank(key).closed = bank.now()
            bank.at_bank(key).events.append(Event(at=bank.now(), what="closed"))


class ReissueIds(_OfAccount):
    """The bank gives all entries of an account new ids."""

    action: Literal["reissue_ids"]

    def apply(self, bank: Bank) -> None:
        """Begin another generation of ids."""
        for key in self.keys(bank):
            bank.at_bank(key).reissued += 1
            bank.at_bank(key).events.append(Event(at=bank.now(), what="ids reissued"))


class Withdraw(_OfAccount):
    """The bank takes back the newest booked entries of an account; balances follow."""

    action: Literal["withdraw"]
    entries: int = Field(default=1, ge=1, le=100)

    def apply(self, bank: Bank) -> None:
        """Withdraw."""
        yesterday = bank.now().date() - timedelta(days=1)
        for key in self.keys(bank):
            account, ledger = bank.books.of(key)
            booked = amended(ledger, bank.state.at_bank).entries(account, yesterday - timedelta(days=90), yesterday)
            gone = [entry.entry_id for entry in reversed(booked)][: self.entries]
            befallen = bank.at_bank(key)
            befallen.withdrawn += gone
            befallen.events += [Event(at=bank.now(), what="withdrawn", entry=entry) for entry in gone]


class Post(_OfAccount):
    """An entry is booked on an account at somebody's wish."""

    action: Literal["post"]
    amount: Decimal = Field(max_digits=12, decimal_places=2, description="Negative if it goes out.")
    counterparty: str = Field(min_length=1, max_length=140)
    text: str = Field(default="", max_length=140)
    by_card: bool = False
    category: Category = Field(default=Category.OTHER, description="Merchant category code of the counterparty.")
    day: date | None = Field(default=None, description="Yesterday if left out, the newest day that is booked.")

    def apply(self, bank: Bank) -> None:
        """Book it."""
        today = bank.now().date()
        day = self.day or today - timedelta(days=1)
        if not LEDGER_START <= day <= today:
            raise NothingToActOnError(f"Entries are booked from {LEDGER_START} to the bank's today, {today}.")
        kinds = (Kind.CARD, Kind.REFUND) if self.by_card else (Kind.TRANSFER_OUT, Kind.TRANSFER_IN)
        for key in self.keys(bank):
            account, _ = bank.books.of(key)
            posting = Posting(
                id=uuid4(),
                day=day,
                amount=self.amount.quantize(Decimal("0.01")),
                kind=kinds[self.amount > 0],
                counterparty=self.counterparty,
                category=self.category,
                town="Online",
                country=account.iban[:2] if account.iban else "DE",
                text=self.text,
            )
            bank.at_bank(key).posted.append(posting)
            bank.at_bank(key).events.append(Event(at=bank.now(), what="posted", entry=posting.id))


class ChangeAccountId(_OfAccount):
    """The next link of an account gets another account id, whatever the bank's habit."""

    action: Literal["change_account_id"]

    def apply(self, bank: Bank) -> None:
        """Forget the id at the bank."""
        for key in self.keys(bank):
            bank.at_bank(key).relabelled += 1
            bank.at_bank(key).events.append(Event(at=bank.now(), what="account id changed"))
