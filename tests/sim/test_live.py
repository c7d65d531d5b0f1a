"""A live world without sockets, told at story pace on a wall clock of the test's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import pytest

from sim.clockwork import Speed
from sim.goals import carrier
from sim.live import Live
from sim.mailbox import Mailbox
from sim.scenario import Scenario, load, scenario_from
from sim.world import World
from tests.semantics.story import CYCLE, HOUR, act, join, told

TURN_S = 0.05


class Told:
    """A world whose wall clock goes on by 50 ms whenever the world waits."""

    def __init__(self, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, speed: Speed = "story") -> None:
        self.wall = 0.0
        monkeypatch.setattr(Mailbox, "wait", self._wait)
        self.live = Live(speed)
        self.live.clockwork._wall = lambda: self.wall
        self.world = World(scenario)
        self.live.begin(self.world)
        self.live.clockwork.until = self.world.end

    def _wait(self, seconds: float | None) -> None:
        self.wall += TURN_S

    def until(self, seconds: float) -> None:
        while self.wall < seconds and self.world.now < self.world.end:
            self.live.clockwork.turn(self.world.end)

    def obey(self, action: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """A command of the screen, carried out to its end."""
        future = self.live.command(action, arguments or {})
        entering = self.live.mailbox.next_command()
        assert entering is not None
        self.live._enter(entering)
        for _ in range(10_000):
            if future.done():
                return future.result()
            self.live.clockwork.turn(self.world.end)
        raise AssertionError("the goal was never reached")


def three() -> Scenario:
    return scenario_from(
        told(join("1h", "dan"), act("100m", "move", "ann", department="Operations"), act("3h", "leave", "bob"))
    )


def test_a_story_of_a_dozen_events_takes_about_three_minutes_and_begins_within_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Told(load("hello").scenario, monkeypatch)
    story.until(10)
    assert story.world.parts.ledger.events.made == 1
    story.until(600)
    assert story.world.now == story.world.end
    assert 150 < story.wall < 250


def test_told_or_not_the_run_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    story, plain = Told(three(), monkeypatch), World(three())
    story.until(600)
    plain.run()
    assert story.world.now == plain.now == 4 * HOUR
    assert (story.world.trace_sha256, story.world.traffic_sha256) == (plain.trace_sha256, plain.traffic_sha256)


def test_an_initial_cycle_is_seen_in_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(scenario_from(told(start_state="empty")), monkeypatch)
    seen: dict[int, None] = {}
    while not story.world.cycles:
        story.live.clockwork.turn(story.world.end)
        if story.world.driver.running.active:
            seen[story.world.driver.running.objects] = None
    assert len(seen) >= story.world.cycles[0].tally.objects - 1 > 3
    assert story.wall < 30


def test_a_step_stops_just_after_the_next_event_and_a_cycle_just_after_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Told(three(), monkeypatch)
    story.obey("clock.step", {"to": "event"})
    assert story.live.clockwork.paused
    assert story.world.now == HOUR + 1
    story.obey("clock.step", {"to": "cycle"})
    assert story.world.now >= 2 * CYCLE
    assert story.world.driver.sums.cycles == 3  # at 0, 40m and 80m
    assert not story.world.driver.running.active
    assert story.world.services.provider.user_by("userName", "dan.example@contoso.example") is not None


def test_a_step_with_a_change_pending_stops_in_the_cycle_that_carries_it(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(three(), monkeypatch)
    for _ in range(2):
        story.obey("clock.step", {"to": "event"})
    assert story.world.now == 2 * CYCLE + 1
    assert story.world.driver.running.active
    story.obey("clock.step", {"to": "event"})
    assert not story.world.driver.running.active


def test_chapters_are_what_the_script_says_next_and_the_story_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(three(), monkeypatch)
    for minutes in (60, 100, 180):
        story.obey("clock.step", {"to": "chapter"})
        assert story.world.now == minutes * 60_000 + 1
    story.obey("clock.step", {"to": "chapter"})  # no more of the script: to the cycle that carries the last change
    assert not story.live.clockwork.paused
    assert story.world.now == 5 * CYCLE + 1


def test_pace_can_be_doubled_halved_fixed_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(three(), monkeypatch)
    clockwork = story.live.clockwork
    story.obey("clock.pace", {"factor": 2})
    assert clockwork.factor == 2.0
    story.obey("clock.pace", {"speed": 60})
    story.obey("clock.pace", {"factor": 0.5})
    assert str(clockwork.speed) == "30.0"
    story.obey("clock.pace", {"speed": "story"})
    assert clockwork.now() == 0
    assert (str(clockwork.speed), clockwork.factor) == ("story", 1.0)


def test_paused_time_stands_still_and_nothing_of_the_wall_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(three(), monkeypatch, speed=60.0)
    story.until(1.0)
    story.obey("clock.pause")
    stood = story.world.now
    story.until(50.0)
    assert story.world.now == stood
    story.obey("clock.resume")
    story.until(51.0)
    assert stood < story.world.now <= stood + 62_000


def test_time_never_goes_beyond_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(three(), monkeypatch)
    story.obey("clock.advance", {"to": 4 * HOUR})
    story.obey("clock.step", {"to": "cycle"})
    assert story.world.now == story.world.end == 4 * HOUR
    assert story.live.clockwork.now() == story.world.end


def test_no_cycle_is_stepped_to_while_the_job_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Told(scenario_from(told(act("1m", "pause_job"))), monkeypatch)
    story.obey("clock.advance", {"to": 2 * HOUR})
    with pytest.raises(ValueError, match="no cycles run: the job is paused"):
        story.obey("clock.step", {"to": "cycle"})


def test_who_still_waits_when_the_world_has_ended_is_told_so() -> None:
    live = Live("story")
    live.close()
    future: Future[Any] = live.command("clock.pause", {})
    with pytest.raises(RuntimeError, match="this world has ended"):
        future.result(1)


def test_whoever_asked_to_go_to_the_very_end_is_told_when_it_is_reached() -> None:
    live = Live(None)
    live.begin(World(three()))
    asked = live.command("clock.advance", {"to": live.world.end})
    live.run(until=live.world.end)
    assert asked.result(timeout=0) == "2026-03-02T12:00:00Z"


def by_ticket(**settings: Any) -> Scenario:
    """Ann moves after an hour, Bob leaves after three; each ticket takes 20 minutes."""
    timeline = (act("1h", "move", "ann", department="Operations"), act("3h", "leave", "bob"))
    provisioning = {"strategy": "ticket", "ticket": {"delay": "20m", **settings}}
    return scenario_from({**told(*timeline), "provisioning": provisioning})


def test_where_tickets_carry_the_step_goes_to_the_next_one_that_is_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Told(by_ticket(), monkeypatch)
    stops = []
    for _ in range(3):
        world.obey("clock.step", {"to": "cycle"})
        stops.append(world.world.now - 1)
    assert stops == [HOUR + HOUR // 3, 3 * HOUR + HOUR // 3, world.world.end - 1]
    assert world.live.clockwork.paused


def test_a_ticket_that_is_forgotten_is_nothing_to_stop_at(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Told(by_ticket(movers={"forgotten": 1}), monkeypatch)
    world.obey("clock.step", {"to": "cycle"})
    assert world.world.now - 1 == 3 * HOUR + HOUR // 3


def test_where_changes_are_pushed_the_step_goes_through_the_next_push(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits at the start, so the first push follows Ann's move, within a minute."""
    scenario = scenario_from(
        {**told(act("1h", "move", "ann", department="Operations")), "provisioning": {"strategy": "event"}}
    )
    world = Told(scenario, monkeypatch)
    world.obey("clock.step", {"to": "cycle"})
    assert HOUR < world.world.now < HOUR + HOUR // 60
    assert carrier(world.world) == "push"


def test_where_nothing_carries_the_step_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Told(scenario_from({**told(), "provisioning": {"strategy": "none"}}), monkeypatch)
    said = "no cycles run: nothing carries changes to AWS (provisioning.strategy is none)"
    with pytest.raises(ValueError, match=re.escape(said)):
        world.obey("clock.step", {"to": "cycle"})
    assert carrier(world.world) == "nothing"
