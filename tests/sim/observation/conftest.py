"""What several tests of observation look at: the long story, recorded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.observation.journal import Journal, attach
from sim.scenario import scenario_from
from sim.world import World
from tests.sim.observation.long_story import LONG_STORY


def long_world() -> World:
    return World(scenario_from(LONG_STORY))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of the long story."""
    folder = tmp_path_factory.mktemp("finished")
    world = long_world()
    recorder = attach(world, Journal(folder))
    world.run()
    recorder.finish()
    return folder
