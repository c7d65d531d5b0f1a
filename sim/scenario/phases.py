"""Phases: stretches of a scenario that have a name, a strategy of their own and a row of their own in the summary.

Invariant: phases follow each other without a gap, the first begins at the start. What happens at the instant at which
one ends belongs to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from mockservices.clock import Millis
from sim.scenario.errors import Path, Problem, listed, nearest
from sim.scenario.fields import Part, Text, read_point, wrong
from sim.scenario.ticketing import BY_JOB, Strategy
from sim.time import format_duration

if TYPE_CHECKING:
    from sim.scenario.models import Scenario

_EVENT: Final = re.compile(r"[a-z][a-z_]*")


def _read_until(value: object, info: ValidationInfo) -> Millis | str:
    """An action's name, a duration since the start, or a date and time."""
    if isinstance(value, str) and _EVENT.fullmatch(value):
        return value
    point = read_point(value, info)
    if point == 0:
        raise wrong("a phase that ends at the start is empty; write a later time, or the name of an action")
    return point


def _write_until(value: Millis | str) -> str:
    return value if isinstance(value, str) else format_duration(value)


Until = Annotated[
    Millis | str,
    PlainValidator(_read_until),
    PlainSerializer(_write_until, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "description": "a duration since the start, a date and time, or the name of an action of the timeline: "
            "the first of that kind after the phase's beginning",
            "examples": ["26h", "start_job"],
        }
    ),
]


class PhaseSpec(Part):
    """A stretch of the run.

    `until`: where it ends; the last may leave it out, and lasts to the end. `strategy`: how changes are carried to the
    target in it: by cycles, by ticket, by a push for every event, or not at all; left out, it is that of
    `provisioning`. A phase with the job that follows one without starts it, unless the timeline starts it in that
    phase.
    """

    name: Text
    until: Until | None = None
    strategy: Strategy | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase with its place in time: from its first millisecond to that of the next."""

    name: str
    start: Millis
    end: Millis | None
    """None: the end of the run."""
    strategy: Strategy
    started_by_hand: bool
    """Whether the timeline starts the job in it."""


def by_hand_alone(scenario: Scenario) -> bool:
    """Whether all access of a run is given by ticket, so that nothing is ever set up between Entra and AWS."""
    used = strategies_of(scenario)
    return "ticket" in used and BY_JOB.isdisjoint(used)


def strategies_of(scenario: Scenario) -> tuple[Strategy, ...]:
    """The strategies of a scenario in the order of time: that of each phase, or the one of the whole."""
    whole = scenario.provisioning.strategy
    return tuple(spec.strategy or whole for spec in scenario.phases) or (whole,)


def phases_of(scenario: Scenario) -> tuple[Phase, ...]:
    """A scenario's phases in order; the scenario has been checked."""
    found: list[Phase] = []
    start = Millis(0)
    for spec in scenario.phases:
        end = _end(spec, start, scenario)
        starts = [a.at for a in scenario.timeline if a.do == "start_job"]
        by_hand = any(start <= at and (end is None or at < end) for at in starts)
        strategy = spec.strategy or scenario.provisioning.strategy
        found.append(Phase(spec.name, start, end, strategy, by_hand))
        start = start if end is None else end
    return tuple(found)


def _end(spec: PhaseSpec, start: Millis, scenario: Scenario) -> Millis | None:
    if isinstance(spec.until, str):
        return min((a.at for a in scenario.timeline if a.do == spec.until and a.at > start), default=None)
    return spec.until


def phase_problems(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the phases, seen beside each other and beside the timeline."""
    seen: set[str] = set()
    start = Millis(0)
    actions: list[str] = list(dict.fromkeys(action.do for action in scenario.timeline))
    for position, spec in enumerate(scenario.phases):
        here: Path = ("phases", position)
        if spec.name.casefold() in seen:
            yield Problem((*here, "name"), f"the phase '{spec.name}' stands here twice; keep one")
        seen.add(spec.name.casefold())
        end = _end(spec, start, scenario)
        if spec.until is None and position < len(scenario.phases) - 1:
            yield Problem(here, "until is missing; only the last phase may leave it out")
            return
        if end is None and spec.until is not None:
            yield Problem((*here, "until"), _no_event(str(spec.until), start, actions))
            return
        if end is not None and end <= start:
            yield Problem(
                (*here, "until"),
                f"{format_duration(end)} is not after the phase's beginning at {format_duration(start)}; "
                "phases stand in the order of time",
            )
            return
        if (spec.strategy or scenario.provisioning.strategy) not in BY_JOB:
            yield from _started_without_job(scenario, here, start, end)
        start = start if end is None else end


def _no_event(name: str, start: int, actions: list[str]) -> str:
    if name in actions:
        return f"there is no '{name}' in the timeline after this phase's beginning at {format_duration(start)}"
    choice = f"; allowed: a time, or one of {listed(actions)}" if actions else "; write a time such as 26h"
    return f"there is no '{name}' in the timeline{choice}{nearest(name, actions)}"


def _started_without_job(scenario: Scenario, here: Path, start: int, end: int | None) -> Iterator[Problem]:
    for action in scenario.timeline:
        if action.do == "start_job" and start <= action.at and (end is None or action.at < end):
            yield Problem(
                (*here, "strategy"),
                f"no cycle runs in this phase, but the timeline starts the job at {format_duration(action.at)}; "
                "write strategy: cycle, or end the phase with until: start_job",
            )
            return
