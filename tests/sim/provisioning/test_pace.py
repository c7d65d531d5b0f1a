"""When cycles begin: gates, hours with an interval of their own, and pauses after the end of a cycle."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.provisioning.rhythm import DAY, Rhythm, Window
from sim.provisioning.terms import pace_of
from sim.scenario import Scenario, load, loads
from sim.scenario.canonical import canonical_text
from sim.world import World

HOUR, MINUTE = 3_600_000, 60_000
OFFICE = Rhythm((Window(frozenset(range(5)), 8 * HOUR, 18 * HOUR, 10 * MINUTE),), 2 * HOUR, -8 * HOUR, 0)
"""Ten minutes from 8 to 18 on weekdays, else two hours; time 0 is Monday 08:00."""

_HOURS = "provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]"


def office(*settings: str) -> Scenario:
    """A company with office hours, whose cycles fall on the full hour."""
    return load("hello", (_HOURS, "provisioning.interval=2h", "provisioning.phase=0m", *settings)).scenario


def test_in_the_hours_gates_come_at_their_interval_and_after_them_at_the_other() -> None:
    """Monday 17:50 is 9 h 50 min after 8:00; the office closes at 18:00, when the two-hourly gate is."""
    gates = [OFFICE.gate_after(-1, 0)]
    while gates[-1] < 2 * DAY:
        gates.append(OFFICE.gate_after(gates[-1], 0))
    assert gates[:3] == [0, 10 * MINUTE, 20 * MINUTE]
    assert gates[59:62] == [9 * HOUR + 50 * MINUTE, 10 * HOUR, 12 * HOUR]
    assert gates[61:69] == [*(h * HOUR for h in (12, 14, 16, 18, 20, 22, 24)), 24 * HOUR + 10 * MINUTE]


def test_on_a_weekend_there_are_no_office_hours() -> None:
    """Saturday 10:00 is five days and two hours after Monday 8:00."""
    assert OFFICE.gate_after(5 * DAY + 2 * HOUR, 0) == 5 * DAY + 4 * HOUR


def test_a_phase_moves_all_gates() -> None:
    """With 7 minutes: 8:07, 8:17, ...; 18:07 belongs to the evening, whose gates are every two hours at 7 past."""
    assert OFFICE.gate_after(-1, 7 * MINUTE) == 7 * MINUTE
    assert OFFICE.gate_after(9 * HOUR + 57 * MINUTE, 7 * MINUTE) == 10 * HOUR + 7 * MINUTE
    assert OFFICE.gate_after(10 * HOUR + 7 * MINUTE, 7 * MINUTE) == 12 * HOUR + 7 * MINUTE


@given(now=st.integers(0, 30 * DAY), phase=st.integers(0, DAY))
def test_a_gate_is_one_of_the_interval_in_force_and_none_lies_before_it(now: int, phase: int) -> None:
    gate = OFFICE.gate_after(now, phase)
    interval, _ = OFFICE.stretch(gate)
    assert gate > now
    assert (gate - phase) % interval == 0
    step = 10 * MINUTE  # every gate of either interval is one of these
    first = now + 1 + (phase - now - 1) % step
    for between in range(first, gate, step):
        assert (between - phase) % OFFICE.stretch(between)[0] != 0


def test_a_scenario_with_hours_is_written_and_read_back() -> None:
    scenario = office()
    assert loads(canonical_text(scenario), "again").scenario == scenario
    rhythm = pace_of(scenario, 1, 0).hours
    assert rhythm is not None
    assert rhythm.intervals == (2 * HOUR, 10 * MINUTE)


def test_in_a_world_cycles_begin_by_the_hours() -> None:
    """`hello` begins on a Monday at 8: until 18:00 sixty cycles, then one every two hours: at 18, 20 and 22."""
    world = World(office("duration=16h"))
    world.run()
    assert world.driver.sums.cycles == 60 + 3


def test_after_the_end_every_cycle_waits_for_its_interval() -> None:
    """§3.3: a request takes 1,000 s, and the next cycle counts from the end of the one before it."""
    settings = ("provisioning.overrun=after_end", "provisioning.phase=0m", "provisioning.pace.incremental=0.001")
    world = World(load("hello", settings).scenario)
    rows: list[tuple[int, int]] = []
    world.cycle_sink = lambda row: rows.append((row.start, row.end))
    world.driver.idle_sink = lambda number, start, before, after: rows.append((start, start))
    world.run()
    assert max(end - start for start, end in rows) > 40 * MINUTE
    assert all(later[0] == earlier[1] + 40 * MINUTE for earlier, later in pairwise(rows))


def test_the_next_cycle_is_told_while_cycles_hang_on_the_end_of_others() -> None:
    world = World(load("hello", ("provisioning.overrun=after_end", "provisioning.phase=0m")).scenario)
    world.run_until(3 * HOUR)
    told = world.driver.next_cycle(world.now)
    assert told is not None
    world.run_until(told)
    before = world.driver.sums.cycles
    world.run_until(told + 1)
    assert world.driver.sums.cycles == before + 1
