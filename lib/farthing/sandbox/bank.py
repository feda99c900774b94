"""The sandbox bank: agreements, requisitions and what they open, kept in a file and answered by the clock."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from farthing.sandbox import allowance, refusals, state, wire
from farthing.sandbox.consents import Consents
from farthing.sandbox.households import HOUSEHOLDS, Account, Household
from farthing.sandbox.institutions import COUNTRIES, INSTITUTIONS, Institution
from farthing.sandbox.ledger import Ledger
from farthing.sandbox.state import Agreement, LinkedAccount, Window
from farthing.sandbox.tokens import Tokens

_DAY = timedelta(days=1)


class Bank:
    """All banks of the sandbox behind one protocol.

    :param secret_id: the only secret id that gets a token, with its ``secret_key``.
    :param clock: gives the time, with its zone; days are those of UTC.
    :param state_file: where to remember consents and counters between runs; None forgets them.
    :param seed: another seed gives other purchases and other ids.
    """

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: str,
        clock: Callable[[], datetime],
        households: Sequence[Household] = HOUSEHOLDS,
        state_file: Path | None = None,
        seed: int = 7,
    ) -> None:
        self.tokens = Tokens(secret_id=secret_id, secret_key=secret_key)
        self.clock = clock
        self._state_file = state_file
        self._state = state.load(state_file) if state_file else state.State()
        self.consents = Consents(self._state, clock=clock, save=self._save)
        self._minute: Window | None = None
        self._accounts: dict[UUID, tuple[Account, Ledger]] = {}
        for household in households:
            ledger = Ledger(household, seed=seed)
            for account in household.accounts:
                name = f"farthing/{seed}/{account.institution_id}/{account.key}"
                self._accounts[uuid5(NAMESPACE_URL, name)] = (account, ledger)

    def institution(self, institution_id: str) -> Institution:
        """Return a bank.

        :raises Refusal: if there is none of this id.
        """
        if institution_id not in INSTITUTIONS:
            raise refusals.not_found()
        return INSTITUTIONS[institution_id]

    def institutions(self, country: str | None) -> list[Institution]:
        """Return the banks of a country, or all.

        :raises Refusal: if the country is not one that the API serves.
        """
        if country is None:
            return list(INSTITUTIONS.values())
        if country.upper() not in COUNTRIES:
            raise refusals.refusal(400, "Invalid country choice.", f"{country} is not a valid choice.")
        return [bank for bank in INSTITUTIONS.values() if country.upper() in bank.countries]

    def accounts_at(self, institution_id: str) -> dict[UUID, Account]:
        """Return the accounts of a bank by their ids."""
        return {
            account_id: account
            for account_id, (account, _) in self._accounts.items()
            if account.institution_id == institution_id
        }

    def count_call(self) -> dict[str, str]:
        """Count a call for an account's resource and return the headers that tell what is left.

        :raises Refusal: if there were too many this minute.
        """
        self._minute, headers = allowance.take_general(self._minute, now=self.clock())
        return headers

    def metadata(self, account_id: UUID) -> wire.Document:
        """Return what is known of an account without asking its bank.

        :raises Refusal: if no consent ever opened it.
        """
        account, linked = self._linked(account_id)
        agreement = self.consents.latest_agreement(account_id)
        lapsed = agreement is None or agreement.has_expired(self.clock())
        return {
            "id": str(account_id),
            "created": timestamp(linked.created),
            "last_accessed": timestamp(linked.last_accessed) if linked.last_accessed else None,
            "iban": account.iban,
            "bban": None,
            "status": "EXPIRED" if lapsed else "READY",
            "institution_id": account.institution_id,
            "owner_name": account.owner,
            "name": account.name,
        }

    def details(self, account_id: UUID) -> tuple[wire.Document, dict[str, str]]:
        """Return an account's details and the headers about its allowance.

        :raises Refusal: if the consent or the allowance does not reach.
        """
        account, window, _ = self._admit(account_id, "details")
        bic = INSTITUTIONS[account.institution_id].bic
        return {"account": wire.details(account, bic)}, self._count(account_id, "details", window)

    def balances(self, account_id: UUID) -> tuple[wire.Document, dict[str, str]]:
        """Return an account's balances and the headers about its allowance.

        :raises Refusal: if the consent or the allowance does not reach.
        """
        account, window, _ = self._admit(account_id, "balances")
        ledger, today = self._accounts[account_id][1], self._today()
        document = wire.balances(
            account,
            INSTITUTIONS[account.institution_id].dialect,
            today=today,
            closed=ledger.balance(account, today - _DAY),
            month_closed=ledger.balance(account, today.replace(day=1) - _DAY),
            pending=sum((e.movement.amount for e in ledger.pending(account, today)), start=Decimal(0)),
        )
        return {"balances": document}, self._count(account_id, "balances", window)

    def transactions(
        self, account_id: UUID, *, date_from: date | None, date_to: date | None
    ) -> tuple[wire.Document, dict[str, str]]:
        """Return an account's entries and the headers about its allowance.

        An entry of today is pending if it was made by card, and unknown otherwise: banks book overnight. History
        before what the agreement allows is left out.

        :raises Refusal: if the consent or the allowance does not reach, or the dates make no range.
        """
        account, window, agreement = self._admit(account_id, "transactions")
        today = self._today()
        if wrong := refusals.dates_in_future(today, date_from=date_from, date_to=date_to):
            raise wrong
        last = date_to or today
        if date_from is not None and date_from > last:
            raise refusals.incorrect_range(date_from, last)
        oldest = today - timedelta(days=agreement.max_historical_days)
        first = max(date_from, oldest) if date_from else oldest
        ledger, dialect = self._accounts[account_id][1], INSTITUTIONS[account.institution_id].dialect
        # A value date may be a day before the booking date, so look one day further and filter by either.
        entries = [
            wire.booked_entry(entry, account, dialect)
            for entry in reversed(ledger.entries(account, first, min(last + _DAY, today - _DAY)))
            if entry.day <= last or wire.value_date(entry, account) <= last
        ]
        waiting = ledger.pending(account, today) if last == today else []
        pending = [wire.pending_entry(entry, dialect) for entry in waiting]
        headers = self._count(account_id, "transactions", window)
        document: wire.Document = {"transactions": {"booked": entries, "pending": pending}}
        return {**document, "last_updated": timestamp(self.clock())}, headers

    def _admit(self, account_id: UUID, scope: str) -> tuple[Account, Window, Agreement]:
        account, linked = self._linked(account_id)
        agreement = self.consents.latest_agreement(account_id)
        if agreement is None:
            raise refusals.no_valid_agreement()
        if agreement.expires is not None and agreement.has_expired(self.clock()):
            days = agreement.access_valid_for_days
            raise refusals.agreement_expired(str(agreement.id), days=days, at=agreement.expires)
        if scope not in agreement.access_scope:
            raise refusals.scope_not_agreed(scope)
        return account, allowance.check_daily(linked.calls.get(scope), now=self.clock()), agreement

    def _count(self, account_id: UUID, scope: str, window: Window) -> dict[str, str]:
        now, linked = self.clock(), self._state.accounts[account_id]
        window.count += 1
        linked.calls[scope], linked.last_accessed = window, now
        self._save()
        return allowance.daily_headers(window, now=now)

    def _linked(self, account_id: UUID) -> tuple[Account, LinkedAccount]:
        linked = self._state.accounts.get(account_id)
        if linked is None or account_id not in self._accounts:
            raise refusals.account_not_found(str(account_id))
        return self._accounts[account_id][0], linked

    def _today(self) -> date:
        return self.clock().date()

    def _save(self) -> None:
        if self._state_file is not None:
            state.save(self._state, self._state_file)


def timestamp(moment: datetime) -> str:
    """Write a UTC time as the API does: microseconds and ``Z``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
