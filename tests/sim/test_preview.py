"""What a preview shows is what is then sent, if nothing happens in between."""

from __future__ import annotations

import pytest

from mockservices.clock import Millis
from sim.preview import WORDS, Planned, Preview, Recorder, look_ahead, preview
from sim.scenario import Scenario, load, scenario_from
from sim.scenario.phases import strategies_of
from sim.world import World
from tests.contract.stories import STORIES
from tests.semantics.story import CYCLE, MINUTE, act, join, told

CATALOGUE: dict[str, Scenario] = {
    "case-study": load("case-study").scenario,
    "case-study-as-told": load("case-study-as-told").scenario,
    "hello": load("hello", ["duration=1d"]).scenario,
    "hello from nothing": load("hello", ["duration=6h", "start_state=empty"]).scenario,
    "plain": load("plain", ["workforce.size=300", "duration=8h", "workforce.rates={movers: 10}"]).scenario,
    **{name: scenario_from(values) for name, values in STORIES.items()},
}


def watched(world: World) -> Recorder:
    """Keeps what a world's job sends."""
    recorder = Recorder(world, world.driver.target)
    world.driver.target = recorder
    return recorder


def of_cycle(recorder: Recorder, number: int) -> tuple[Planned, ...]:
    return tuple(row for cycle, row in recorder.sent if cycle == number)


def at(minutes: int, scenario: Scenario) -> tuple[World, Preview | None]:
    world = World(scenario)
    world.run_until(minutes * MINUTE)
    return world, preview(world)


@pytest.mark.parametrize("name", [name for name in CATALOGUE if strategies_of(CATALOGUE[name]) == ("cycle",)])
def test_every_cycle_sends_what_was_shown_at_its_gate(name: str) -> None:
    """At a gate all that is in the cycle has happened, but for what a script does at that very instant."""
    scenario = CATALOGUE[name]
    world = World(scenario)
    sent = watched(world)
    scripted = {action.at + getattr(action, "hr_lag", 0) for action in scenario.timeline}
    shown: list[Preview] = []
    gate = world.driver.pace.gate_after(-1)
    while gate < world.end:
        world.run_until(gate)
        quarantined = world.driver.ward.current is not None  # then the gate passes by
        if gate not in scripted and not world.driver.running.active and not quarantined:
            found = preview(world)
            if found is not None:
                assert found.starts == gate
                shown.append(found)
        if scenario.provisioning.overrun == "after_end":  # the next gate hangs on the end of this cycle
            world.run_until(gate + MINUTE)
            gate = world.driver.gate_after(gate + MINUTE)
        else:
            gate = world.driver.pace.gate_after(gate)
    world.run()
    assert len(shown) > (5 if not world.driver.ward.lasted(world.now) else 1)
    assert any(each.requests for each in shown) or name == "started by hand"  # whose cycles with work begin at no gate
    for each in shown:
        assert each.requests == of_cycle(sent, each.number)


@pytest.mark.parametrize("name", ["deletions held back and allowed", "a full store"])
def test_in_quarantine_the_next_attempt_is_shown(name: str) -> None:
    """Both stories are in quarantine at 20m; the attempt at 15m is over, the next comes 40m after it."""
    world = World(CATALOGUE[name])
    sent = watched(world)
    world.run_until(20 * MINUTE)
    found, current = preview(world), world.driver.ward.current
    assert found is not None
    assert current is not None
    assert found.starts == current.next_attempt > 50 * MINUTE
    assert {each.reason for each in found.passed_over} <= WORDS.keys()
    world.run()
    assert found.requests == of_cycle(sent, found.number)


def test_asking_changes_nothing() -> None:
    asked, left_alone = World(CATALOGUE["workforce"]), World(CATALOGUE["workforce"])
    for minutes in range(0, 1440, 61):
        asked.run_until(minutes * MINUTE)
        assert preview(asked) == preview(asked)
    asked.run()
    left_alone.run()
    assert asked.trace_sha256 == left_alone.trace_sha256
    assert asked.traffic_sha256 == left_alone.traffic_sha256


STORY = told(act("10m", "disable", "ann"), join("50m", "dan"), act("60m", "add_member", "bob", group="Engineers"))


