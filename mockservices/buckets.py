"""Token buckets: how a service says that requests come too fast.

Invariant: whole numbers only. A bucket's level is kept in parts of a token so small that every millisecond adds a whole
number of them, so a bucket never drifts and two machines always agree.
"""

from __future__ import annotations

from fractions import Fraction

from mockservices.clock import Millis


class TokenBucket:
    """Lets through ``burst`` requests at once and ``rate`` a second in the long run; full at the start."""

    __slots__ = ("_capacity", "_cost", "_gain", "_level", "_since")

    def __init__(self, rate: Fraction, burst: int) -> None:
        self._gain = rate.numerator  # parts a millisecond
        self._cost = 1000 * rate.denominator  # parts of one token
        self._capacity = burst * self._cost
        self._level = self._capacity
        self._since = Millis(0)

    def take(self, now: Millis) -> int:
        """Take a token: 0. When there is none, nothing is taken: milliseconds until there is one."""
        if now > self._since:
            self._level = min(self._capacity, self._level + (now - self._since) * self._gain)
            self._since = now
        missing = self._cost - self._level
        if missing > 0:
            return -(-missing // self._gain)
        self._level -= self._cost
        return 0
