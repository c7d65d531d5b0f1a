"""When cycles begin, and how fast the job works in them.

Invariant: pure arithmetic in whole milliseconds; nothing is cumulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol, TypeAlias

from mockservices.clock import Millis
from sim.provisioning.rhythm import Rhythm

Overrun: TypeAlias = Literal["at_once", "next_gate", "after_end"]
"""What becomes of a gate that passes while a cycle runs; ``after_end``: there are no gates, only pauses."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the job works."""

    interval: Millis
    phase: Millis
    """The first gate at or after 0 is at ``phase % interval``."""
    initial: Fraction
    """Objects per second of an initial cycle."""
    incremental: Fraction
    """Requests per second."""
    request_time: Millis
    """How long the target takes to answer."""
    matched: Fraction | None = None
    """Objects per second of an initial cycle that it did not have to create; None: as many as others."""
    overrun: Overrun = "at_once"
    """Whether a cycle whose gate has passed begins as soon as the one before it ends, or waits for the next gate; or
    whether every cycle begins an interval after the end of the one before it."""
    hours: Rhythm | None = None
    """Hours with an interval of their own; None: it is the same at all times."""

    def begin_object(self, start: int, number: int) -> int:
        """When an initial cycle turns to its object of this number, from 0."""
        return start + number * 1000 * self.initial.denominator // self.initial.numerator

    def begin_after(self, start: int, created: int, others: int) -> int:
        """When an initial cycle turns to its next object, after so many that were created and so many others."""
        if self.matched is None:
            return self.begin_object(start, created + others)
        return start + int(1000 * (created / self.initial + others / self.matched))

    @property
    def spacing(self) -> tuple[int, int]:
        """Request k of a stretch, from 0, happens k * first // second milliseconds after its start."""
        return 1000 * self.incremental.denominator, self.incremental.numerator

    def gate_after(self, now: int) -> int:
        """The first gate later than ``now``."""
        if self.hours is not None:
            return self.hours.gate_after(now, self.phase)
        interval = self.interval
        offset = self.phase % interval
        return (now - offset) // interval * interval + interval + offset

    def pause_after(self, end: int) -> int:
        """When the next cycle begins under ``after_end``, after one that ended then."""
        return end + (self.interval if self.hours is None else self.hours.stretch(end)[0])


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the job waits for answers, and what it does when it is asked to wait."""

    timeout: int = 60_000
    """Milliseconds, https://learn.microsoft.com/en-us/answers/questions/1151866/."""
    honours_retry_after: bool = True
    limit: int = 5
    """How often one request is sent again because of a 429."""


class Horizon(Protocol):
    """How far the job may run ahead of the event queue."""

    def limit(self) -> float:
        """Requests stamped at this time or later have to wait."""
