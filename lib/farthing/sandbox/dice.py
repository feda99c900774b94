"""Dice as hashes of what a throw is for, so that any can be thrown alone, or a million at once."""

from hashlib import blake2b

import polars as pl

_STEP = 0x9E3779B97F4A7C15  # splitmix64: numbers a step apart, mixed, are as good as random
_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))


def seed_of(purpose: str) -> int:
    """Return the seed of the throws for a purpose: 64 bits."""
    return int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest())


def thrown(frame: pl.LazyFrame, **throws: tuple[str, pl.Expr]) -> pl.LazyFrame:
    """Add columns of throws, each 64 bits made of a seed's column and the number of the throw.

    It is splitmix64 (Steele, Lea and Flood, 2014), written out as Polars' own hash may change with a release.
    """
    step = pl.lit(_STEP, pl.UInt64)
    frame = frame.with_columns(
        **{name: pl.col(seed) + number.cast(pl.UInt64) * step for name, (seed, number) in throws.items()}
    )
    for bits, factor in _ROUNDS:
        mixed = {name: (pl.col(name) ^ (pl.col(name) // 2**bits)) * pl.lit(factor, pl.UInt64) for name in throws}
        frame = frame.with_columns(**mixed)
    return frame


def part(throw: str, below: pl.Expr, *, bits: int, after: int = 0) -> pl.Expr:
    """Return a whole number from 0 to one less than another, made of some bits of a throw; all are as likely.

    :param below: that other number, of fewer than 40 bits.
    :param after: so many bits that other parts of the throw are made of.
    """
    some = pl.col(throw).floordiv(2**after).mod(2**bits)
    return some.mul(below.cast(pl.UInt64)).floordiv(2**bits).cast(pl.Int64)
