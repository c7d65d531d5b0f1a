"""Runs the same thing over both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sim.scenario import Scenario
from sim.serving import Session
from sim.world import Transport, World

Run = Callable[[Scenario, Transport], World]


@pytest.fixture
def run_over() -> Iterator[Run]:
    """Runs a scenario to its end over a transport; the finished world."""
    sessions: list[Session] = []

    def run(scenario: Scenario, transport: Transport) -> World:
        if transport == "direct":
            world = World(scenario)
            world.run()
            return world
        session = Session(scenario, transport="wire", speed=None)
        sessions.append(session)
        session.run(until=session.world.end)
        return session.world

    yield run
    for session in sessions:
        session.close()
