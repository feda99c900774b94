"""Where accounts are found: by key, by bank and user, each household's ledger made when it is first asked for."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from uuid import NAMESPACE_URL, UUID, uuid5

from farthing.sandbox.household import Account, Household
from farthing.sandbox.institutions import BANKS
from farthing.sandbox.ledger import Ledger
from farthing.sandbox.population import HOUSEHOLDS_A_BANK, household

_KEPT = 64  # ledgers; those of generated households are made anew when needed again


class Books:
    """All accounts of all banks."""

    def __init__(self, households: Sequence[Household], *, seed: int) -> None:
        self._seed = seed
        self._by_hand: dict[str, tuple[Account, Ledger]] = {}
        self._banks = {bank.key: bank for bank in BANKS}
        self._generated: OrderedDict[tuple[str, int], Ledger] = OrderedDict()
        for each in households:
            ledger = Ledger(each, seed=seed)
            self._by_hand |= {account.key: (account, ledger) for account in each.accounts}

    def of(self, key: str) -> tuple[Account, Ledger]:
        """Return the account of a key, and the ledger that it is in.

        :raises KeyError: if there is none.
        """
        if key in self._by_hand:
            return self._by_hand[key]
        bank_key, number, _ = key.split("/")
        ledger = self._ledger(bank_key, int(number))
        return ledger.accounts[key], ledger

    def accounts(self, bank_key: str, *, user: str = "") -> list[Account]:
        """Return what a user has at a bank.

        :param user: a number names a household; any other text the first one. Banks written by hand have one only.
        """
        by_hand = [account for account, _ in self._by_hand.values() if account.institution_id == bank_key]
        if by_hand:
            return by_hand
        number = int(user) % HOUSEHOLDS_A_BANK if user.isdecimal() and user.isascii() else 0
        known = self._ledger(bank_key, number).accounts.values()
        return [account for account in known if account.institution_id == bank_key]

    def together(self, bank_key: str, numbers: Iterable[int]) -> Ledger:
        """Return the ledger of some households at a bank, which makes all their entries at once."""
        if by_hand := [ledger for account, ledger in self._by_hand.values() if account.institution_id == bank_key]:
            return by_hand[0]
        return Ledger(*(self._ledger(bank_key, number).households[0] for number in numbers), seed=self._seed)

    def is_by_hand(self, bank_key: str) -> bool:
        """Say whether a bank has the accounts of one household only, whoever asks."""
        return any(account.institution_id == bank_key for account, _ in self._by_hand.values())

    def number_of(self, bank_key: str, key: str) -> int:
        """Return the number of an account's household at a bank; 0 for one by hand, and for an account elsewhere."""
        bank, _, place = key.partition("/")
        return int(place.partition("/")[0]) if place and bank == bank_key else 0

    def account_id(self, account: Account, variant: str = "") -> UUID:
        """Return the id under which an account is opened.

        :param variant: another text gives the account another id.
        """
        return uuid5(NAMESPACE_URL, f"farthing/{self._seed}/{account.institution_id}/{account.key}{variant}")

    def key_of(self, account_id: UUID) -> str | None:
        """Return the key of an account of the households written by hand, from its first id."""
        known = (account for account, _ in self._by_hand.values())
        return next((account.key for account in known if self.account_id(account) == account_id), None)

    def _ledger(self, bank_key: str, number: int) -> Ledger:
        place = (bank_key, number)
        if place not in self._generated:
            self._generated[place] = Ledger(household(self._banks[bank_key], number, seed=self._seed), seed=self._seed)
        self._generated.move_to_end(place)
        if len(self._generated) > _KEPT:
            self._generated.popitem(last=False)
        return self._generated[place]
