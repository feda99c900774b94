"""The sandbox bank: all its parts on one state, one clock and one set of books."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from farthing.sandbox import state
from farthing.sandbox.accounts import Accounts
from farthing.sandbox.admission import Admission
from farthing.sandbox.agreements import Agreements
from farthing.sandbox.books import Books
from farthing.sandbox.directory import Directory
from farthing.sandbox.faults import Faults
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.limits import GeneralLimits
from farthing.sandbox.reconfirmations import Reconfirmations
from farthing.sandbox.requisitions import Requisitions
from farthing.sandbox.state import Agreement, BankAccount
from farthing.sandbox.tokens import Tokens


class Bank:
    """All banks of the sandbox behind one protocol.

    :param secret_id: the only secret id that gets a token, with its ``secret_key``.
    :param clock: gives the time, with its zone; days are those of UTC. The bank's own clock may be ahead of it.
    :param state_file: where to remember consents and counters between runs; None forgets them.
    :param books: shared with other banks; they never change. None makes them from the seed.
    :param seed: another seed gives other purchases and other ids.
    """

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: str,
        clock: Callable[[], datetime],
        books: Books | None = None,
        state_file: Path | None = None,
        seed: int = 7,
    ) -> None:
        self._wall = clock
        self._state_file = state_file
        self.state = state.load(state_file, seed=seed) if state_file else state.State(seed=seed)
        self.books = books or Books(HOUSEHOLDS, seed=seed)
        self.directory = Directory(self.now)
        self.limits = GeneralLimits()
        self.faults = Faults(self.state, save=self.save)
        self.tokens = Tokens(self.state, secret_id=secret_id, secret_key=secret_key, clock=self.now)
        self.agreements = Agreements(self.state, directory=self.directory, clock=self.now, save=self.save)
        self.requisitions = Requisitions(
            self.state,
            agreements=self.agreements,
            directory=self.directory,
            account_id=self._account_id,
            clock=self.now,
            save=self.save,
        )
        self.reconfirmations = Reconfirmations(
            self.state, agreements=self.agreements, requisitions=self.requisitions, clock=self.now, save=self.save
        )
        admission = Admission(
            self.state,
            books=self.books,
            directory=self.directory,
            requisitions=self.requisitions,
            shown=self.faults,
            clock=self.now,
            save=self.save,
        )
        self.accounts = Accounts(
            self.state,
            admission=admission,
            books=self.books,
            directory=self.directory,
            requisitions=self.requisitions,
            clock=self.now,
            save=self.save,
        )

    def now(self) -> datetime:
        """Return the time at the bank."""
        return self._wall() + self.state.ahead

    def advance(self, by: timedelta) -> None:
        """Let time pass at the bank."""
        self.state.ahead += by

    def at_bank(self, key: str) -> BankAccount:
        """Return what befell an account at its bank, to change."""
        return self.state.at_bank.setdefault(key, BankAccount())

    def save(self) -> None:
        """Remember the state."""
        if self._state_file is not None:
            state.save(self.state, self._state_file)

    def _account_id(self, key: str, agreement: Agreement) -> UUID:
        """Return the id that an agreement gives an account: some banks give another one with each link."""
        account, _ = self.books.of(key)
        bank, befallen = self.directory.of_key(account.institution_id), self.at_bank(key)
        variant = f"/relabelled/{befallen.relabelled}" if befallen.relabelled else ""
        if 31 in bank.quirks and befallen.links:
            variant += f"/{befallen.links}"
        if 32 in bank.quirks and agreement.max_historical_days <= 90:
            variant += "/continuous"
        befallen.links += 1
        return self.books.account_id(account, variant)
