"""The floor: the least that SimPy costs for a year's instants, with nothing done at any of them.

Invariant: the floor wakes at the instants of a real run, which a port around the job's target has written down.
"""

from __future__ import annotations

import gc
from array import array
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias, cast

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from mockservices.clock import Clock
from sim.parts import Parts
from sim.ports import Answer, Request, Source, Target
from sim.randomness import Ints
from sim.scenario import Scenario
from sim.world import DirectPorts, World

Stamps: TypeAlias = "array[int]"


@dataclass(frozen=True, slots=True)
class Instants:
    """When something happens in a run, in milliseconds: ascending, with repetitions."""

    events: Ints
    """Lifecycle events."""
    requests: Ints
    """Requests that the job sends."""
    gates: Ints
    """Cycles, whether or not there is anything to do."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What one run of a scenario was like."""

    instants: Instants
    seconds: float
    """Wall time, slowed down a little by the recording."""
    cycles: int
    collector: str
    """How the garbage collector was set while cycles ran."""


class RecordingTarget:
    """A target that writes down when it is asked."""

    def __init__(self, target: Target, clock: Clock, stamps: Stamps) -> None:
        self._target = target
        self._clock = clock
        self._stamps = stamps

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :meth:`sim.ports.Target.check`."""
        return self._target.check(base_address, secret_token, probe)

    def send(self, request: Request) -> Answer:
        """See :meth:`sim.ports.Target.send`."""
        self._stamps.append(self._clock.now)
        return self._target.send(request)


class RecordingPorts:
    """The direct ports, with a target that writes down when it is asked."""

    def __init__(self) -> None:
        self.stamps: Stamps = array("q")

    def open(self, parts: Parts) -> tuple[Source, Target]:
        """See :class:`sim.world.Ports`."""
        source, target = DirectPorts().open(parts)
        return source, RecordingTarget(target, parts.services.clock, self.stamps)


def collector() -> str:
    """How the garbage collector is set now."""
    if not gc.isenabled():
        return "garbage collector off"
    frozen = f", {gc.get_freeze_count()} objects frozen" if gc.get_freeze_count() else ""
    return f"garbage collector on at {'/'.join(str(count) for count in gc.get_threshold())}{frozen}"


def record(scenario: Scenario) -> Recording:
    """Run a scenario once, and write down when everything happened."""
    ports = RecordingPorts()
    seen: dict[str, None] = {}
    start = perf_counter()
    world = World(scenario, ports=ports)
    # looked at once: to count what is frozen means to go through all of it
    world.cycle_sink = lambda _: None if seen else seen.setdefault(collector())
    world.run()
    seconds = perf_counter() - start
    schedule, pace = world.parts.schedule, world.driver.pace
    events = np.empty(0, np.int64) if schedule is None else schedule.at.astype(np.int64)
    gates = np.arange(pace.gate_after(-1), world.end, pace.interval, dtype=np.int64)
    instants = Instants(events, np.array(ports.stamps, dtype=np.int64), gates)
    return Recording(instants, seconds, world.driver.sums.cycles, next(iter(seen), collector()))


def _waits(instants: Ints) -> list[int]:
    return cast("list[int]", np.diff(np.sort(instants, kind="stable"), prepend=0).tolist())


def environment(instants: Instants) -> simpy.Environment:
    """SimPy with two processes that only wait: one for all events and requests, one for all cycles."""
    env = simpy.Environment()

    def process(waits: list[int]) -> ProcessGenerator:
        for wait in waits:
            yield env.timeout(wait)

    env.process(process(_waits(np.concatenate((instants.events, instants.requests)))))
    env.process(process(_waits(instants.gates)))
    return env


def floor(instants: Instants) -> float:
    """The seconds that waiting for all these instants takes."""
    env = environment(instants)
    start = perf_counter()
    env.run()
    return perf_counter() - start
