"""Chance at the ticket desk: one draw for each person, change and question, whenever and in whatever order it is asked.

Invariant: a draw depends on (seed, replication, person, which of their changes, question) alone, so that another delay,
queue or strategy leaves every other draw as it was. Whole numbers only, see :mod:`sim.randomness`.
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b
from typing import Final

import numpy as np

from sim.randomness import BITS, Quantiles
from sim.scenario.fields import Distribution
from sim.scenario.ticketing import SURVEY, Delay

_MINUTE: Final = 60_000
_SURVEY: Final = (
    (0, 0), (10, 14), (20, 25), (50, 62), (100, 137), (200, 362), (300, 727), (400, 1320), (420, 1478), (500, 2304),
    (580, 3592),
    (600, 4023), (650, 5378), (700, 7303), (750, 10161), (800, 14676), (850, 22529), (880, 30558), (900, 38631),
    (920, 50694), (930, 59228), (940, 70467), (950, 85912), (960, 108436), (970, 144372), (975, 171841),
    (980, 211219), (984, 259200), (1000, 259200),
)  # fmt: skip
"""In thousandths and minutes: a lognormal with a median of 1.6 days and sigma 2.2, cut off at 180 days.

It goes through two answers of a survey of companies: 58 % need more than a day to take access away, 25 % more than a
week (https://www.spamtitan.com/blog/58-companies-not-deprovisioning-former-employees-promptly/). The answers are per
company and not per leaver. Its mean is 11.6 days, nearly all of it from the tail.
"""
SURVEYED: Final = Quantiles([(share, minutes * _MINUTE) for share, minutes in _SURVEY], 1000)


class Draws:
    """What is left to chance about the tickets of one replication."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, replication: int) -> None:
        self._key = blake2b(f"jmlab tickets {seed} {replication}".encode(), digest_size=32).digest()

    def uniform(self, person: int, change: int, question: str) -> int:
        """A whole number, uniform in [0, 2**53)."""
        text = f"{person}\0{change}\0{question}".encode()
        return int.from_bytes(blake2b(text, key=self._key, digest_size=8).digest(), "big") >> (64 - BITS)

    def strikes(self, share: float, person: int, change: int, question: str) -> bool:
        """Whether this is one of the share of cases in which it happens; a larger share never spares one."""
        if share <= 0:
            return False
        exact = Fraction(str(share))
        return self.uniform(person, change, question) * exact.denominator < exact.numerator << BITS

    def lasts(self, delay: Delay, person: int, change: int, question: str) -> int:
        """How long something takes, in ms."""
        if delay == SURVEY:
            drawn = self.uniform(person, change, question)
            return int(SURVEYED.values(np.array([drawn], dtype=np.int64))[0])
        if not isinstance(delay, Distribution):
            raise TypeError(f"no delay: {delay!r}")
        if delay.constant:
            return delay.low
        return delay.low + (self.uniform(person, change, question) * (delay.high - delay.low + 1) >> BITS)
