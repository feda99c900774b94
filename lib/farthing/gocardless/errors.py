"""What can go wrong with GoCardless: one class for each thing to do next."""

from datetime import timedelta
from typing import ClassVar

from farthing.errors import FarthingError
from farthing.provider import Outcome


class BankDataError(FarthingError):
    """Base of all that can go wrong with GoCardless.

    :ivar status: the HTTP status, null if no answer came.
    :ivar fields: names of the parameters that were refused.
    """

    outcome: ClassVar[Outcome] = Outcome.UNEXPECTED

    def __init__(self, message: str, *, status: int | None = None, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.fields = fields


class TransientError(BankDataError):
    """The bank, GoCardless or the network failed: retry."""

    outcome = Outcome.RETRY


class BankFailedError(TransientError):
    """The bank failed, and GoCardless counts it: retry once or twice, for about ten in a row suspend the account."""

    outcome = Outcome.RETRY_SPARINGLY


class StaleTokenError(TransientError):
    """The access or refresh token is no longer accepted: renew it, then retry."""


class ConsentLapsedError(BankDataError):
    """Access is over: ask the account holder to connect the bank again."""

    outcome = Outcome.RELINK


class AccessRevokedError(ConsentLapsedError):
    """The bank itself ended the access, before the agreement did: ask the holder, and do not try again meanwhile."""


class AllowanceSpentError(BankDataError):
    """No more answers for now: wait for :attr:`retry_in`."""

    outcome = Outcome.WAIT
    retry_in: timedelta = timedelta(days=1)


class CredentialsRefusedError(BankDataError):
    """GoCardless does not accept who is asking: correct the settings or the portal's address list."""

    outcome = Outcome.CONFIGURE


class NotReadyError(BankDataError):
    """The bank is still delivering: ask again soon."""

    outcome = Outcome.NOT_READY


class DayNotBegunError(NotReadyError):
    """A day was asked for that has not begun by GoCardless's clock: see to this machine's clock, or ask again soon."""


class UnavailableError(BankDataError):
    """This never comes: skip it."""

    outcome = Outcome.SKIP


class AccountClosedError(UnavailableError):
    """The account is closed or inactive at the bank: stop asking for it."""


class RequestRefusedError(BankDataError):
    """The call itself was wrong: fix it, see :attr:`BankDataError.fields`."""


class NotPermittedError(RequestRefusedError):
    """The company lacks the permission or licence for this call: let GoCardless's own pages do it."""


class QuotaSpentError(BankDataError):
    """The plan's number of connections is used up: delete requisitions that are no longer needed."""


class UnexpectedResponseError(BankDataError):
    """Nobody has met this answer: read the code."""
