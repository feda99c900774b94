"""Amounts that are not what they say."""

from decimal import Decimal

from farthing.sandbox.habits import Kind
from farthing.sandbox.quirks.told import Told
from farthing.sandbox.wire import Document, money

_REMOVED_AFTER = 3  # days


def _flipped(document: Document, told: Told) -> list[Document]:
    if not told.account.is_card:
        return [document]
    return [document | {"transactionAmount": money(-told.movement.amount, told.account.currency)}]


def _foreign(document: Document, told: Told) -> list[Document]:
    exchange = told.movement.exchange
    if exchange is None:
        return [document]
    changed = {name: value for name, value in document.items() if name != "currencyExchange"}
    billed = f"billingAmount: {told.movement.amount:.2f}"
    amount = money(-exchange.price, exchange.currency)
    return [changed | {"transactionAmount": amount, "remittanceInformationUnstructured": billed}]


def _object_exchange(document: Document, told: Told) -> list[Document]:
    """Give the exchange as an object, and one of rate 0 on every eighth payment at home."""
    currency = told.account.currency
    if told.movement.exchange is None:
        nothing = {"sourceCurrency": currency, "exchangeRate": "0", "targetCurrency": currency}
        return [document | {"currencyExchange": nothing}] if told.is_by_card and told.one_in(8) else [document]
    exchange = document["currencyExchange"]
    return [document | {"currencyExchange": exchange[0] if isinstance(exchange, list) else exchange}]


def _not_each(document: Document, told: Told) -> list[Document]:
    """Leave the balance out after two entries of three; the bank written by hand gives each."""
    if told.bank.dialect == "names" or told.one_in(3):
        return [document]
    return [{name: value for name, value in document.items() if name != "balanceAfterTransaction"}]


def _withdrawn(document: Document, told: Told) -> list[Document]:
    """Show a failed debit for some days, then no more; the balance keeps it."""
    failed = told.movement.kind is Kind.DEBIT and told.one_in(4)
    return [] if failed and told.age >= _REMOVED_AFTER else [document]


def _mirrored(document: Document, told: Told) -> list[Document]:
    """Show a transfer in a sub-account once in and once out."""
    if told.account.cash_account_type != "SVGS" or told.merchant is not None:
        return [document]
    mirror = document | {"transactionAmount": money(-told.movement.amount, told.account.currency)}
    return [
        document,
        mirror | {"transactionId": f"{document['transactionId']}M", "internalTransactionId": _other(told)},
    ]


def _other(told: Told) -> str:
    return told.entry.entry_id.hex[::-1]


def _unsigned(document: Document, told: Told) -> list[Document]:
    """Announce a purchase as a positive amount; the word before it tells."""
    text = f"ΑΓΟΡΑ {document['remittanceInformationUnstructured']}"
    amount = money(Decimal(abs(told.movement.amount)), told.account.currency)
    return [document | {"transactionAmount": amount, "remittanceInformationUnstructured": text}]


BOOKED = {24: _flipped, 25: _foreign, 26: _object_exchange, 30: _not_each, 36: _mirrored, 54: _withdrawn}
PENDING = {13: _unsigned, 24: _flipped}
