"""Generated people as the services see them: managers in the target, namesakes at AWS, over both transports."""

from __future__ import annotations

import pytest

from mockservices.scim.operations import MANAGER
from sim.scenario import load
from sim.setup import set_up
from sim.world import World
from tests.contract.conftest import Run

LIVING = ("workforce.size=60", "duration=20d", "workforce.rates={joiners: 3, leavers: 2, movers: 2}")
MANAGED = (*LIVING, "workforce.managers=true", "workforce.locales={en_US: 2, pl_PL: 1, ja_JP: 1}")


def lived(*settings: str) -> World:
    world = World(load("plain", settings).scenario)
    world.run()
    return world


def test_a_run_that_starts_in_sync_holds_every_manager_in_the_target() -> None:
    parts = set_up(load("plain", MANAGED).scenario, 1, 0)
    directory, provider, start = parts.services.directory, parts.services.provider, parts.start
    assert start is not None
    alone = 0
    for row in range(start.size):
        above = directory.manager_of(row)
        if above is None:
            alone += 1
            continue
        manager = directory.user_row(above)
        assert manager is not None
        assert manager < start.size
        held = provider.peek(start.target(row)).attributes[MANAGER]
        assert held == provider.user_id(start.target(manager))
        assert parts.state.managers.get(directory.user_id(row)) == above
    assert alone == 1


@pytest.mark.parametrize("settings", [LIVING, MANAGED])
def test_both_transports_tell_the_same_story_and_nothing_diverges(run_over: Run, settings: tuple[str, ...]) -> None:
    scenario = load("plain", settings).scenario
    direct, wire = run_over(scenario, "direct"), run_over(scenario, "wire")
    assert (direct.trace_sha256, direct.traffic_sha256) == (wire.trace_sha256, wire.traffic_sha256)
    assert direct.parts.divergence.max_after == 0
    assert direct.driver.sums.tally.errors == 0


def test_whoever_joins_gets_a_manager_in_the_directory_and_in_the_target() -> None:
    world = lived(*MANAGED)
    parts, directory, provider = world.parts, world.services.directory, world.services.provider
    assert parts.start is not None
    joined = [row for row in range(parts.start.size, directory.users_count) if directory.is_enabled(row)]
    assert joined
    for row in joined:
        above = directory.manager_of(row)
        assert above is not None
        target = parts.view.target_of(row)
        manager = directory.user_row(above)
        assert manager is not None
        if target >= 0 and parts.view.target_of(manager) >= 0:
            assert provider.peek(target).attributes[MANAGER] == provider.user_id(parts.view.target_of(manager))


def test_managers_that_nobody_touches_cost_no_request() -> None:
    still = ("workforce.size=60", "duration=5d", "workforce.counts={}", "workforce.contact_details=true")
    assert lived(*still, "workforce.managers=true").driver.sums.tally.requests == 0


COLLIDING = (
    "workforce.size=400", "duration=10d", "workforce.counts={joiner: 60}", "workforce.locale=vi_VN",
)  # fmt: skip
"""Vietnamese pools have 34 given and 10 family names: nearly every joiner has a namesake."""


def test_namesakes_with_one_nickname_are_refused_by_aws_as_duplicates() -> None:
    """ExternalId is mailNickname by default, and AWS wants it to be unique: HTTP 409, and the account is not made."""
    without, shared = lived(*COLLIDING), lived(*COLLIDING, "workforce.nickname_collisions=1")
    assert without.driver.sums.tally.errors == 0
    assert without.driver.sums.tally.users_created == 60
    people = shared.parts.start.people if shared.parts.start is not None else None
    assert people is not None
    nicknames = [people.mail_nickname(row) for row in range(len(people))]
    first_of = {nickname: row for row, nickname in reversed(list(enumerate(nicknames)))}
    free = sum(first_of[nicknames[row]] == row for row in range(400, 460))
    assert 0 < free < 60
    assert shared.driver.sums.tally.users_created == free
    assert shared.driver.sums.tally.errors >= 60 - free


def test_generated_people_make_way_for_whoever_the_scenario_names() -> None:
    """Nguyễn is Faker's commonest Vietnamese family name: the first generated Anh Nguyễn is the company's second."""
    named = "before.people=[{id: a, given_name: Anh, family_name: Nguyễn, department: Sales}]"
    world = lived(*COLLIDING, named)
    assert world.driver.sums.tally.errors == 0
    assert world.services.directory.row_by_upn("anh.nguyen@contoso.example") == 400
    assert world.services.directory.row_by_upn("anh.nguyen2@contoso.example") is not None
