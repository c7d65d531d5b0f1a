"""Story pace: how long the wall takes over a stretch of simulated time, so that a story can be followed.

Invariant: pure. Where nothing is under way time is skipped, where something happens it is slow; the wall's clock
decides when something is seen, never what happens.
"""

from __future__ import annotations

from dataclasses import dataclass

FULL_STORY: int = 16
"""So many events take about three minutes; a story with more of them goes by faster."""
PAUSE_S = 2.5
"""Seconds to read what has just happened, at least."""
OPENING_S = 4.5
"""Seconds to read what the story is about before it begins."""
WORDS_S = 3.2
"""Words that are read in a second."""
READING_S = 9.0
"""The longest time that is given to read about one step."""
IDLE_S = (0.5, 1.5)
"""Seconds for a stretch in which nothing is under way: a short one, a day or more."""
OPEN_S = (2.0, 6.0)
"""Seconds for a stretch in which somebody waits: a short one, a whole interval or more."""
INITIAL_S = 12.0
"""Seconds for an initial cycle."""
CYCLE_STEP_S = 0.5
CYCLE_STEP_MS = 200
"""An incremental cycle begins at this rate, and goes the faster the longer it lasts."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Moment:
    """What the pace has to know of a world."""

    now: int
    end: int
    event: int | None
    """When something happens next to people, in the directory or to the job."""
    gate: int | None
    """When the next cycle begins, if anything waits for it."""
    interval: int
    under_way: bool
    """Whether somebody's change is true and not yet carried over."""
    events: int
    """How many events the story has."""
    cycle_since: int | None = None
    """When the running cycle began."""
    cycle_end: int | None = None
    """When a running initial cycle will be over, as far as can be said."""
    cycle_over: bool = False
    """Whether a cycle that did something has just ended."""
    words: int = 0
    """How much there is to read about what happens next, or about the cycle that has ended."""
    opening: bool = False
    """Whether nobody has read yet what the story is about."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one simulated time to another in so many seconds of the wall, then a rest."""

    start: int
    goal: int
    seconds: float
    rest: float = 0.0

    def at(self, elapsed: float) -> int:
        """The simulated time so many seconds after its beginning."""
        if elapsed >= self.seconds:
            return self.goal
        return self.start + int((self.goal - self.start) * max(elapsed, 0.0) / self.seconds)

    def over(self, elapsed: float) -> bool:
        """Whether it, and the rest after it, are over."""
        return elapsed >= self.seconds + self.rest


def tempo(events: int) -> float:
    """By how much every stretch is shortened so that a story of this many events stays short."""
    return min(1.0, FULL_STORY / events) if events else 1.0


def plan(moment: Moment, factor: float = 1.0) -> Stretch:
    """The next stretch; ``factor`` times as fast as the story's own pace."""
    scale = tempo(moment.events) / factor
    if moment.opening:
        return Stretch(moment.now, moment.now, 0.0, OPENING_S / factor)
    if moment.cycle_over:
        return Stretch(moment.now, moment.now, 0.0, max(PAUSE_S * scale, moment.words / WORDS_S / factor))
    if moment.cycle_since is not None:
        return _in_cycle(moment, moment.cycle_since, scale)
    ahead = [time for time in (moment.event, moment.gate) if time is not None]
    goal = min([*ahead, moment.end])
    gap = max(goal - moment.now, 0)
    open_gap = moment.under_way or goal == moment.gate
    (short, long), whole = (OPEN_S, moment.interval) if open_gap else (IDLE_S, DAY_MS)
    seconds = (short + (long - short) * min(gap / whole, 1.0)) * scale
    rest = 0.0
    if goal == moment.event and goal != moment.gate:
        rest = max(PAUSE_S * scale, min(moment.words / WORDS_S, READING_S) / factor)
    return Stretch(moment.now, min(goal + 1, moment.end), seconds, rest)  # one beyond it: then it has happened


def _in_cycle(moment: Moment, since: int, scale: float) -> Stretch:
    now = moment.now
    if moment.cycle_end is not None and moment.cycle_end > now:
        whole = max(moment.cycle_end - since, 1)
        step = min(moment.cycle_end - now, max(whole // 40, 1))
        return Stretch(now, min(now + step, moment.end), INITIAL_S * step / whole * scale)
    step = max(CYCLE_STEP_MS, (now - since) // 2)
    return Stretch(now, min(now + step, moment.end), CYCLE_STEP_S * scale)
