"""Every mapped attribute arrives with the same value over both transports, when created and when changed."""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.scim.operations import Path, value_at
from sim.provisioning.mapping import USER_MAPPINGS
from sim.scenario import scenario_from
from sim.serving import Session
from sim.world import Transport
from tests.contract.stories import person, story

FULL: dict[str, Any] = {
    "jobTitle": "Lead",
    "preferredLanguage": "en-GB",
    "officeLocation": "B 12",
    "streetAddress": "1 High Street",
    "city": "Leeds",
    "state": "West Yorkshire",
    "postalCode": "LS1 1AA",
    "country": "United Kingdom",
    "businessPhones": ["+44 113 1"],
    "employeeId": "E1",
    "employeeOrgData/costCenter": "C1",
    "employeeOrgData/division": "D1",
    "companyName": "Contoso",
    "onPremisesExtensionAttributes/extensionAttribute1": "X1",
    "mobilePhone": "+44 7 1",
}
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ROWS = [
    {"target": "locale", "expression": 'IIF([accountEnabled] = "True", "en-GB", "xx")'},
    {"target": "nickName", "source": "extensionAttribute1"},
    {"target": "userType", "source": "userType"},
    {"target": f"{ENTERPRISE}:costCenter", "source": "employeeOrgData.costCenter"},
    {"target": f"{ENTERPRISE}:division", "source": "employeeOrgData.division"},
    {"target": f"{ENTERPRISE}:organization", "expression": 'Join("-", [companyName], [objectId])'},
    {"target": "name.honorificSuffix", "expression": "Guid()", "apply": "on_create"},
    {"target": "profileUrl", "expression": "Now()", "apply": "on_create"},
]
"""What no row of the default reads: flags, ids, complex properties, the clock and chance."""


def told(**more: Any) -> dict[str, Any]:
    scenario = story(
        "mapped",
        [
            {"at": "1h", "do": "set_attributes", "person": "eve", "attributes": {
                "jobTitle": "Head", "city": None, "businessPhones": "+44 113 2", "employeeOrgData/division": "D2",
            }},
            {"at": "2h", "do": "rename", "person": "eve", "family_name": "Other"},
        ],
        start_state="empty",
        provisioning={"phase": "10m", "mappings": {"users": ROWS}},
        **more,
    )  # fmt: skip
    scenario["before"] = {"people": [person("eve", "Operations", attributes=FULL), person("ann", "Engineering")]}
    return scenario


def seen(transport: Transport) -> dict[str, Any]:
    """Everything that the target holds of everybody in the end, by userName, and the two digests."""
    session = Session(scenario_from(told()), transport=transport, speed=None)
    try:
        world = session.world
        world.run()
        provider = world.services.provider
        held = {str(u.attributes["userName"]): u.attributes for u in map(provider.user, provider.user_rows())}
        assert world.parts.divergence.look() == 0
        assert world.driver.sums.tally.errors == 0
        return {**held, "trace": world.trace_sha256, "traffic": world.traffic_sha256}
    finally:
        session.close()


def test_every_mapped_attribute_has_the_same_value_over_both_transports() -> None:
    direct, wire = seen("direct"), seen("wire")
    assert direct == wire
    eve = direct["eve.example@contoso.example"]
    mapped = [m.target for m in USER_MAPPINGS if str(m.target) != "active" and m.source != "manager" and not m.unmapped]
    mapped += [Path(str(row["target"])) for row in ROWS]
    assert {str(path) for path in mapped if value_at(eve, path) is None} == set()
    assert (eve["title"], eve["locale"], eve["userType"]) == ("Head", "en-GB", "Member")
    assert value_at(eve, Path("addresses", "work", "locality")) == "Leeds", "cleared in the directory, kept by AWS"
    assert value_at(eve, Path("phoneNumbers", "work", "value")) == "+44 113 2"
    assert eve["name.formatted"] == "Eve Other"
    assert eve["profileUrl"] == "3/2/2026 8:10:00 AM", "the time of the cycle that created her"
    ann = direct["ann.example@contoso.example"]
    assert eve["name.honorificSuffix"] != ann["name.honorificSuffix"]


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_apply_and_differences_agree_with_what_the_target_shows(transport: Transport) -> None:
    """What was created differs from its source in nothing, as the job itself reads both."""
    session = Session(scenario_from(told(duration="50m")), transport=transport, speed=None)
    try:
        world = session.world
        world.run()
        source, users = world.driver.job.source, world.parts.user_map
        for identifier in [world.services.directory.user_id(row) for row in range(2)]:
            read = source.user(identifier)
            target = world.parts.state.users.get(identifier)
            assert target is not None
            shown = world.services.provider.find_user(target).attributes
            assert users.differences(read.attributes, shown) == ()
            fixed = {"profileUrl", "name.honorificSuffix"}  # the clock has moved since
            made = {name: value for name, value in users.apply(read.attributes).items() if name not in fixed}
            assert made == {name: value for name, value in shown.items() if name not in fixed}
    finally:
        session.close()
