"""The section `faults`: what it stands for, and every sentence with which a wrong one is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from mockservices.clock import Clock, Millis
from mockservices.faults import WAIT, Rule
from sim.faults import faults_of, rule_of
from sim.scenario import ScenarioError, assumptions, canonical_text, json_schema, loads
from tests.sim.scenario.conftest import Build

HOUR = 3_600_000
DOWN = {"name": "down", "kind": "outage"}


def rule(build: Build, fault: dict[str, Any], **changes: Any) -> Rule:
    scenario = build(faults=[fault], **changes)
    return rule_of(scenario, scenario.faults[0], "f")


def test_fault_that_says_nothing_more_strikes_everything_from_the_start(build: Build) -> None:
    assert rule(build, {"kind": "lost_answer"}) == Rule("f", "lost_answer")


def test_every_key_arrives_in_the_rule(build: Build) -> None:
    fault = {
        "kind": "throttled", "at": "1h", "for": "90m", "operation": "create_user", "person": "ann", "times": 3,
        "rate": 0.1, "burst": 2, "retry_after": "30s",
    }  # fmt: skip
    assert rule(build, fault) == Rule(
        "f",
        "throttled",
        operation="create_user",
        at=Millis(HOUR),
        lasts=Millis(HOUR * 3 // 2),
        times=3,
        objects=frozenset({"ann.lee@contoso.example"}),
        status=429,
        retry_after=30,
        rate=Fraction(1, 10),
        burst=2,
    )


def test_share_is_the_decimal_that_is_written(build: Build) -> None:
    assert rule(build, {"kind": "lost_answer", "share": 0.1}).share == Fraction(1, 10)


@pytest.mark.parametrize(
    ("fault", "status", "retry_after", "burst"),
    [
        ({"kind": "outage"}, 0, None, 1),
        ({"kind": "outage", "status": 503}, 503, None, 1),
        ({"kind": "server_error"}, 503, None, 1),
        ({"kind": "not_scim"}, 404, None, 1),
        ({"kind": "throttled"}, 429, None, 1),
        ({"kind": "throttled", "rate": 20}, 429, WAIT, 20),
        ({"kind": "throttled", "rate": 2.5}, 429, WAIT, 3),
    ],
)
def test_what_is_left_out(
    build: Build, fault: dict[str, Any], status: int, retry_after: int | None, burst: int
) -> None:
    made = rule(build, fault)
    assert (made.status, made.retry_after, made.burst) == (status, retry_after, burst)


def test_person_is_known_by_every_name_of_the_story(build: Build) -> None:
    timeline = [
        {"at": "1h", "do": "rename", "person": "ann", "user_principal_name": "ann.ode@contoso.example"},
        {"at": "2h", "do": "rename_group", "group": "GRP-Security", "to": "GRP-SecOps"},
    ]
    made = rule(build, {"kind": "lost_answer", "person": "ann"}, timeline=timeline)
    assert made.objects == {"ann.lee@contoso.example", "ann.ode@contoso.example"}
    made = rule(build, {"kind": "lost_answer", "group": "GRP-Security"}, timeline=timeline)
    assert made.objects == {"grp-security", "grp-secops"}


def test_somebody_who_comes_later_can_be_named_and_so_can_anybody_by_userprincipalname(build: Build) -> None:
    join = {
        "at": "1h",
        "do": "join",
        "person": {"id": "cyd", "given_name": "Cyd", "family_name": "Roe", "department": "Security"},
    }
    for person, name in (
        ("cyd", "cyd.roe@contoso.example"),
        ("Some.Body@contoso.example", "some.body@contoso.example"),
    ):
        assert rule(build, {"kind": "lost_answer", "person": person}, timeline=[join]).objects == {name}


def test_faults_without_a_name_are_called_by_their_place(build: Build) -> None:
    scenario = build(faults=[{"kind": "lost_answer"}, DOWN, {"kind": "outage"}], target__limits="aws")
    assert list(faults_of(scenario, Clock(scenario.start), 1, 0).hits()) == ["fault-1", "down", "fault-3", "limits"]


def test_faults_stand_in_the_canonical_text_and_in_the_schema(build: Build) -> None:
    scenario = build(faults=[{"kind": "outage", "at": "1h", "for": "2h"}, {"kind": "latency", "delay": "5s"}])
    text = canonical_text(scenario)
    assert "    for: 2h\n" in text
    assert loads(text, "journal").scenario == scenario
    assert "for" in json_schema()["$defs"]["Fault"]["properties"]


def test_time_out_and_life_of_the_token_name_their_sources(build: Build) -> None:
    told = {assumption.key: assumption for assumption in assumptions(build())}
    assert (told["provisioning.request_timeout"].value, told["provisioning.request_timeout"].grade) == ("1m", "A")
    assert (told["target.token_life"].value, told["target.token_life"].grade) == ("365d", "A")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "kind: this key is missing; required here: kind"),
    (
        {"kind": "lost"},
        "kind: 'lost' is not allowed; write fail_before, lost_answer, throttled, server_error, latency, ",
    ),
    ({"kind": "outage", "fro": "2h"}, "fro: unknown key; allowed here: name, kind, at, for, started, service, "),
    ({"kind": "outage", "for": "0m"}, "for: 0m is out of range; allowed is from 1ms to "),
    ({"kind": "outage", "at": "-1h"}, "at: -1h lies before the start; an action happens at 0m or later"),
    ({"kind": "latency"}, "kind: latency needs a delay, for example delay: 5s"),
    ({"kind": "outage", "delay": "5s"}, "delay: outage takes no delay; it belongs to latency"),
    ({"kind": "lost_answer", "rate": 2}, "rate: lost_answer takes no rate; it belongs to throttled"),
    (
        {"kind": "latency", "delay": "5s", "retry_after": "30s"},
        "retry_after: latency takes no retry_after; it belongs to throttled and server_error and outage",
    ),
    (
        {"kind": "server_error", "status": 404},
        "status: 404 is not allowed for server_error; allowed: 500, 502, 503, 504",
    ),
    (
        {"kind": "outage", "retry_after": "30s"},
        "retry_after: an outage without an answer has no retry_after; give a status, such as 503",
    ),
    (
        {"kind": "outage", "share": 0.5},
        "share: an outage strikes every request; leave share out, or choose another kind",
    ),
    ({"kind": "server_error", "retry_after": "1500ms"}, "retry_after: Retry-After has whole seconds; for example 30s"),
    ({"kind": "throttled", "burst": 3}, "burst: burst needs a rate, in requests a second; for example rate: 20"),
    ({"kind": "throttled", "rate": 3, "share": 0.5}, "share: rate and share exclude each other; give one of them"),
    ({"kind": "lost_answer", "share": 0}, "share: must be more than 0, not the number 0"),
    ({"kind": "lost_answer", "times": 0}, "times: must be 1 or more, not the number 0"),
    (
        {"kind": "outage", "started": False, "at": "1h"},
        "at: a fault that waits to be started has no time of its own; leave at or started out",
    ),
    (
        {"kind": "lost_answer", "person": "ann", "group": "GRP-Security"},
        "group: give person or group, not both; a request is about one object",
    ),
    (
        {"kind": "lost_answer", "person": "ann", "operation": "get_group"},
        "person: get_group is never about a person; leave one of them out",
    ),
    ({"kind": "not_scim", "service": "graph"}, "kind: graph has no not_scim; choose another kind, or service: scim"),
    (
        {"kind": "lost_answer", "service": "graph", "person": "ann"},
        "person: with service: graph no person can be picked out; leave person out",
    ),
    ({"kind": "lost_answer", "person": "anne"}, "person: unknown person 'anne'; name an id of the file or a "),
    ({"kind": "lost_answer", "group": "GRP"}, "group: unknown group 'GRP'; allowed: GRP-Engineering or GRP-Security"),
    ({"kind": "outage", "name": "limits"}, "name: limits is what target.limits counts as; choose another name"),
]


@pytest.mark.parametrize(("fault", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_wrong_fault_is_refused_in_one_sentence(fault: dict[str, Any], sentence: str, build: Build) -> None:
    with pytest.raises(ScenarioError) as caught:
        build(faults=[fault])
    assert str(caught.value).startswith(f"scenario: faults.0.{sentence}")


def test_names_are_given_once_and_exist(build: Build) -> None:
    with pytest.raises(ScenarioError, match=r"faults\.1\.name: the fault 'down' stands here twice; keep one"):
        build(faults=[DOWN, DOWN])
    with pytest.raises(ScenarioError, match=r"timeline\.0\.fault: unknown fault 'dawn'; .*did you mean 'down'\?"):
        build(faults=[DOWN], timeline=[{"at": "1h", "do": "start_fault", "fault": "dawn"}])
    with pytest.raises(ScenarioError, match=r"unknown fault 'down'; this scenario declares no fault"):
        build(timeline=[{"at": "1h", "do": "end_fault", "fault": "down"}])
