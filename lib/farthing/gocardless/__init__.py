"""The GoCardless Bank Account Data API: knows no lake and no database."""

from farthing.gocardless.auth import TokenAuth, TokenStore
from farthing.gocardless.client import BankDataClient, open_client
from farthing.gocardless.models import Account, Agreement, Institution, Requisition, Tokens
from farthing.gocardless.provider import GoCardlessProvider

__all__ = [
    "Account",
    "Agreement",
    "BankDataClient",
    "GoCardlessProvider",
    "Institution",
    "Requisition",
    "TokenAuth",
    "TokenStore",
    "Tokens",
    "open_client",
]
