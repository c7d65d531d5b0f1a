from __future__ import annotations

import gc

import numpy as np
import pytest

from sim.bench.companies import plain
from sim.bench.floor import Instants, RecordingPorts, collector, environment, floor, record
from sim.randomness import Ints
from sim.scenario import Scenario
from sim.time import DAY, MINUTE
from sim.world import World


@pytest.fixture(scope="module")
def company() -> Scenario:
    return plain(400, "duration=20d", "provisioning.phase=7m")


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


def test_the_recorded_events_are_those_of_the_schedule(company: Scenario) -> None:
    world = World(company)
    assert world.parts.schedule is not None
    events = record(company).instants.events
    assert len(events) > 10
    assert events.tolist() == world.parts.schedule.at.tolist()


def test_the_recorded_requests_are_those_that_every_cycle_counts(company: Scenario) -> None:
    world = World(company)
    world.run()
    requests = record(company).instants.requests
    assert len(requests) == world.driver.sums.tally.requests > 10
    for row in world.cycles:
        inside = (requests >= row.start) & (requests <= row.end)
        assert np.count_nonzero(inside) == row.tally.requests, row.number


def test_the_recorded_gates_are_one_interval_apart_from_the_phase_on(company: Scenario) -> None:
    recording = record(company)
    assert recording.instants.gates.tolist() == list(range(7 * MINUTE, 20 * DAY, 40 * MINUTE))
    assert recording.cycles == len(recording.instants.gates)


def test_recording_changes_nothing_about_the_run(company: Scenario) -> None:
    plainly, recorded = World(company), World(company, ports=RecordingPorts())
    plainly.run()
    recorded.run()
    assert recorded.trace_sha256 == plainly.trace_sha256
    assert recorded.traffic_sha256 == plainly.traffic_sha256


def test_the_floor_wakes_once_for_every_instant_and_does_nothing_else() -> None:
    """Two processes begin, wake at 5 + 3 instants, and end: 12 steps of SimPy."""
    env = environment(Instants(ints(3, 9, 9), ints(4, 9), ints(0, 5, 10)))
    times: list[float] = []
    while env.peek() != float("inf"):
        env.step()
        times.append(env.now)
    beginnings, ends = [0, 0], [9, 10]
    assert times == sorted([*beginnings, 3, 4, 9, 9, 9, 0, 5, 10, *ends])


def test_a_floor_takes_time() -> None:
    assert floor(Instants(ints(1), ints(), ints(2))) > 0


def test_the_setting_of_the_garbage_collector_is_told() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(50_000, 20, 100)
        assert collector().startswith("garbage collector on at 50000/20/100")
        gc.disable()
        assert collector() == "garbage collector off"
    finally:
        gc.enable()
        gc.set_threshold(*before)
