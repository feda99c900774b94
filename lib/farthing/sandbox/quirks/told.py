"""What a habit may look at."""

from datetime import date, timedelta
from typing import NamedTuple

from farthing.sandbox.habits import BY_CARD
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.ledger import Entry, Movement
from farthing.sandbox.merchants import Merchant


class Told(NamedTuple):  # made for every entry told, and a tuple is made faster
    """An entry, whose account it is on, and the bank that tells of it on a day."""

    entry: Entry
    account: Account
    bank: Institution
    today: date

    @property
    def movement(self) -> Movement:
        """What moved."""
        return self.entry.movement

    @property
    def age(self) -> int:
        """Days since the entry was booked."""
        return (self.today - self.entry.day).days

    @property
    def is_by_card(self) -> bool:
        """Say whether it is a payment by card."""
        return self.movement.kind in BY_CARD

    @property
    def is_outgoing(self) -> bool:
        """Say whether money left the account."""
        return self.movement.amount < 0

    @property
    def merchant(self) -> Merchant | None:
        """The other side, where it is not one of the household's own accounts."""
        return self.movement.party if isinstance(self.movement.party, Merchant) else None

    def one_in(self, number: int) -> bool:
        """Say whether this entry is one of about so many, the same ones each time."""
        return self.entry.entry_id.int % number == 0

    def day(self, offset: int = 0) -> str:
        """Return the entry's day, or one so many days later."""
        return (self.entry.day + timedelta(days=offset)).isoformat()
