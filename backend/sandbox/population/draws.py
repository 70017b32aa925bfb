"""Reproducible choices: the same seed, purpose and index always give the same number."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


def mixed(seed: int, purpose: int, index: int) -> int:
    """64 well mixed bits (the finaliser of splitmix64), for choices that many places ask about.

    Args:
        seed: of the population.
        purpose: a number of the caller's own, so that two choices for one index are independent.
        index: of the household, person or enterprise.
    """
    bits = (seed * 0x9E3779B97F4A7C15 + purpose * 0xD1342543DE82EF95 + index + 1) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def pick(rng: Random, options: Sequence[T]) -> T:
    """One of the options. ``random()`` alone keeps its promise of the same numbers in every
    version of Python; ``choice`` does not."""
    return options[int(rng.random() * len(options))]


def between(rng: Random, low: int, high: int) -> int:
    """A number from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))


def spread(weights: Sequence[tuple[T, int]]) -> tuple[T, ...]:
    """Each option as many times as it weighs, for ``pick``."""
    return tuple(option for option, weight in weights for _ in range(weight))
