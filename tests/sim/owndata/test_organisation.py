"""Exports of groups and assignments become an access policy, and without a workforce its people."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sim.observation.journal import Journal, attach, events_csv, open_journal, recorded_scenario
from sim.observation.ledger import NOTHING
from sim.scenario import LoadedScenario, ScenarioError, load, loads
from sim.time import HOUR
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


PEOPLE = """person,kind,effective_at,department,user_principal_name,groups
1,present,,Engineering,ada.holm@fabrikam.example,
2,present,,Engineering,bo.chen@fabrikam.example,
3,present,,Engineering,cy.null@fabrikam.example,
4,present,,Finance,flo.sato@fabrikam.example,
5,present,,Finance,gus.kaya@fabrikam.example,{groups}
6,joiner,2026-03-02T09:00:00Z,Finance,hal.wong@fabrikam.example,
1,mover,2026-03-02T12:00:00Z,Sales,,
5,mover,2026-03-02T12:00:00Z,Sales,,
1,leaver,2026-03-02T16:00:00Z,,,
"""


def with_people(exports: Path, groups: str = "", *overrides: str) -> LoadedScenario:
    """The exports beside a file of people; ``groups``: those of the fifth person."""
    (exports.parent / "people.csv").write_text(PEOPLE.format(groups=groups), encoding="utf-8")
    text = (
        "{scenario: exports, title: t, start: 2026-03-02T08:00:00Z, duration: 1d, start_state: in_sync, "
        "organisation: {from: exports}, workforce: {from: people.csv, names: kept}}"
    )
    return loads(text, "story.yaml", overrides, folder=exports.parent)


def holdings(world: World, row: int) -> tuple[int, int]:
    """How many grants somebody should have, and has."""
    person = world.parts.ledger.person(row)
    return len(person.entitled), len(person.effective)


@pytest.mark.parametrize("names", ["kept", "hashed"])
@pytest.mark.parametrize("strategy", ["cycle", "event", "ticket"])
def test_what_no_rule_explains_stays_with_the_people_of_a_file_until_they_go(
    exports: Path, strategy: str, names: str
) -> None:
    """Ada is an engineer in the Payers' group: after her move to Sales, which has no group, that one alone is hers."""
    sets = (f"provisioning.strategy={strategy}", "provisioning.ticket.movers.keeps=0", f"workforce.names={names}")
    loaded = with_people(exports, "", *sets)
    assert loaded.notes[-1] == "1 membership that no rule explains stays with the person who has it"
    world = World(loaded.scenario)
    assert [holdings(world, row) for row in range(5)] == [(2, 2), (1, 1), (1, 1), (1, 1), (1, 1)]
    world.run_until(7 * HOUR)
    assert holdings(world, 0)[0] == 1
    assert world.services.directory.groups_of(0) == (world.parts.group_rows["Payers"],)
    world.run()
    assert holdings(world, 0)[0] == 0


def test_groups_in_the_file_of_people_are_theirs_beside_what_a_rule_gives(exports: Path) -> None:
    """Gus has Engineers by the file, and what Finance gives anyhow: only the first goes with him to Sales."""
    world = World(with_people(exports, "Payers; Engineers").scenario)
    assert holdings(world, 4) == (2, 2)
    world.run()
    assert holdings(world, 4) == (1, 1)
    assert world.services.directory.groups_of(4) == (world.parts.group_rows["Engineers"],)


def test_a_group_that_is_none_is_refused_where_it_stands(exports: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_people(exports, "Enginers")
    assert str(caught.value) == (
        f"{exports.parent}/people.csv:6: groups: 'Enginers' is no group of this scenario; allowed: Engineers or Payers "
        "(did you mean 'Engineers'?)"
    )


def test_an_assignment_to_a_user_belongs_to_the_person_of_the_file(exports: Path) -> None:
    (exports / "direct.json").write_text(
        json.dumps({"AccountAssignments": [grant("u1", "USER", "2")]}), encoding="utf-8"
    )
    (exports / "names.json").write_text(json.dumps({**NAMES, "u1": "bo.chen@fabrikam.example"}), encoding="utf-8")
    world = World(with_people(exports).scenario)
    assert holdings(world, 1) == (2, 2)
    world.run()
    assert holdings(world, 1) == (2, 2)


def test_a_journal_keeps_the_groups_of_people(exports: Path, tmp_path: Path) -> None:
    """A name with a semicolon in it is in quotes."""
    groups = json.loads((exports / "Engineers.json").read_text())
    (exports / "a;b.json").write_text(json.dumps({"value": groups["value"][1:2]}), encoding="utf-8")
    world = World(with_people(exports, "Engineers").scenario)
    (tmp_path / "run").mkdir()
    recorder = attach(world, Journal(tmp_path / "run"))
    world.run()
    recorder.finish()
    for each in exports.iterdir():
        each.unlink()
    with closing(open_journal(tmp_path / "run")) as journal:
        again = World(recorded_scenario(journal))
        text = events_csv(journal)
    again.run()
    assert again.trace_sha256 == world.trace_sha256
    assert '"""a;b"""' in text


def test_an_address_of_the_file_is_nobody_elses(exports: Path) -> None:
    """The third line is that of the person in the scenario's own text."""
    (exports.parent / "people.csv").write_text(PEOPLE.format(groups=""), encoding="utf-8")
    text = (
        "{scenario: both, title: t, start: 2026-03-02T08:00:00Z, duration: 1d, organisation: {from: exports},\n"
        "workforce: {from: people.csv, names: kept}, before: {people: [\n"
        "{id: ada, given_name: Ada, family_name: Holm, department: Finance,"
        " user_principal_name: Ada.Holm@fabrikam.example}]}}"
    )
    with pytest.raises(ScenarioError) as caught:
        loads(text, "both.yaml", folder=exports.parent)
    assert str(caught.value) == (
        "both.yaml:3: before.people.0: somebody of workforce.from has this address; it belongs to one person"
    )


def test_a_journal_is_repeated_however_long_the_exports_have_made_its_scenario(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the size nor the number of values that a file may have counts for what jmlab has written itself."""
    world = World(story(exports).scenario)
    (tmp_path / "run").mkdir()
    recorder = attach(world, Journal(tmp_path / "run"))
    world.run()
    recorder.finish()
    monkeypatch.setattr("sim.scenario.document.MAX_BYTES", 100)
    monkeypatch.setattr("sim.scenario.document.MAX_NODES", 10)
    with closing(open_journal(tmp_path / "run")) as journal:
        assert recorded_scenario(journal) == world.scenario
