"""The arithmetic on columns against the simulation: the same people, events, gates and tickets, another way to them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sim.observation.summary import summarize
from sim.provisioning.terms import pace_of
from sim.scenario import Scenario, load
from sim.whatif.carriage import carried_by, failing_share, gates, not_covered
from sim.whatif.figures import figures
from sim.whatif.oracle import live, measure, screen
from sim.whatif.statistics import p_value
from sim.world import World

LAG = "workforce.hr_lag={uniform: [0m, 96h]}"
HOURS = "provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]"
SERVICE_S = 20.0
"""No cycle of these companies works longer than this."""


def plain(*settings: str) -> Scenario:
    return load("plain", ("workforce.size=600", "duration=60d", *settings)).scenario


@pytest.mark.parametrize(
    "settings",
    [
        ("provisioning.interval=5m",),
        (),
        ("provisioning.interval=8h", "drain=9h"),
        ("provisioning.interval=1d", "provisioning.overrun=next_gate"),
        (HOURS, "provisioning.interval=2h"),
        (LAG, "provisioning.interval=20m"),
        ("provisioning.strategy=event",),
        ("provisioning.strategy=none",),
        ("provisioning.runbook=unassign_first",),
        ("provisioning.strategy=ticket",),
        ("workforce.profile=corporate",),
    ],
    ids=lambda settings: ",".join(settings)[:60] or "40m",
)
def test_a_world_and_the_arithmetic_have_the_same_figures_up_to_the_service_time(settings: tuple[str, ...]) -> None:
    scenario = plain(*settings)
    assert not_covered(scenario) is None
    world = World(scenario, seed=4, replication=2)
    world.run()
    simulated, computed = figures(summarize(world)), screen(scenario, 4, 2)
    people = sum(value for key, value in simulated.items() if key.startswith("events."))
    for key, value in computed.items():
        found = simulated[key]
        if key.endswith(("person_hours", "_hours")) or ".by_waiting_for." in key:
            assert abs(found - value) <= people * SERVICE_S / 3600, key
        elif key.endswith("_s"):
            assert abs(found - value) <= SERVICE_S, key
        elif key.endswith(".mean"):
            assert abs(found - value) <= people * SERVICE_S * 1000 / scenario.duration, key
        elif "ticket" in "".join(settings) and key.endswith((".n", ".censored")):
            assert abs(found - value) <= 2, key  # two tickets of one person, worked in the wrong order
        else:
            assert found == value, key


@pytest.mark.parametrize("settings", [(), (LAG,), (HOURS, "provisioning.interval=2h")])
def test_every_single_latency_is_the_same_up_to_the_service_time(settings: tuple[str, ...]) -> None:
    """Event by event: kind, person, when it began, when HR was through, and which cycle carried it."""
    scenario = plain(*settings)
    world = World(scenario, seed=7, replication=1)
    simulated: Counter[tuple[str, int, int, int, int]] = Counter()

    def finished(row: tuple[object, ...]) -> None:
        kind, _, person, start, _, _, hr, wait, *_ = row
        if kind not in {"mover_overlap", "mover_gap"}:
            simulated[kind, person, start, hr, wait] += 1  # type: ignore[index] # a row's own types

    world.parts.ledger.events.latencies.sink = finished
    world.run()
    lives = live(scenario, 7, 1)
    found = measure(lives, carried_by(scenario, 7, 1, lives), world.end)
    computed = Counter(
        (found.kind[of], person, start, told - start, end - told)
        for of, person, start, told, end in zip(
            *(column.tolist() for column in (found.of, found.person, found.start, found.told, found.end)), strict=True
        )
        if end >= 0
    )
    assert computed == simulated
    assert sum(computed.values()) > 50


def test_all_gates_at_once_are_those_that_come_one_after_the_other() -> None:
    for settings in ((), (HOURS, "provisioning.interval=2h"), ("provisioning.interval=7m",)):
        pace = pace_of(plain(*settings), 3, 5)
        found = gates(pace, 10 * 86_400_000).tolist()
        gate, one_by_one = pace.gate_after(-1), []
        while gate < 10 * 86_400_000:
            one_by_one.append(gate)
            gate = pace.gate_after(gate)
        assert found == one_by_one


def test_failing_changes_are_tried_in_the_next_cycle_as_often_as_chance_wants() -> None:
    """§3.5: T/2 + T p/(1-p) is 1,200 + 1,028.6 s with 40 minutes and 0.3."""
    scenario = plain(
        "workforce.size=5000", "faults=[{kind: server_error, operation: update_user, share: 0.3}]",
        "provisioning.phase=random",
    )  # fmt: skip
    assert failing_share(scenario) is not None
    means = [screen(scenario, 1, replication)["latency.leaver.mean_s"] for replication in range(20)]
    assert p_value(means, 1200 + 2400 * 0.3 / 0.7) > 1e-4


@pytest.mark.parametrize(
    ("name", "settings", "why"),
    [
        ("case-study", (), "no workforce"),
        ("plain", ("start_state=empty",), "initial cycle"),
        ("plain", ("provisioning.overrun=after_end",), "end of the cycle before"),
        ("plain", ("target.limits=aws",), "faults and limits"),
        ("plain", ("workforce=none",), "no workforce"),
        ("ticket-era", (), "phases|operators|own words|initial"),
    ],
)
def test_what_the_arithmetic_does_not_cover_it_says(name: str, settings: tuple[str, ...], why: str) -> None:
    reason = not_covered(load(name, settings).scenario)
    assert reason is not None
    assert any(part in reason for part in why.split("|"))


def test_another_interval_leaves_the_people_and_events_as_they_are() -> None:
    one, other = (live(plain(f"provisioning.interval={each}"), 1, 0) for each in ("20m", "1d"))
    assert np.array_equal(one.at, other.at)
    assert np.array_equal(one.told, other.told)
