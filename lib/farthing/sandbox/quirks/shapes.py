"""Shapes that a strict model would refuse."""

import polars as pl

from farthing.sandbox.told import Fields, Told, either, padded

_ACCOUNTS = ("creditorAccount", "debtorAccount")


def _wrong_iban(fields: Fields, told: Told) -> Fields:
    """Change the last digit of others' IBANs."""
    changed = dict(fields)
    for name in _ACCOUNTS:
        iban = fields[name]["iban"]
        last = (iban.str.tail(1).cast(pl.Int8, strict=False) + 1) % 10
        wrong = pl.format("{}{}", iban.str.head(-1), last)
        changed[name] = {**fields[name], "iban": either(told.is_merchant, wrong, iban)}
    return changed


def _plain(fields: Fields, told: Told) -> Fields:
    """Give accounts as text, a bare balance now and then, and of some entries nothing but the amount."""
    number = pl.format("000-{}-00", padded(told.number(10_000_000), 7))
    accounts = {name: either(_is_told(fields[name]), number, None) for name in _ACCOUNTS}
    bare = pl.format("{}.00", told.number(1000))
    changed = fields | accounts | {"balanceAfterTransaction": either(told.one_in(7), bare, None)}
    whole = {name: either(told.one_in(40), None, field) for name, field in changed.items()}
    return whole | {"transactionAmount": fields["transactionAmount"]}


def _is_told(account: Fields) -> pl.Expr:
    return pl.any_horizontal(*(part.is_not_null() for part in account.values()))


BOOKED = {49: _wrong_iban, 51: _plain}
