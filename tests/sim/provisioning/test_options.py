"""What is saved through Graph about a job's scope counts before what the scenario says."""

from __future__ import annotations

import pytest

from sim.provisioning.options import ALL, SKIP
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import story


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        (None, (False, True)),
        ({}, (False, True)),
        ({SKIP: "True", ALL: "false"}, (True, False)),
        ({SKIP: "1"}, (True, True)),
        ({SKIP: "0", ALL: ""}, (False, True)),
    ],
)
def test_what_is_saved_counts(saved: dict[str, str] | None, expected: tuple[bool, bool]) -> None:
    """0 or false, 1 or true: https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions"""
    world = World(scenario_from(story("options", [], provisioning={"scope": "all"})))
    services, options = world.services, world.parts.judging.options
    if saved is not None:
        services.applications.save_secrets(services.application.id, saved)
    assert (options.skip_out_of_scope(), options.sync_all()) == expected


def test_what_is_set_later_counts_before_what_was_saved() -> None:
    world = World(scenario_from(story("options", [])))
    services, options = world.services, world.parts.judging.options
    services.applications.save_secrets(services.application.id, {ALL: "True"})
    options.set(ALL, on=False)
    assert not options.sync_all()
    assert services.applications.secrets(services.application.id) == {ALL: "False"}
