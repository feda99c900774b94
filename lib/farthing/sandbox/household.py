"""What a household is: people who share their money, their accounts, and what moves between these."""

from dataclasses import dataclass
from decimal import Decimal

from farthing.sandbox.habits import Habit, Interest, Invoices, Regular, Settlement, Transfer, Trip


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account at a bank: what its details say, what it opened with and what moves on it.

    :ivar bban: its number where it has no IBAN.
    """

    key: str
    institution_id: str
    resource_id: str
    owner: str
    name: str
    product: str
    cash_account_type: str
    opening: Decimal
    currency: str = "EUR"
    credit_limit: Decimal = Decimal(0)
    iban: str | None = None
    bban: str | None = None
    masked_pan: str | None = None
    regulars: tuple[Regular, ...] = ()
    habits: tuple[Habit, ...] = ()
    trips: tuple[Trip, ...] = ()
    invoices: tuple[Invoices, ...] = ()
    interest: Interest | None = None

    @property
    def is_card(self) -> bool:
        """Say whether this is a credit card account, which has no IBAN."""
        return self.cash_account_type == "CARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """People who share their money: accounts, and what moves between them."""

    accounts: tuple[Account, ...]
    transfers: tuple[Transfer, ...] = ()
    settlements: tuple[Settlement, ...] = ()
