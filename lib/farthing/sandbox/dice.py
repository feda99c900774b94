"""Dice as hashes of what a throw is for, so that any can be thrown alone, or a million at once."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

type Throws = NDArray[np.uint64]
type Numbers = NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)  # splitmix64: numbers a step apart, mixed, are as good as random
_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST = 31


def seed_of(purpose: str) -> int:
    """Return the seed of the throws for a purpose: 64 bits."""
    return int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest())


def thrown(seeds: Throws, numbers: Numbers) -> Throws:
    """Return throws, each 64 bits made of a seed and the number of the throw.

    It is splitmix64 (Steele, Lea and Flood, 2014), whose arithmetic wraps around as that of NumPy does.
    """
    mixed = seeds + numbers.astype(np.uint64) * _STEP
    for bits, factor in _ROUNDS:
        mixed ^= mixed >> bits
        mixed *= np.uint64(factor)
    mixed ^= mixed >> _LAST
    return mixed


def part(throws: Throws, below: Throws | int, *, bits: int, after: int = 0) -> Numbers:
    """Return whole numbers from 0 to one less than another, made of some bits of throws; all are as likely.

    :param below: that other number, of fewer than 40 bits.
    :param after: so many bits that other parts of the throws are made of.
    """
    some = throws >> after
    some &= 2**bits - 1
    some *= np.asarray(below, np.uint64)
    some >>= bits
    return some.view(np.int64)
