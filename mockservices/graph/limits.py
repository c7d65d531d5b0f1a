"""How often something may be asked for: so many calls within a stretch of simulated time.

Invariant: counts calls that were let through, at simulated times, so that a replay refuses the same ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mockservices.clock import Clock, Millis
from mockservices.graph.errors import too_many_requests


class CallLimit:
    """A sliding window. https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand"""

    __slots__ = ("_clock", "_taken", "calls", "window")

    def __init__(self, clock: Clock, calls: int, window: Millis) -> None:
        self._clock = clock
        self.calls = calls
        self.window = window
        self._taken: deque[Millis] = deque()

    def free(self) -> bool:
        """Let one more through, if there is room for it."""
        taken, now = self._taken, self._clock.now
        while taken and taken[0] + self.window <= now:
            taken.popleft()
        if len(taken) >= self.calls:
            return False
        taken.append(now)
        return True

    def take(self, say: Callable[[int], Exception] = too_many_requests) -> None:
        """Let one more through, or refuse with the seconds after which there is room again."""
        if not self.free():
            left = self._taken[0] + self.window - self._clock.now
            raise say(-(-left // 1000))
