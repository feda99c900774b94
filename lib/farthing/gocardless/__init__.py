"""The GoCardless Bank Account Data API: knows no lake and no database."""

from farthing.gocardless.auth import TokenAuth, TokenStore
from farthing.gocardless.client import BankDataClient, open_client
from farthing.gocardless.entries import AccountBalances, AccountDetails, AccountTransactions
from farthing.gocardless.models import Account, Agreement, Institution, Reconfirmation, Requisition
from farthing.gocardless.pace import Pace
from farthing.gocardless.provider import GoCardlessProvider
from farthing.gocardless.tokens import Tokens

__all__ = [
    "Account",
    "AccountBalances",
    "AccountDetails",
    "AccountTransactions",
    "Agreement",
    "BankDataClient",
    "GoCardlessProvider",
    "Institution",
    "Pace",
    "Reconfirmation",
    "Requisition",
    "TokenAuth",
    "TokenStore",
    "Tokens",
    "open_client",
]
