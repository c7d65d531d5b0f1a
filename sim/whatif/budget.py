"""What a variant costs beside what it saves: cycles, requests, the room there is for them, throttling, work by hand.

Invariant: every figure is a mean over the replications, spread evenly over the days that count; the room is what the
scenario's own pace, its target's time to answer and its target's throttle leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockservices.faults import aws_limits
from sim.provisioning.terms import pace_of
from sim.scenario import Scenario
from sim.scenario.ticketing import BY_JOB
from sim.time import DAY, SECOND
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import scenario_of

_PER_DAY: Final[Mapping[str, str]] = {
    "cycles_per_day": "provisioning.cycles",
    "requests_per_day": "provisioning.requests",
    "throttled_per_day": "target.faults.limits",
    "retries_per_day": "provisioning.retries",
    "by_hand_per_day": "provisioning.manual_steps",
}
"""What is counted, by its name in the JSON, and the key of the summary that counts it."""


def budget(found: Comparison, name: str) -> dict[str, Any]:
    """``budget`` of a variant: how often its job looks, what it sends, how much of the room for requests that takes.

    ``runbooks_per_day``: people for whom a runbook is to be followed, which are those who go for good. ``room_per_day``
    and ``share`` are None where no job sends any; ``interval_s`` where no cycle runs, or where hours have intervals of
    their own.
    """
    variant = next(each for each in found.experiment.variants if each.name == name)
    scenario = scenario_of(variant)
    days = (scenario.duration + scenario.drain - found.experiment.warmup) / DAY
    figures = {key: found.figure(name, metric) for key, metric in _PER_DAY.items()}
    told = {key: 0.0 if figure is None else figure.interval.mean / days for key, figure in figures.items()}
    gone = [found.figure(name, f"events.{kind}") for kind in ("leaver", "contractor_expiry")]
    going = sum(0.0 if figure is None else figure.interval.mean for figure in gone)
    room = _requests_a_second(scenario)
    return {
        "strategy": scenario.provisioning.strategy,
        "interval_s": interval_of(scenario),
        **told,
        "runbooks_per_day": going / days if scenario.provisioning.runbook != "none" else 0.0,
        "requests_per_second": room,
        "room_per_day": None if room is None else room * DAY / SECOND,
        "share": None if room is None else told["requests_per_day"] / (room * DAY / SECOND),
    }


def interval_of(scenario: Scenario) -> float | None:
    """The seconds between two cycles; None where there is no such number."""
    provisioning = scenario.provisioning
    if provisioning.strategy != "cycle" or provisioning.hours or scenario.phases:
        return None
    return provisioning.interval / SECOND


def _requests_a_second(scenario: Scenario) -> float | None:
    """How many the job may send: one after the other, at its pace, and as the target lets it."""
    if scenario.provisioning.strategy not in BY_JOB:
        return None
    pace = float(pace_of(scenario, 0, 0).incremental)
    throttle = aws_limits().rate if scenario.target.limits == "aws" else None
    return pace if throttle is None else min(pace, float(throttle))
