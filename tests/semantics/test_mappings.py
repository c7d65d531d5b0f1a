"""Mappings in whole stories: what is kept, what fails, what is passed over, what stays on."""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.scim.operations import Path, value_at
from sim.scenario import scenario_from
from sim.world import World
from tests.semantics.story import CYCLE, MINUTE, act, person, told

PHONE = 'phoneNumbers[type eq "mobile"].value'


def world_of(*timeline: dict[str, Any], mappings: Any = "default", ann: Any = None, **more: Any) -> World:
    """Ann, Bob and Cyd; Ann with further properties."""
    people = [person("ann", attributes=ann or {}), person("bob", "Operations"), person("cyd", "Security")]
    values = told(*timeline, before={"people": people}, provisioning__mappings=mappings, **more)
    return World(scenario_from(values))


def held(world: World, name: str = "ann") -> Any:
    user = world.services.provider.user_by("userName", f"{name}.example@contoso.example")
    return None if user is None else user


def reasons(world: World) -> list[str]:
    return [row.reason for row in world.log.rows if row.kind == "User" and row.reason]


def test_what_is_cleared_in_the_directory_stays_in_aws() -> None:
    """Nulls do not flow: title and department are what they were, and that is no difference to be mended."""
    clear = act("10m", "set_attributes", "ann", attributes={"jobTitle": None, "department": None})
    world = world_of(clear, ann={"jobTitle": "Lead"})
    world.run()
    department = Path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department")
    assert held(world).attributes["title"] == "Lead"
    assert value_at(held(world).attributes, department) == "Engineering"
    assert world.parts.divergence.look() == 0
    assert world.driver.sums.tally.users_updated == 0


def test_two_phone_numbers_break_the_create_and_one_does_not() -> None:
    """AWS's lists hold one item: whoever has both numbers is refused with 400, cycle after cycle."""
    mappings = {"users": [{"target": PHONE, "source": "mobile"}]}
    numbers = {"businessPhones": "+1 5", "mobilePhone": "+1 6"}
    world = world_of(mappings=mappings, ann=numbers, start_state="empty")
    world.run_until(CYCLE)
    assert held(world) is None
    assert held(world, "bob") is not None
    assert world.driver.sums.tally.errors >= 1
    alone = world_of(mappings=mappings, ann={"mobilePhone": "+1 6"}, start_state="empty")
    alone.run_until(CYCLE)
    assert value_at(held(alone).attributes, Path("phoneNumbers", "mobile", "value")) == "+1 6"


def test_user_without_a_value_to_match_by_is_passed_over() -> None:
    mappings = {"users": [{"target": "userName", "source": "employeeId"}]}
    world = world_of(mappings=mappings, ann={"employeeId": "E1"}, start_state="empty")
    world.run_until(CYCLE)
    assert reasons(world) == ["ImportSkipped", "ImportSkipped"]
    assert world.services.provider.user_by("userName", "E1") is not None
    assert world.driver.sums.tally.errors == 0


def test_second_matching_attribute_finds_whom_the_first_does_not() -> None:
    """Ann's user was made by hand under another name, with her employee id as externalId."""
    mappings = {"users": [{"target": "externalId", "source": "employeeId", "match": 2}]}
    world = world_of(mappings=mappings, ann={"employeeId": "E1"}, start_state="empty")
    made = world.services.provider.create_user(
        {"userName": "old", "displayName": "A", "name.givenName": "A", "name.familyName": "E", "externalId": "E1"}
    )
    world.run_until(CYCLE)
    assert world.driver.sums.tally.users_matched == 1
    assert world.services.provider.find_user(made.id).attributes["userName"] == "ann.example@contoso.example"


def test_without_the_row_for_active_nobody_is_ever_disabled() -> None:
    leaves = act("10m", "leave", "ann")
    for mappings, active in (("default", False), ({"users": [{"target": "active", "none": True}]}, True)):
        world = world_of(leaves, mappings=mappings)
        world.run()
        assert held(world).active is active


def test_expression_without_a_value_for_somebody_fails_for_them_alone() -> None:
    """IIF cannot compare null: Bob and Cyd have no job title."""
    mappings = {"users": [{"target": "title", "expression": 'IIF([jobTitle] = "Lead", "Boss", "Staff")'}]}
    world = world_of(mappings=mappings, ann={"jobTitle": "Lead"}, start_state="empty")
    world.run_until(CYCLE)
    assert held(world).attributes["title"] == "Boss"
    assert reasons(world) == ["EntrySynchronizationError"] * 2
    assert world.driver.sums.tally.errors == 2


def test_several_values_for_one_are_a_failure_of_their_own() -> None:
    mappings = {"users": [{"target": "title", "source": "otherMails"}]}
    world = world_of(mappings=mappings, ann={"otherMails": ["a@x.example", "b@x.example"]}, start_state="empty")
    world.run_until(CYCLE)
    assert reasons(world) == ["SchemaPropertyCanOnlyAcceptValue"]


@pytest.mark.parametrize("source", ["objectId", "mailNickname", "employeeId"])
def test_a_world_that_starts_in_sync_holds_what_its_mapping_says(source: str) -> None:
    """Twenty generated people; looking one up by what is mapped finds just that one."""
    values = told(
        before={},
        workforce={"size": 20, "counts": {}},
        organisation__departments=[{"name": name} for name in ("Engineering", "Operations", "Security")],
        provisioning__mappings={"users": [{"target": "externalId", "source": source}]},
    )
    world = World(scenario_from(values))
    provider, directory = world.services.provider, world.services.directory
    for row in range(20):
        account = directory.user(row)
        wanted = str(account.id if source == "objectId" else account.attributes[source])
        found = provider.user_by("externalId", wanted)
        assert found is not None
        assert found.attributes["userName"] == account.attributes["userPrincipalName"]
        assert provider.user_by("externalId", f"{wanted}x") is None
        world.parts.divergence.user(row)
    assert world.parts.divergence.look() == 0
    world.run_until(5 * MINUTE)


def test_generated_guid_is_not_the_same_for_two_people_nor_different_for_one_at_a_time() -> None:
    mappings = {"users": [{"target": "title", "expression": "Guid()", "apply": "on_create"}]}
    titles = []
    for _ in range(2):
        world = world_of(mappings=mappings, start_state="empty")
        world.run()
        titles.append([held(world, name).attributes["title"] for name in ("ann", "bob", "cyd")])
        assert world.parts.divergence.look() == 0
    assert titles[0] == titles[1]
    assert len(set(titles[0])) == 3
