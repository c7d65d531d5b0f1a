"""Exports of groups and assignments become an access policy, and without a workforce its people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.observation.ledger import NOTHING
from sim.scenario import LoadedScenario, ScenarioError, load, loads
from sim.world import World

ARN = "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-"


def user(name: str, department: str | None = None, **more: Any) -> dict[str, Any]:
    given, family = name.split()
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": f"id-{given}",
        "displayName": name,
        "userPrincipalName": f"{given}.{family}@fabrikam.example".lower(),
        "department": department,
        **more,
    }


def grant(principal: str, kind: str = "GROUP", permission_set: str = "1") -> dict[str, str]:
    return {
        "AccountId": "111122223333",
        "PermissionSetArn": ARN + permission_set,
        "PrincipalType": kind,
        "PrincipalId": principal,
    }


ENGINEERS = ["Ada Holm", "Bo Chen", "Cy Null", "Di Weiss", "Ed Berg"]
NAMES = {ARN + "1": "Developer", ARN + "2": "Billing", "111122223333": "production", "g1": "Engineers", "g2": "Payers"}


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Five engineers in their group, and two people of Finance in theirs, with one engineer."""
    folder = tmp_path / "exports"
    folder.mkdir()
    members = {"value": [user(name, "Engineering") for name in ENGINEERS]}
    (folder / "Engineers.json").write_text(json.dumps(members), encoding="utf-8")
    (folder / "payers.csv").write_text(
        "Id,UserPrincipalName,DisplayName,Department,Group\n"
        "id-Flo,flo.sato@fabrikam.example,Flo Sato,Finance,Payers\n"
        "id-Gus,gus.kaya@fabrikam.example,Gus Kaya,Finance,Payers\n"
        "id-Ada,ada.holm@fabrikam.example,Ada Holm,Engineering,Payers\n",
        encoding="utf-8",
    )
    (folder / "assignments.json").write_text(
        json.dumps({"AccountAssignments": [grant("g1"), grant("g2", permission_set="2")]}), encoding="utf-8"
    )
    (folder / "names.json").write_text(json.dumps(NAMES), encoding="utf-8")
    return folder


def story(folder: Path, more: str = "", rest: str = "") -> LoadedScenario:
    text = (
        "{scenario: exports, title: t, start: 2026-03-02T08:00:00Z, duration: 1d, start_state: in_sync, "
        f"organisation: {{from: exports, names: kept{more}}}{rest}}}"
    )
    return loads(text, "story.yaml", folder=folder.parent)


def test_groups_give_what_is_assigned_to_them_and_departments_get_the_groups_of_their_people(exports: Path) -> None:
    access = story(exports).scenario.organisation.access
    assert {name: [(e.permission_set, e.account) for e in entries] for name, entries in access.catalogue.items()} == {
        "Engineers": [("Developer", "production")],
        "Payers": [("Billing", "production")],
    }
    assert [(rule.department, rule.groups) for rule in access.birthright] == [
        ("Engineering", ("Engineers",)),
        ("Finance", ("Payers",)),
    ]


def test_a_membership_that_no_rule_explains_stays_with_the_person(exports: Path) -> None:
    loaded = story(exports)
    scenario = loaded.scenario
    assert [(e.person, e.permission_set) for e in scenario.organisation.access.exceptions] == [("ada.holm", "Billing")]
    assert [(m.group, m.person) for m in scenario.before.members] == [("Payers", "ada.holm")]
    assert loaded.notes == (
        "2 rules of birthright were learned from 7 people",
        "1 membership that no rule explains stays with the person who has it",
    )


def test_everybody_holds_at_the_start_what_the_exports_say_and_nothing_is_orphaned(exports: Path) -> None:
    world = World(story(exports).scenario)
    ada = world.parts.register.names["ada.holm"]
    assert world.parts.ledger.person(ada).effective == world.parts.ledger.person(ada).entitled != NOTHING
    assert len(world.parts.ledger.person(ada).effective) == 2
    world.run()
    assert list(world.parts.ledger.open_orphans()) == []


def test_a_mover_loses_the_group_of_the_department_that_was_learned(exports: Path) -> None:
    world = World(
        story(exports, rest=", timeline: [{at: 1h, do: move, person: bo.chen, department: Finance}]").scenario
    )
    world.run()
    bo = world.parts.ledger.person(world.parts.register.names["bo.chen"])
    held = {world.services.instance.grant_parts(grant)[1].name for grant in bo.effective}
    assert held == {"Billing"}


def test_what_the_scenario_says_itself_is_not_learned(exports: Path) -> None:
    given = "access: {birthright: [{department: Finance, groups: [Payers]}]}"
    access = story(
        exports, f", {given}, departments: [{{name: Engineering}}, {{name: Finance}}]"
    ).scenario.organisation.access
    assert [(rule.department, rule.groups) for rule in access.birthright] == [("Finance", ("Payers",))]


def test_the_share_decides_what_is_a_rule(exports: Path) -> None:
    """Two of five engineers pay: a share of 0.4 makes that a rule."""
    with (exports / "payers.csv").open("a", encoding="utf-8") as file:
        file.write("id-Bo,bo.chen@fabrikam.example,Bo Chen,Engineering,Payers\n")
    rules = story(exports, ", birthright_share: 0.4").scenario.organisation.access.birthright
    assert [(rule.department, rule.groups) for rule in rules] == [
        ("Engineering", ("Engineers", "Payers")),
        ("Finance", ("Payers",)),
    ]


