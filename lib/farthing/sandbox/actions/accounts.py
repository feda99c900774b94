"""What befalls accounts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Self
from uuid import UUID, uuid4, uuid5

from pydantic import Field, model_validator

from farthing.sandbox.actions.base import Action, NothingToActOnError, key_of_institution
from farthing.sandbox.amended import amended
from farthing.sandbox.bank import Bank
from farthing.sandbox.habits import Kind
from farthing.sandbox.ledger import Entry
from farthing.sandbox.merchants import Category
from farthing.sandbox.movements import LEDGER_START
from farthing.sandbox.state import Amendment, BankAccount, Event, Posting

_CENT = Decimal("0.01")
_LOOKED_THROUGH = timedelta(days=90)


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


class _OfEntries(_OfAccount):
    """An action on the newest booked entries of accounts, or on one by its id."""

    entries: int = Field(default=1, ge=1, le=100, description="So many of the newest booked ones.")
    entry: UUID | None = Field(
        default=None, description="This one instead: its `entry_id` in the truth, or its internalTransactionId."
    )

    def told(self, bank: Bank) -> list[tuple[BankAccount, Entry]]:
        """Return what is meant, each beside what befell its account.

        :raises NothingToActOnError: if there is no such entry.
        """
        found = [(bank.at_bank(key), entry) for key in self.keys(bank) for entry in self._of(bank, key)]
        if not found:
            raise NothingToActOnError("There is no such entry.")
        return found

    def _of(self, bank: Bank, key: str) -> list[Entry]:
        account, made = bank.books.of(key)
        ledger, yesterday = amended(made, bank.state.at_bank), bank.now().date() - timedelta(days=1)
        if self.entry is None:
            return ledger.entries(account, yesterday - _LOOKED_THROUGH, yesterday)[: -self.entries - 1 : -1]
        anew = str(bank.at_bank(key).reissued)
        known = ledger.entries(account, LEDGER_START, bank.now().date())
        return [each for each in known if self.entry in (each.entry_id, uuid5(each.entry_id, anew))]


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


class Block(_OfAccount):
    """An account is blocked at its bank, or no more: its details say so, and its data can be read all the same."""

    action: Literal["block"]
    blocked: bool = True

    def apply(self, bank: Bank) -> None:
        """Block, or end that."""
        for key in self.keys(bank):
            bank.at_bank(key).blocked = self.blocked
            bank.at_bank(key).events.append(Event(at=bank.now(), what="blocked" if self.blocked else "unblocked"))


class Withdraw(_OfEntries):
    """The bank takes back entries of an account; balances follow."""

    action: Literal["withdraw"]

    def apply(self, bank: Bank) -> None:
        """Withdraw."""
        for befallen, entry in self.told(bank):
            befallen.withdrawn.append(entry.entry_id)
            befallen.events.append(_event(bank, "withdrawn", entry))


class Amend(_OfEntries):
    """The bank changes what it told of entries: text, date, amount. Balances follow, and what is left out stays."""

    action: Literal["amend"]
    text: str | None = Field(default=None, max_length=140)
    day: date | None = Field(default=None, description="Of the booking; the value date goes with it.")
    amount: Decimal | None = Field(
        default=None, max_digits=12, decimal_places=2, description="Negative if it goes out."
    )

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.text is None and self.day is None and self.amount is None:
            raise ValueError("Say what is new: text, day or amount.")
        return self

    def apply(self, bank: Bank) -> None:
        """Change them."""
        if self.day is not None:
            _check_day(bank, self.day)
        for befallen, entry in self.told(bank):
            befallen.amended.append(
                Amendment(
                    at=bank.now(),
                    entry=entry.entry_id,
                    was=entry.original.day,
                    day=self.day,
                    amount=None if self.amount is None else self.amount.quantize(_CENT),
                    text=self.text,
                )
            )
            befallen.events.append(_event(bank, "amended", entry))


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
        day = self.day or bank.now().date() - timedelta(days=1)
        _check_day(bank, day)
        kinds = (Kind.CARD, Kind.REFUND) if self.by_card else (Kind.TRANSFER_OUT, Kind.TRANSFER_IN)
        for key in self.keys(bank):
            account, _ = bank.books.of(key)
            posting = Posting(
                id=uuid4(),
                day=day,
                amount=self.amount.quantize(_CENT),
                kind=kinds[self.amount > 0],
                counterparty=self.counterparty,
                category=self.category,
                town="Online",
                country=bank.directory.of_key(account.institution_id).countries[0],
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


def _check_day(bank: Bank, day: date) -> None:
    today = bank.now().date()
    if not LEDGER_START <= day <= today:
        raise NothingToActOnError(f"Entries are booked from {LEDGER_START} to the bank's today, {today}.")


def _event(bank: Bank, what: Literal["withdrawn", "amended"], entry: Entry) -> Event:
    """Tell what becomes of an entry, and what it is before."""
    return Event(at=bank.now(), what=what, entry=entry.entry_id, day=entry.day, amount=entry.amount, text=entry.text)
