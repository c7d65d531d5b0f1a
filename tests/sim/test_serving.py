"""Served worlds: whatever comes from outside, whenever it comes, a replay of the command log tells the same story."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from mockservices.clock import Millis
from sim.scenario import Scenario, load
from sim.serving import Session
from sim.world import Transport, World
from tests.outside import Outside

HOUR = 3_600_000
BUSY = (
    "start_state=empty",
    "workforce.size=60",
    "workforce.counts.joiner=20",
    "duration=12h",
    "provisioning.interval=1m",
    "provisioning.phase=0m",
    "provisioning.pace.initial=0.1",
    "provisioning.pace.incremental=0.2",
)
"""Cycles that take long in simulated time, so that many a command lands in the middle of one."""


def hello(*overrides: str) -> Scenario:
    return load("hello", overrides).scenario


@contextmanager
def served(
    scenario: Scenario, *, speed: float | None, transport: Transport = "wire", until: Millis | None = None
) -> Iterator[Session]:
    """A session whose world thread runs beside the test."""
    session = Session(scenario, transport=transport, speed=speed)
    failures: list[BaseException] = []

    def world_thread() -> None:
        try:
            session.run(until=until)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=world_thread)
    thread.start()
    try:
        yield session
    finally:
        session.stop()
        thread.join(20)
        session.close()
    assert not thread.is_alive()
    assert not failures


def assert_replays(session: Session, scenario: Scenario) -> None:
    """The command log, replayed headless over the direct transport, gives the same digests."""
    replayed = World(scenario)
    replayed.replay(session.world.commands, session.world.now)
    assert replayed.services.trace.seq == session.world.services.trace.seq
    assert replayed.trace_sha256 == session.world.trace_sha256
    assert replayed.traffic_sha256 == session.world.traffic_sha256


class Hand:
    """Does random things over HTTP."""

    def __init__(self, outside: Outside, seed: int) -> None:
        self.outside = outside
        self.chance = np.random.Generator(np.random.PCG64(seed))
        self.users = outside.ids("users")
        self.groups = outside.ids("groups")
        self.deleted: list[str] = []
        self.made = 0

    def one_of(self, things: list[str]) -> str:
        return things[int(self.chance.integers(len(things)))]

    def intervene(self) -> int:
        """Create, disable, add a member, delete or restore; the status that came back."""
        kind = int(self.chance.integers(5))
        if kind == 0:
            self.made += 1
            answer = self.outside.create_user(f"new{self.made}", "contoso.example")
            self.users.append(answer.json()["id"])
        elif kind == 1:
            answer = self.outside.graph("PATCH", f"/users/{self.one_of(self.users)}", {"accountEnabled": False})
        elif kind == 2:
            answer = self.outside.add_member(self.one_of(self.groups), self.one_of(self.users))
        elif kind == 3 or not self.deleted:
            user = self.users.pop(int(self.chance.integers(len(self.users))))
            self.deleted.append(user)
            answer = self.outside.graph("DELETE", f"/users/{user}")
        else:
            user = self.deleted.pop()
            self.users.append(user)
            answer = self.outside.graph("POST", f"/directory/deletedItems/{user}/restore")
        return answer.status_code


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_interventions_at_random_moments_replay_to_the_same_digest(seed: int) -> None:
    scenario = hello(*BUSY)
    inside = 0
    with served(scenario, speed=600) as session:
        with Outside(session.addresses()) as outside:
            hand = Hand(outside, seed)
            statuses = []
            for _ in range(50):
                threading.Event().wait(float(hand.chance.random()) * 0.1)
                statuses.append(hand.intervene())
                inside += session.world.driver.running.active
        session.stop()
    assert all(status in {200, 201, 204, 400} for status in statuses)
    assert sum(status < 300 for status in statuses) > 30
    assert inside >= 5
    assert len(session.world.commands) == 50
    assert_replays(session, scenario)


@pytest.mark.slow
def test_a_hundred_calls_that_make_the_job_call_never_hang_during_a_wire_cycle() -> None:
    scenario = hello(*BUSY, "provisioning.pace.initial=0.05", "provisioning.on_demand.calls=1000")
    inside = 0
    with served(scenario, speed=600) as session, Outside(session.addresses()) as outside:
        users, path = outside.ids("users"), outside.job_path()
        for i in range(50):
            assert outside.validate(path).status_code == 204
            assert outside.on_demand(path, users[i % len(users)]).status_code == 200
            inside += session.world.driver.running.active
    assert inside >= 25
    assert_replays(session, scenario)


def test_a_paced_and_an_unpaced_run_give_the_same_digest() -> None:
    scenario = hello("duration=1d")
    unpaced = World(scenario)
    unpaced.run()
    with served(scenario, speed=200_000, until=unpaced.end) as session:
        wait_for(lambda: session.world.now >= unpaced.end)
    assert session.world.trace_sha256 == unpaced.trace_sha256
    assert session.world.traffic_sha256 == unpaced.traffic_sha256


def wait_for(reached: Callable[[], bool]) -> None:
    """Wait up to half a minute."""
    for _ in range(3000):
        if reached():
            return
        threading.Event().wait(0.01)
    raise AssertionError("that took too long")


def clock(outside: Outside, **body: Any) -> None:
    answer = outside.testbed("POST", "/clock", body)
    assert answer.status_code == 200, answer.text


def test_pause_speed_and_clock_calls_change_nothing_but_time() -> None:
    scenario = hello("provisioning.interval=5m")
    with served(scenario, speed=60) as session, Outside(session.addresses()) as outside:
        clock(outside, by="2h")
        assert outside.create_user("first", "contoso.example").status_code == 201
        clock(outside, pause=True)
        assert outside.create_user("second", "contoso.example").status_code == 201
        clock(outside, speed=100_000)
        clock(outside, cycles=2)
        assert outside.create_user("third", "contoso.example").status_code == 201
        clock(outside, pause=True)
    actions = [command.action for command in session.world.commands]
    assert actions.count("graph.user.create") == 3
    assert {"clock.pause", "clock.resume", "clock.advance"} <= set(actions)
    assert_replays(session, scenario)


def test_time_stands_still_while_paused() -> None:
    with served(hello(), speed=100_000) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        first = outside.testbed("GET", "/status").json()
        threading.Event().wait(0.05)
        assert outside.testbed("GET", "/status").json()["now_ms"] == first["now_ms"]
        assert first["paused"] is True


def test_advancing_by_cycles_ends_when_the_last_of_them_is_through() -> None:
    with served(hello(), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        before = outside.testbed("GET", "/status").json()["cycles"]
        clock(outside, cycles=3)
        after = outside.testbed("GET", "/status").json()
        assert after["cycles"] == before + 3
        assert after["cycle_running"] is False


def test_time_never_goes_back() -> None:
    with served(hello(), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, by="1d")
        answer = outside.testbed("POST", "/clock", {"to": "2020-01-01T00:00:00Z"})
        assert answer.status_code == 400
        assert "time never goes back" in answer.json()["error"]


def test_a_user_disabled_over_http_is_inactive_in_the_target_after_the_next_cycle() -> None:
    with served(hello(), speed=60) as session, Outside(session.addresses()) as outside:
        user = outside.create_user("ada.king", "contoso.example").json()["id"]
        assert outside.add_member(outside.ids("groups")[0], user).status_code == 204
        clock(outside, cycles=1)
        found = outside.scim("GET", '/Users?filter=userName eq "ada.king@contoso.example"').json()
        assert (found["totalResults"], found["Resources"][0]["active"]) == (1, True)
        assert outside.graph("PATCH", f"/users/{user}", {"accountEnabled": False}).status_code == 204
        clock(outside, cycles=1)
        assert outside.scim("GET", f"/Users/{found['Resources'][0]['id']}").json()["active"] is False


def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    with served(hello(), speed=1) as session:
        port = int(session.addresses()["aws"]["endpoint_url"].rpartition(":")[2])
        with pytest.raises(Exception, match=str(port)):
            Session(hello(), ports={"graph": port})


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_a_session_ends_soon_after_it_is_told_to(transport: Transport) -> None:
    with served(hello(), speed=None, transport=transport) as session:
        wait_for(lambda: session.world.now > HOUR)
