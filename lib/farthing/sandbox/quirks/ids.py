"""Ids that cannot be a key."""

from collections.abc import Sequence
from hashlib import sha1, sha256

import numpy as np
import polars as pl
from numpy.typing import NDArray

from farthing.sandbox.columns import binaries
from farthing.sandbox.habits import Kind
from farthing.sandbox.institutions import Dialect
from farthing.sandbox.merchants import Category
from farthing.sandbox.told import Fields, Told, dated, either, money, padded
from farthing.sandbox.wire import day_and_serial

_TEMPORARY = 3  # days
_HELD = 50_00  # cents: so much, or twice that and so on


def _absent(fields: Fields, _told: Told) -> Fields:
    return fields | {"transactionId": None}


def _blank(fields: Fields, told: Told) -> Fields:
    return fields | {"transactionId": either(told.one_in(4), " ", fields["transactionId"])}


def _shared(fields: Fields, told: Told) -> Fields:
    return fields | {"transactionId": either(told.is_by_card & told.one_in(6), "9998", fields["transactionId"])}


def _not_provided(fields: Fields, told: Told) -> Fields:
    return fields | {"transactionId": either(told.is_by_card, "NOTPROVIDED", fields.get("transactionId"))}


def _reissued(fields: Fields, told: Told) -> Fields:
    """Give an entry its lasting ids after some days, and every third one the next day as booking date."""
    is_old = told.age >= _TEMPORARY
    is_moved = is_old & told.one_in(3)
    lasting = pl.col("_lasting")
    transaction_id = pl.format("R{}", lasting.str.head(15).str.to_uppercase())
    return fields | {
        "_lasting": _named("lasting", is_old),
        "transactionId": either(is_old, transaction_id, fields["transactionId"]),
        "internalTransactionId": either(is_moved, lasting, told.hex_id),
        "bookingDate": either(is_moved, told.later(1), fields["bookingDate"]),
    }


def _malformed(fields: Fields, told: Told) -> Fields:
    is_old = told.age >= _TEMPORARY
    sign = either(told.is_outgoing, "DEBIT", "CREDIT")
    name = either(told.is_merchant, told.name, "TRANSFER").str.to_uppercase()
    day = dated(told.day, "%Y%m%d")
    temporary = pl.format("00{}{}0000000000-{}{}", sign, day, pl.col("cents").abs(), name)
    return fields | {
        "transactionId": either(is_old, told.hex_id, temporary),
        "internalTransactionId": either(is_old, told.hex_id, _named("temporary", ~is_old)),
    }


def _same_internal(fields: Fields, told: Told) -> Fields:
    parts = pl.col("account_household"), told.day, pl.col("serial"), pl.col("account_generation")
    hashed = pl.concat_str(*parts, separator="/").map_batches(_sha256, return_dtype=pl.String)
    return fields | {"internalTransactionId": hashed}


def _serial(fields: Fields, told: Told) -> Fields:
    return fields | {"transactionId": day_and_serial(told)}


def _timed(fields: Fields, told: Told) -> Fields:
    """Give interest date-times."""
    is_interest = told.kind == Kind.INTEREST.value
    first, second = dated(told.later(-1), "%Y-%m-%dT23:38:36Z"), dated(told.day, "%Y-%m-%dT00:00:00.000Z")
    return fields | {
        "bookingDateTime": either(is_interest, first, None),
        "valueDateTime": either(is_interest, second, None),
    }


def _twice(fields: Fields, told: Told) -> tuple[Fields, pl.Expr]:
    """Give interest a second time, its date-times swapped."""
    is_interest = told.kind == Kind.INTEREST.value
    swapped = {
        "bookingDateTime": fields["valueDateTime"],
        "valueDateTime": fields["bookingDateTime"],
        "internalTransactionId": _named("twin", is_interest),
    }
    return fields | swapped, is_interest


def _changing(fields: Fields, told: Told) -> Fields:
    """Announce a payment by an id of its own, every third for the day after, and fuel by the round sum that pumps hold.

    The banks written by hand give no id at all: there, text and id change all the same.
    """
    if told.bank.dialect is not Dialect.PLAIN:
        return fields
    held = pl.col("cents") // _HELD * _HELD  # away from nought, as whole division goes down
    is_held = (pl.col("party_category") == Category.FUEL.value) & (told.kind == Kind.CARD.value)
    amount = money(either(is_held, held, pl.col("cents")))
    day = either(told.one_in(3), told.later(1), fields["valueDate"])
    return fields | {"transactionId": _announced_id(told), "transactionAmount": amount, "valueDate": day}


def _checked(fields: Fields, told: Told) -> tuple[Fields, pl.Expr]:
    """Announce a check of a payment's card at times, which never books."""
    check = {
        "transactionId": pl.format("{}C", _announced_id(told)),
        "transactionAmount": {"amount": "-1.00", "currency": pl.col("account_currency")},
    }
    return fields | check, pl.lit(told.bank.dialect is Dialect.PLAIN) & told.one_in(5) & told.is_outgoing


def _announced_id(told: Told) -> pl.Expr:
    return pl.format("P-{}", padded(told.number(10_000), 4))


def _named(name: str, condition: pl.Expr) -> pl.Expr:
    """Make another id of an entry's, of those under a condition: that takes a while."""
    ids = pl.when(condition).then(pl.col("id"))
    return ids.map_batches(lambda known: uuids(known, name.encode()), return_dtype=pl.String)


def uuids(ids: pl.Series, name: bytes) -> pl.Series:
    """Return what :func:`uuid.uuid5` gives, as hexadecimal digits, in a quarter of its time.

    :param ids: 16 bytes each, or null, which stays null.
    """
    hashes = [sha1(each + name, usedforsecurity=False).digest() for each in ids.drop_nulls().to_list()]
    uuids = _beginnings(hashes, of=20)
    uuids[:, 6] = uuids[:, 6] & 0x0F | 0x50  # the version
    uuids[:, 8] = uuids[:, 8] & 0x3F | 0x80  # the variant
    place = np.full(len(ids), len(uuids), np.uint32)  # that of a null behind them
    place[ids.is_not_null().arg_true()] = np.arange(len(uuids))
    return binaries(uuids).bin.encode("hex").extend_constant(None, 1)[place]


def _sha256(texts: pl.Series) -> pl.Series:
    """Return the first 16 bytes of hashes, as hexadecimal digits."""
    hashes = [sha256(text, usedforsecurity=False).digest() for text in texts.cast(pl.Binary).to_list()]
    return binaries(_beginnings(hashes, of=32)).bin.encode("hex")


def _beginnings(hashes: Sequence[bytes], *, of: int) -> NDArray[np.uint8]:
    """Return the first 16 bytes of hashes of so many bytes, each in a row."""
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, of)[:, :16].copy()


BOOKED = {
    1: _absent,
    2: _blank,
    4: _not_provided,
    5: _reissued,
    6: _malformed,
    3: _shared,  # whatever the id would be
    7: _same_internal,
    8: _serial,
    22: _timed,
}
PENDING = {4: _not_provided, 10: _changing}
AGAIN = {22: _twice}
PENDING_AGAIN = {10: _checked}
