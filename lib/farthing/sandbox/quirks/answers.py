"""Habits of whole answers: balances and details."""

from decimal import Decimal

from farthing.sandbox.documents import Document, amount_of
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Institution


def balances(documents: list[Document], account: Account, bank: Institution, *, closed: Decimal) -> list[Document]:
    """Tell of balances as a bank does.

    :param closed: what the account held at the end of yesterday.
    """
    if account.is_card and 27 in bank.quirks:
        available = _of("interimAvailable", account.credit_limit + closed, account)
        return [available, _of("interimBooked", closed, account)]
    if account.is_card and 28 in bank.quirks:
        if 24 not in bank.quirks:
            return [_of("information" if 48 in bank.quirks else "expected", closed, account)]
        # The negative of what is expected and what is not invoiced make up what is owed.
        invoiced = (closed * Decimal("0.7")).quantize(Decimal("0.01"))
        left = account.credit_limit + closed
        return [
            _of("expected", -invoiced, account),
            _of("nonInvoiced", closed - invoiced, account),
            _of("interimAvailable", left, account),
        ]
    if 29 in bank.quirks:
        only = next((each for each in documents if each["balanceType"] == bank.only_balance), None)
        return [only or _of(bank.only_balance, closed, account)]
    return documents


def details(document: Document, account: Account, bank: Institution) -> Document:
    """Tell of an account's details as a bank does."""
    changed = dict(document)
    if 48 in bank.quirks and account.is_card:
        changed["iban"] = f"XXXX-XXXXXX-{str(account.masked_pan)[-4:]}"
    if 50 in bank.quirks:
        changed |= {"name": "", "displayName": account.name, "product": ""}
    if 35 in bank.quirks and account.product == "Jar":
        changed["status"] = "deleted"
    return changed


def _of(balance_type: str, amount: Decimal, account: Account) -> Document:
    return {"balanceAmount": amount_of(amount, account.currency), "balanceType": balance_type}
