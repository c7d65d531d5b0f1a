"""E1: at equal milliseconds scenario commands come first, then outside commands, then HR and the directory, then the
cycle's gate; a change at the gate's instant is in this cycle.

The gate is at 40m = 2,400,000 ms. Somebody disabled at the gate's instant is picked up by that very cycle: GET at
2,400,000, PATCH ``active`` at 2,400,100, so the latency is 100 ms, all of it processing.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.clock import Millis
from tests.semantics.story import CYCLE, Latency, Seen, act, begin, listen, person, run, told

AT_THE_GATE = Latency("leaver", "ann", CYCLE, CYCLE + 100, 0, 0, 100, 0)


def disable(seen: Seen, who: str, at: int) -> Any:
    """An outside command, as an HTTP handler brings it."""
    upn = f"{who}.example@contoso.example"
    properties = {"user": upn, "properties": {"accountEnabled": False}}
    return seen.world.command("graph.user.update", properties, wanted=Millis(at))


def test_a_scripted_act_at_the_gates_instant_is_in_this_cycle() -> None:
    assert run(told(act("40m", "disable", "ann"))).latencies == [AT_THE_GATE]


def test_an_outside_command_at_the_gates_instant_is_in_this_cycle() -> None:
    seen = begin(told())
    disable(seen, "ann", CYCLE)
    assert seen.world.commands[0].at == CYCLE
    seen.world.run()
    assert seen.latencies == [AT_THE_GATE]


def test_hr_acting_at_the_gates_instant_is_in_this_cycle() -> None:
    """HR is told at 30m and acts 10 minutes later: hr 600,000 ms, wait 0, processing 100."""
    seen = run(told(act("30m", "leave", "ann", hr_lag="10m")))
    assert seen.latencies == [Latency("leaver", "ann", CYCLE - 600_000, CYCLE + 100, 600_000, 0, 100, 0)]


def test_a_contract_that_ends_at_the_gates_instant_is_in_this_cycle() -> None:
    people = [person("ann", employment="contractor", contract_end="40m")]
    seen = run(told(before={"people": people}))
    assert seen.latencies == [Latency("contractor_expiry", "ann", CYCLE, CYCLE + 100, 0, 0, 100, 0)]


def test_a_millisecond_after_the_gate_is_in_the_next_cycle() -> None:
    """The next gate is at 4,800,000: wait 2,399,999 ms."""
    seen = run(told(act("2400001ms", "disable", "ann")))
    assert seen.latencies == [Latency("leaver", "ann", CYCLE + 1, 2 * CYCLE + 100, 0, CYCLE - 1, 100, 0)]


def test_all_four_at_one_instant_happen_in_the_order_of_the_rule() -> None:
    """At 2,400,000: the script renames Ann to "One"; a command from outside renames her to "Two"; HR, told at 30m,
    closes her account; the cycle reads all three, so that the PATCH carries "Two" and ``active: false``."""
    seen = begin(
        told(
            act("30m", "leave", "ann", hr_lag="10m"),
            act("40m", "rename", "ann", display_name="One"),
        )
    )
    lines = listen(seen.world.services.trace)
    properties = {"user": "ann.example@contoso.example", "properties": {"displayName": "Two"}}
    seen.world.command("graph.user.update", properties, wanted=Millis(CYCLE))
    seen.world.run()
    seen.world.services.trace.flush()
    changes = [(line.split("\t")[0], line.rstrip("\n").split("\t")[5]) for line in lines]
    assert changes == [
        ("2400000", '{"displayName":"One"}'),
        ("2400000", '{"displayName":"Two"}'),
        ("2400000", '{"accountEnabled":false}'),
        ("2400100", '{"active":false,"displayName":"Two"}'),
    ]


@pytest.mark.parametrize("reached", [CYCLE + 1, CYCLE + 50, CYCLE + 99])
def test_a_command_never_goes_before_what_has_happened(reached: int) -> None:
    """The gate of 2,400,000 and the request of that instant are past; a command that wants to be at 2,400,000 is
    placed where the world stands, and the next cycle carries it: wait 4,800,000 - ``reached``."""
    seen = begin(told(act("10m", "rename", "bob", display_name="B")))
    seen.world.run_until(reached)
    disable(seen, "ann", CYCLE)
    assert seen.world.commands[0].at == reached
    seen.world.run()
    assert seen.latencies == [Latency("leaver", "ann", reached, 2 * CYCLE + 100, 0, 2 * CYCLE - reached, 100, 0)]


def test_two_scripted_acts_of_one_instant_happen_in_the_order_of_the_file() -> None:
    one = run(told(act("40m", "disable", "ann"), act("40m", "enable", "ann")))
    other = run(told(act("40m", "enable", "ann"), act("40m", "disable", "ann")))
    assert one.held("ann") == ["ReadOnly@dev"]
    assert other.held("ann") == []