def test_an_assignment_to_a_user_is_there_at_the_start_and_allowed(exports: Path) -> None:
    (exports / "direct.json").write_text(
        json.dumps({"AccountAssignments": [grant("u1", "USER", "2")]}), encoding="utf-8"
    )
    (exports / "users.json").write_text(
        json.dumps({"Users": [{"UserId": "u1", "UserName": "Bo.Chen@fabrikam.example"}]}), encoding="utf-8"
    )
    scenario = story(exports).scenario
    assert [(each.user, each.permission_set) for each in scenario.before.assignments] == [("bo.chen", "Billing")]
    world = World(scenario)
    world.run()
    assert list(world.parts.ledger.open_orphans()) == []


def test_hashed_names_of_exports_are_in_nothing(exports: Path) -> None:
    text = story(exports).text
    hidden = loads(text_of(exports), "story.yaml", folder=exports.parent).text
    for name in ("Holm", "holm", "Sato", "fabrikam"):
        assert name in text
        assert name not in hidden


def text_of(folder: Path) -> str:
    return (
        "{scenario: exports, title: t, start: 2026-03-02T08:00:00Z, duration: 1d, start_state: in_sync, "
        f"organisation: {{from: [{folder.name}]}}}}"
    )


def test_the_scenario_as_it_takes_effect_needs_no_exports(exports: Path) -> None:
    loaded = story(exports)
    assert loads(loaded.text, "journal").scenario == loaded.scenario


def test_pages_of_a_group_are_one_group_and_nested_groups_are_left_out(exports: Path) -> None:
    nested = {"@odata.type": "#microsoft.graph.group", "id": "x", "displayName": "Nested"}
    (exports / "Engineers.2.json").write_text(
        json.dumps({"value": [user("Hal Quist", "Engineering"), nested]}), encoding="utf-8"
    )
    loaded = story(exports)
    assert len(loaded.scenario.before.people) == 8
    assert set(loaded.scenario.organisation.access.catalogue) == {"Engineers", "Payers"}
    assert "1 member that is no user was left out" in loaded.notes


def test_groups_with_their_members_expanded_are_read_as_well(exports: Path) -> None:
    operators = [user("Ida Lund", "Operations"), user("Jo Quist", "Operations")]
    (exports / "groups.json").write_text(
        json.dumps({"value": [{"id": "o", "displayName": "Operators", "members": operators}]}),
        encoding="utf-8",
    )
    rules = story(exports).scenario.organisation.access.birthright
    assert ("Operations", ("Operators",)) in [(rule.department, rule.groups) for rule in rules]


SENTENCES = {
    "nothing said": (
        "assignments.json", json.dumps({"AccountAssignments": [grant("g9")]}),
        ("nothing says how the group g9 is called; add the output of aws identitystore list-groups, or a JSON file "
        "that maps its id to its name"),
    ),
    "no JSON": ("Engineers.json", '{"value": [\n', ":2: this is not valid JSON"),
    "another shape": (
        "Engineers.json", '{"a": 1}',
        ("this is none of the exports that are read: members of a group or groups from Graph, AccountAssignments, "
        "Groups, Users or Accounts from AWS, a PermissionSet, or a map of ids to names"),
    ),
    "a member without a name": (
        "Engineers.json", '{"value": [{"id": "1"}]}', "an entry has no userPrincipalName; it has id",
    ),
    "a principal of another kind": (
        "assignments.json", json.dumps({"AccountAssignments": [grant("g1", "DEVICE")]}),
        "a PrincipalType is none that is known; allowed: GROUP or USER",
    ),
    "no group column": (
        "payers.csv", "userPrincipalName,displayName\na@b.example,A\n",
        ":1: the column group is missing; userprincipalname and group must be there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_a_bad_export_is_refused_in_one_sentence(name: str, exports: Path) -> None:
    file, content, sentence = SENTENCES[name]
    (exports / file).write_text(content, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        story(exports)
    middle = "" if sentence.startswith(":") else ": "
    assert str(caught.value) == f"{exports / file}{middle}{sentence}"


def test_exports_that_are_not_there_are_told_with_the_line_of_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    with pytest.raises(ScenarioError, match=r"exports: there is no .json or .csv file in this directory$"):
        story(tmp_path / "exports")
    with pytest.raises(
        ScenarioError, match=r"^hello.yaml:.*organisation.from: .*|^--set organisation.from: there is no"
    ):
        load("hello", ["organisation.from=nowhere"])


def test_the_model_of_the_catalogue_runs_with_both(tmp_path: Path) -> None:
    """Twelve people; of the thirteen ever there, two leave and two contracts end or lie still."""
    loaded = load("own-data")
    assert len(loaded.scenario.organisation.access.birthright) == 3
    assert loaded.scenario.listing is not None
    assert (loaded.scenario.listing.people.size, len(loaded.scenario.listing.people)) == (12, 13)
    world = World(loaded.scenario)
    world.run()
    assert world.parts.ledger.events.counts["leaver"] == 2