def test_it_shows_what_has_happened_and_nothing_that_is_yet_to_come() -> None:
    """Ann is disabled at 10m; Dan joins at 50m."""
    world, before = at(5, scenario_from(STORY))
    assert before is not None
    assert (before.starts, before.requests) == (CYCLE, ())
    _, after = at(15, scenario_from(STORY))
    assert after is not None
    ann = "ann.example@contoso.example"
    assert [(each.at, each.method, each.about) for each in after.requests] == [
        (CYCLE, "GET", ann),
        (CYCLE + 100, "PATCH", ann),
    ]
    assert world.driver.sums.cycles == 1


def test_what_happens_in_between_is_exactly_the_difference() -> None:
    world, early = at(55, scenario_from(STORY))
    sent = watched(world)
    assert early is not None
    world.run()
    really = [(each.method, each.about) for each in of_cycle(sent, early.number)]
    shown = [(each.method, each.about) for each in early.requests]
    assert [each for each in really if each not in shown] == [("GET", "bob.example@contoso.example")]
    assert [each for each in shown if each not in really] == []


def test_it_says_why_it_passes_over_somebody() -> None:
    """Gus has an account and is in no group."""
    gus = {"id": "gus", "given_name": "Gus", "family_name": "Example", "department": "Kitchen"}
    story = told({"at": "10m", "do": "create_user", "person": gus}, act("11m", "rename", "ann", display_name="Ann E."))
    _, shown = at(15, scenario_from(story))
    assert shown is not None
    assert [(each.kind, each.name, each.reason) for each in shown.passed_over] == [
        ("User", "gus.example@contoso.example", "NotEffectivelyEntitled")
    ]
    assert {each.about for each in shown.requests} == {"ann.example@contoso.example"}


def test_while_the_job_does_not_run_there_is_no_next_cycle() -> None:
    assert at(15, scenario_from(told(act("10m", "pause_job"))))[1] is None
    assert at(15, scenario_from(told(act("20m", "start_job"), start_state="empty")))[1] is None


def test_in_the_middle_of_a_cycle_the_next_one_is_shown() -> None:
    """The initial cycle of three people takes a few seconds from 0 on."""
    world = World(scenario_from(told(start_state="empty", provisioning__pace={"initial": 1, "incremental": 1})))
    world.run_until(2_000)
    assert world.driver.running.active
    shown = preview(world)
    assert shown is not None
    assert (shown.number, shown.starts, shown.requests) == (2, CYCLE, ())


def test_commands_from_outside_are_known_too() -> None:
    world = World(scenario_from(told()))
    ann = world.services.directory.user_id(0)
    world.command("graph.user.update", {"user": ann, "properties": {"displayName": "Ann E."}}, wanted=Millis(MINUTE))
    shown = preview(world)
    assert shown is not None
    assert [each.method for each in shown.requests] == ["GET", "PATCH"]


def test_by_push_the_next_cycle_is_the_one_that_is_on_its_way() -> None:
    """Bob leaves at 90m: seen a second later the run begins four seconds after that. Before that nothing is pushed."""
    scenario = scenario_from(
        {
            **STORIES["hr"],
            "provisioning": {"strategy": "event"},
            "timeline": [{"at": "90m", "do": "leave", "person": "bob"}],
        }
    )
    world = World(scenario)
    world.run_until(60 * MINUTE)
    assert preview(world) is None
    world.run_until(90 * MINUTE + 1_000)
    found = preview(world)
    assert found is not None
    assert found.starts == 90 * MINUTE + 5_000
    assert [each.method for each in found.requests] == ["GET", "PATCH"]


def test_a_ticket_that_is_due_before_the_next_cycle_is_not_worked_in_a_preview() -> None:
    """By ticket until 2h, by cycle after it. A ticket of 119m is due at 139m, the next gate is at 170m: what is seen is
    what a cycle would send as things are now."""
    scenario = scenario_from(
        {
            **STORIES["hr"],
            "phases": [{"name": "by hand", "until": "2h", "strategy": "ticket"}, {"name": "by cycle"}],
            "provisioning": {"phase": "10m", "ticket": {"delay": "20m"}},
            "timeline": [{"at": "119m", "do": "disable", "person": "bob"}],
        }
    )
    world = World(scenario)
    world.run_until(131 * MINUTE)
    desk = world.carried.desk
    assert desk is not None
    assert len(desk.open_tickets()) == 1
    found = look_ahead(world)
    assert found is not None
    assert found.starts == 170 * MINUTE
    assert len(desk.open_tickets()) == 1
