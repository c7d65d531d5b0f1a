"""`jmlab whatif` over runbooks: those of a story, and that for everybody who goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tui.conftest import Call


def means(jmlab: Call, *arguments: str) -> dict[str, dict[str, Any]]:
    """By variant, the mean of every figure of one replication."""
    outcome = jmlab("whatif", *arguments, "--replications", "2", "--workers", "1", "--quiet", "--format", "json")
    assert outcome.code == 0, outcome.err
    return {
        variant["name"]: {key: metric["mean"] for key, metric in variant["metrics"].items()}
        for variant in json.loads(outcome.out)["variants"]
    }


@pytest.mark.slow
def test_the_runbook_for_leavers_is_varied_like_any_setting(jmlab: Call) -> None:
    """Dana leaves at 10:03; the cycle of 10:40 looks her up and disables her. Unassigned first she is out at once: a
    probe, a look and a change on demand, and two requests about her group at 10:40. Disabled first, provisioning on
    demand does nothing."""
    found = means(jmlab, "friday-1003", "--vary", "provisioning.runbook=none,unassign_first,disable_first")
    leaver, sent = "latency.leaver.mean_s", "provisioning.requests"
    assert {name.removeprefix("runbook="): (round(each[leaver] / 60), each[sent]) for name, each in found.items()} == {
        "none": (37, 2),
        "unassign_first": (0, 5),
        "disable_first": (37, 2),
    }


@pytest.mark.slow
def test_the_runbooks_of_a_story_are_variants(jmlab: Call) -> None:
    """docs/three-doors.md works the minutes out."""
    found = means(jmlab, "friday-1003", "--vary", "runbook=wait,deny,push,end_session")
    usable = "orphaned_access.usable.person_hours"
    minutes = {name.removeprefix("runbook="): round(each[usable] * 60) for name, each in found.items()}
    assert minutes == {"wait": 37, "deny": 2, "push": 0, "end_session": 2}


@pytest.mark.parametrize(
    ("scenario", "values", "said"),
    [
        ("plain", "provisioning.runbook=none,first", "write none, unassign_first or disable_first"),
        ("friday-1003", "runbook=wait,nope", "unknown runbook 'nope'; allowed: wait, disable_on_demand, "),
        ("plain", "runbook=a,b", "this scenario has no runbooks"),
    ],
)
def test_a_runbook_that_there_is_not_is_refused(jmlab: Call, scenario: str, values: str, said: str) -> None:
    outcome = jmlab("whatif", scenario, "--vary", values)
    assert outcome.code == 2
    assert f"--vary {values.partition('=')[0]}: " in outcome.err
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
