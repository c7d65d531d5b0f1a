"""Chance: named random streams, and draws from them that come out the same on every machine.

Invariant: a stream depends on (seed, replication, name) alone, and nothing here goes through exp, log or pow, whose
last bits differ between CPUs; only whole numbers and single IEEE operations do the work.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BITS: Final = 53
"""A uniform draw is a whole number in [0, 2**53): as many bits as one double holds."""


class Streams:
    """The random streams of one replication of one run, by name."""

    __slots__ = ("_replication", "_seed", "_taken")

    def __init__(self, seed: int, replication: int = 0) -> None:
        if seed < 0 or replication < 0:
            raise ValueError("seed and replication are whole numbers from 0 on")
        self._seed = seed
        self._replication = replication
        self._taken: set[str] = set()

    def stream(self, name: str) -> Generator:
        """The generator of this name, at its start.

        It is keyed by a hash of the name and not by the order of asking
        (https://numpy.org/doc/stable/reference/random/parallel.html), so that a new stream moves no other.
        Raises ValueError for a name that was given out before: two users of a stream would repeat each other's draws.
        """
        if name in self._taken:
            raise ValueError(f"the random stream '{name}' is already in use")
        self._taken.add(name)
        digest = blake2b(name.encode(), digest_size=16).digest()
        words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4)]
        return Generator(PCG64(SeedSequence(self._seed, spawn_key=(self._replication, *words))))


def draw_uniform(generator: Generator, count: int) -> Ints:
    """Whole numbers, uniform in [0, 2**53)."""
    # random() gives multiples of 2**-53, so this product and its conversion are exact.
    return (generator.random(count) * float(1 << BITS)).astype(np.int64)


def draw_instants(generator: Generator, span: int, count: int) -> Ints:
    """Whole numbers, uniform in [0, span); an empty span is enough where nothing is drawn."""
    return generator.integers(0, span, count) if count else np.empty(0, dtype=np.int64)


def draw_poisson(generator: Generator, mean: Fraction) -> int:
    """A Poisson number with this mean, by inversion: a larger mean never gives fewer from the same stream.

    The probabilities are computed outwards from the most likely value by the recurrence p(k+1) = p(k) * mean / (k+1),
    in whole numbers with 96 bits after the point; their sum normalises them, so that no exponential is needed.
    """
    high, low = (int(word) for word in generator.integers(0, 1 << 63, 2))
    if mean < 0:
        raise ValueError("the mean of a Poisson number is 0 or more")
    if mean == 0:
        return 0
    numerator, denominator = mean.as_integer_ratio()
    mode = numerator // denominator
    below: list[int] = []
    weight, value = 1 << 96, mode
    while value > 0 and (weight := weight * value * denominator // numerator) > 0:
        below.append(weight)
        value -= 1
    above: list[int] = []
    weight, value = 1 << 96, mode
    while (weight := weight * numerator // (denominator * (value + 1))) > 0:
        above.append(weight)
        value += 1
    cumulated = list(accumulate([*reversed(below), 1 << 96, *above]))
    target = ((high << 63 | low) * cumulated[-1]) >> 126
    return mode - len(below) + bisect_right(cumulated, target)


class WeightedChoice:
    """Draws indices in proportion to weights; the weights become whole numbers that add up to 2**31."""

    BITS: Final = 31

    __slots__ = ("_ends", "_sizes")

    def __init__(self, weights: Sequence[float]) -> None:
        if not weights or not all(weight > 0 and math.isfinite(weight) for weight in weights):
            raise ValueError("weights are numbers above 0, and there is at least one")
        total = math.fsum(weights)
        whole = 1 << self.BITS
        sizes = [max(1, int(weight / total * whole)) for weight in weights]
        sizes[sizes.index(max(sizes))] += whole - sum(sizes)
        self._sizes: Ints = np.array(sizes, dtype=np.int64)
        self._ends: Ints = np.cumsum(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def draws(self, generator: Generator, count: int) -> Ints:
        """What `indices` and `other_indices` take: whole numbers, uniform in [0, 2**31)."""
        return generator.integers(0, 1 << self.BITS, count)

    def indices(self, draws: Ints) -> Ints:
        """The index that each draw falls on."""
        return np.searchsorted(self._ends, draws, side="right").astype(np.int64, copy=False)

    def other_indices(self, draws: Ints, current: Ints) -> Ints:
        """The index that each draw falls on when the current one cannot be chosen; there must be at least two."""
        if len(self) < 2:
            raise ValueError("there is no other index to choose")
        gap = self._sizes[current]
        shrunk = (draws * ((1 << self.BITS) - gap)) >> self.BITS
        return self.indices(np.where(shrunk >= self._ends[current] - gap, shrunk + gap, shrunk))

    def draw(self, generator: Generator, count: int) -> Ints:
        """This many indices."""
        return self.indices(self.draws(generator, count))


class Quantiles:
    """A distribution of whole numbers, as points (cumulative probability, value) with straight lines between them.

    The first probability is 0 and the last is `whole`; neither probabilities nor values ever go down. Equal
    probabilities make a gap in the distribution, equal values a lump.
    """

    __slots__ = ("_points", "_shares", "_shift", "_starts", "_values", "_widths")

    def __init__(self, points: Sequence[tuple[int, int]], whole: int) -> None:
        if len(points) < 2 or points[0][0] != 0 or points[-1][0] != whole or whole <= 0:
            raise ValueError("a quantile table goes from probability 0 to its whole")
        if any(left[0] > right[0] or left[1] > right[1] for left, right in pairwise(points)):
            raise ValueError("probabilities and values of a quantile table never go down")
        self._points = [(Fraction(share, whole), value) for share, value in points]
        starts = [(share << BITS) // whole for share, _ in points]
        shares = [right - left for left, right in pairwise(starts)]
        widths = [right[1] - left[1] for left, right in pairwise(points)]
        # So many of a draw's last bits are dropped that the product below stays inside 63 bits.
        shift = [max(0, s.bit_length() + w.bit_length() - 63) for s, w in zip(shares, widths, strict=True)]
        self._starts: Ints = np.array(starts[:-1], dtype=np.int64)
        self._values: Ints = np.array([value for _, value in points[:-1]], dtype=np.int64)
        self._widths: Ints = np.array(widths, dtype=np.int64)
        self._shift: Ints = np.array(shift, dtype=np.int64)
        self._shares: Ints = np.array([max(1, -(-s >> k)) for s, k in zip(shares, shift, strict=True)], dtype=np.int64)

    def values(self, uniform: Ints) -> Ints:
        """The value at each cumulative probability, given as a whole number in [0, 2**53); it never goes down."""
        cell = np.searchsorted(self._starts, uniform, side="right") - 1
        into = (uniform - self._starts[cell]) >> self._shift[cell]
        return self._values[cell] + into * self._widths[cell] // self._shares[cell]

    def draw(self, generator: Generator, count: int) -> Ints:
        """This many values."""
        return self.values(draw_uniform(generator, count))

    def mean(self) -> Fraction:
        """The exact mean of the straight lines."""
        return sum(
            ((right[0] - left[0]) * (left[1] + right[1]) / 2 for left, right in pairwise(self._points)), Fraction(0)
        )

    def length_biased(self) -> Quantiles:
        """The distribution of the interval in which a moment picked at random falls: long ones are met more often."""
        masses = [(right[0] - left[0]) * (left[1] + right[1]) for left, right in pairwise(self._points)]
        unit = math.lcm(*(mass.denominator for mass in masses))
        cumulated = list(accumulate((int(mass * unit) for mass in masses), initial=0))
        if cumulated[-1] == 0:
            raise ValueError("no moment falls into intervals that are all empty")
        return Quantiles(list(zip(cumulated, (value for _, value in self._points), strict=True)), cumulated[-1])
