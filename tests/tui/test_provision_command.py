"""`jmlab provision`: over Graph, against a world that is being served in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import places
from sim.scenario import scenario_from
from sim.serving import Session
from tests.contract.stories import person, story
from tests.outside import Outside
from tests.sim.test_serving import clock, served
from tests.tui.conftest import Call

WRITE = "write the whole userPrincipalName or group name\n"
TIMELINE: list[dict[str, Any]] = [
    {"at": "1m", "do": "join", "person": person("eve", "Operations")},
    {"at": "1m", "do": "remove_member", "group": "Engineers", "person": "ann"},
    {"at": "1m", "do": "create_user", "person": person("anton", "Kitchen")},
]


@pytest.fixture
def session(state: Path) -> Iterator[Session]:
    """A served world at two minutes, whose time stands still, announced as `jmlab serve` does it."""
    values = story("demand", TIMELINE, provisioning={"phase": "30m", "on_demand": {"calls": 6}})
    with served(scenario_from(values), speed=1) as opened, Outside(opened.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="2m")
        announced = places.announce(
            {**opened.addresses(), "pid": os.getpid(), "scenario": "demand", "access_token": "x"}
        )
        yield opened
        announced.unlink()


def test_it_tells_the_stages_and_what_was_changed(session: Session, jmlab: Call) -> None:
    outcome = jmlab("provision", "eve.example@contoso.example")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0].startswith("SIMULATED: demand, Eve Example (eve.example@contoso.example) on demand at 2026-03-02T")
    stages = [line.split()[1:] for line in lines if line[2:3] in "●○▲■" and line.startswith("  ")]
    assert stages == [["import", "Success"], ["scope", "Success"], ["match", "Success"], ["action", "Success"]]
    assert "Result: Success, create" in lines
    assert "  userName: nothing -> eve.example@contoso.example" in lines


def test_as_json_it_is_graphs_answer_with_who_was_meant(session: Session, jmlab: Call) -> None:
    told = json.loads(jmlab("provision", "Ann Example", "--format", "json").out)
    assert (told["schema"], told["simulated"], told["result"]) == ("jmlab.provision/1", True, "Success")
    assert told["subject"]["userPrincipalName"] == "ann.example@contoso.example"
    assert told["run"]["action"] == "Disable"


def test_a_group_is_provisioned_with_members_who_are_named_once_or_twice(session: Session, jmlab: Call) -> None:
    outcome = jmlab("provision", "Operators", "--member", "eve.example", "--member", "eve.example@contoso.example")
    assert outcome.code == 0
    assert "the group Operators on demand" in outcome.out
    assert outcome.out.count("is in the target") == 1
    assert "  members: nothing -> " in outcome.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("evee.example",),
            "there is no person or group 'evee.example' in the directory (did you mean eve.example@contoso.example?)\n",
        ),
        (("Operator",), None),
        (("zzz",), "there is no person or group 'zzz' in the directory\n"),
        (
            ("an",),
            f"'an' could be ann.example@contoso.example, anton.example@contoso.example; {WRITE}",
        ),
        (
            ("eve", "--member", "ann"),
            "Eve Example (eve.example@contoso.example) is a person; only a group is provisioned with members\n",
        ),
        (
            ("Operators", *("--member", "eve") * 6),
            "6 members are too many: at most 5 go with a group\n",
        ),
        (
            ("Operators", "--member", "Leads"),
            "there is no person 'Leads' in the directory\n",
        ),
    ],
)
def test_whoever_is_not_clear_is_told_in_one_sentence(
    session: Session, jmlab: Call, arguments: tuple[str, ...], said: str | None
) -> None:
    outcome = jmlab("provision", *arguments)
    if said is None:  # the beginning of one name is enough
        assert outcome.code == 0
    else:
        assert (outcome.code, outcome.out, outcome.err) == (2, "", said)


def test_too_many_runs_are_told_with_the_seconds_to_wait(session: Session, jmlab: Call) -> None:
    for _ in range(6):
        assert jmlab("provision", "bob").code == 0
    outcome = jmlab("provision", "bob")
    assert outcome.code == 2
    assert outcome.err == (
        "asked too often: try again in 10 seconds of simulated time, or raise provisioning.on_demand.calls\n"
    )


def test_without_a_served_world_the_exit_code_is_3(jmlab: Call) -> None:
    outcome = jmlab("provision", "ann")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == "no world is being served; start one with: jmlab serve hello\n"
