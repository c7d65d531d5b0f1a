"""Questions in the user's words: ``--target "latency.leaver.p95_s < 900"``, and the longest interval that meets it.

Invariant: an interval's bound decides, never its mean. Where replications cannot tell, that is what is said.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from mockservices.clock import Millis
from sim.expressions import OPERATORS, Condition, parse_condition
from sim.scenario import Scenario
from sim.time import DAY, HOUR, MINUTE, format_duration
from sim.whatif.statistics import CONFIDENCE, Interval, interval
from sim.wording import duration

Verdict: TypeAlias = Literal["met", "not met", "unclear", "no figure"]

_MINUTES: Final = (1, 2, 3, 5, 10, 15, 20, 30, 40)
_HOURS: Final = (1, 2, 3, 4, 6, 8, 12)
_DAYS: Final = (1, 2, 3, 7)
LADDER: Final = (
    *(Millis(n * MINUTE) for n in _MINUTES),
    *(Millis(n * HOUR) for n in _HOURS),
    *(Millis(n * DAY) for n in _DAYS),
)
"""Intervals that people set; between the last that meets a target and the next, whole minutes are tried."""
CLOSE_ENOUGH: Final = 0.1
"""The search ends when the next longer one is within this share of the longest that meets the target."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What replications say about a target; ``interval`` is None where none has the figure."""

    verdict: Verdict
    interval: Interval | None

    def as_json(self) -> dict[str, Any]:
        """As it stands in the JSON."""
        found = self.interval
        if found is None:
            return {"verdict": self.verdict, "mean": None, "ci_low": None, "ci_high": None, "n": 0}
        bounds = {"mean": found.mean, "ci_low": found.low, "ci_high": found.high, "n": found.n}
        return {"verdict": self.verdict, **bounds}


@dataclass(frozen=True, slots=True)
class Search:
    """The longest interval that meets a target, and everything that was tried, the shortest first."""

    longest: Millis | None
    tried: tuple[tuple[Millis, Judged], ...]

    @property
    def at_the_end(self) -> bool:
        """Whether no longer one was tried."""
        return self.longest == LADDER[-1]


def read_targets(texts: Sequence[str], scenario: Scenario) -> list[Condition]:
    """The conditions; ExpressionError for one that no summary of the scenario could be judged by."""
    from sim.observation.summary.keys import summary_of_nothing

    conditions = [parse_condition(text) for text in texts]
    if conditions:
        nothing = summary_of_nothing(scenario)
        for condition in conditions:
            condition.figure(nothing)
    return conditions


def judge(condition: Condition, values: Sequence[float], confidence: float = CONFIDENCE) -> Judged:
    """Whether the mean over replications meets a target, by the far bound of its interval.

    One replication has no interval: then its value decides.
    """
    if not values:
        return Judged("no figure", None)
    found = interval(values, confidence)
    low, high = (found.mean, found.mean) if found.low is None or found.high is None else (found.low, found.high)
    holds = OPERATORS[condition.operator]
    at_low, at_high = holds(low, condition.number), holds(high, condition.number)
    if condition.operator == "==":
        inside = low <= condition.number <= high
        return Judged("met" if at_low and at_high else "unclear" if inside else "not met", found)
    return Judged("met" if at_low and at_high else "unclear" if at_low or at_high else "not met", found)


def longest_interval(probe: Callable[[Millis], Judged], ladder: Sequence[Millis] = LADDER) -> Search:
    """Bisection over the ladder and then over whole minutes; each interval is probed once at most.

    It is taken for granted that a target which a long interval meets is met by every shorter one; where it is the
    longest of all that meets it, nothing shorter is asked.
    """
    tried: list[tuple[Millis, Judged]] = []

    def meets(length: Millis) -> bool:
        judged = probe(length)
        insort(tried, (length, judged), key=lambda each: each[0])
        return judged.verdict == "met"

    if meets(ladder[-1]):
        return Search(ladder[-1], tuple(tried))
    if not meets(ladder[0]):
        return Search(None, tuple(tried))
    low, high = 0, len(ladder) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if meets(ladder[middle]) else (low, middle)
    good, bad = ladder[low], ladder[high]
    while bad - good > max(MINUTE, good * CLOSE_ENOUGH):
        middle_ms = Millis((good + bad) // 2 // MINUTE * MINUTE)
        good, bad = (middle_ms, bad) if meets(middle_ms) else (good, middle_ms)
    return Search(good, tuple(tried))


def _told(key: str, value: float) -> str:
    """A figure with as many digits as it takes to see on which side of a target it is."""
    if key.endswith("_s") and value >= 0:
        return duration(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def answer(condition: Condition, search: Search | None, would: Sequence[tuple[str, Judged]]) -> str:
    """The answer to a target in a sentence or two; ``would``: what else was tried, and how it came out."""
    if search is None:
        return f"{condition.text}: no cycle runs in this scenario, so there is no interval to look for."
    if all(judged.interval is None for _, judged in search.tried):
        return f"{condition.text}: no replication has this figure; take more people or a longer time."
    if search.longest is not None:
        end = ", the longest that was tried" if search.at_the_end else ""
        return f"{condition.text}: met by intervals up to {format_duration(search.longest)}{end}."
    shortest = search.tried[0]
    found = shortest[1]
    told = ""
    if found.interval is not None:
        told = f" (at {format_duration(shortest[0])} it is {_told(condition.key, found.interval.mean)})"
    word = "is certain to meet" if found.verdict == "unclear" else "meets"
    sentence = f"{condition.text}: no interval {word} it{told}."
    meeting = [name for name, judged in would if judged.verdict == "met"]
    if meeting:
        return f"{sentence} What does: {'; '.join(meeting)}."
    return sentence + (f" Nor does {' or '.join(name for name, _ in would)}." if would else "")
