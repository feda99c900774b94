"""Amounts that are not what they say."""

import polars as pl

from farthing.sandbox.habits import Kind
from farthing.sandbox.told import Fields, Told, either, money

_CENTS = pl.col("cents")
_REMOVED_AFTER = 3  # days


def _flipped(fields: Fields, _told: Told) -> Fields:
    return fields | {"transactionAmount": money(either(pl.col("account_is_card"), -_CENTS, _CENTS))}


def _foreign(fields: Fields, told: Told) -> Fields:
    amount = {"amount": -told.foreign_price, "currency": pl.col("foreign_currency")}
    billed = pl.format("billingAmount: {}", money(_CENTS)["amount"])
    return fields | {
        "currencyExchange": None,
        "transactionAmount": either(told.is_foreign, amount, fields["transactionAmount"]),
        "remittanceInformationUnstructured": either(
            told.is_foreign, billed, fields["remittanceInformationUnstructured"]
        ),
    }


def _object_exchange(fields: Fields, told: Told) -> Fields:
    """Give the exchange as an object, and one of rate 0 on every eighth payment at home."""
    currency = pl.col("account_currency")
    nothing = {"sourceCurrency": currency, "exchangeRate": "0", "targetCurrency": currency}
    is_shown = ~told.is_foreign & told.is_by_card & told.one_in(8)
    return fields | {"currencyExchange": either(is_shown, nothing, fields["currencyExchange"][0])}


def _not_each(fields: Fields, told: Told) -> Fields:
    """Leave the balance out after two entries of three; the bank written by hand gives each."""
    if told.bank.dialect == "names":
        return fields
    return fields | {"balanceAfterTransaction": either(told.one_in(3), fields["balanceAfterTransaction"], None)}


def _unsigned(fields: Fields, _told: Told) -> Fields:
    """Announce a purchase as a positive amount; the word before it tells."""
    text = pl.format("ΑΓΟΡΑ {}", fields["remittanceInformationUnstructured"])
    return fields | {"transactionAmount": money(_CENTS.abs()), "remittanceInformationUnstructured": text}


def _withdrawn(told: Told) -> pl.Expr:
    """Show a failed debit for some days, then no more; the balance keeps it."""
    failed = (told.kind == Kind.DEBIT.value) & told.one_in(4)
    return ~(failed & (told.age >= _REMOVED_AFTER))


def _mirrored(fields: Fields, told: Told) -> tuple[Fields, pl.Expr]:
    """Show a transfer in a sub-account once in and once out."""
    mirror = {
        "transactionAmount": money(-_CENTS),
        "transactionId": pl.format("{}M", fields["transactionId"]),
        "internalTransactionId": told.hex_id.str.reverse(),
    }
    return fields | mirror, pl.col("account_is_savings") & ~told.is_merchant


BOOKED = {24: _flipped, 25: _foreign, 26: _object_exchange, 30: _not_each}
PENDING = {13: _unsigned, 24: _flipped}
SHOWN = {54: _withdrawn}
AGAIN = {36: _mirrored}
