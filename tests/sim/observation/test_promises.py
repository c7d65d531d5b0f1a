"""Promises: from when the time counts, when one is broken, and what is never judged, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sim.expressions import parse_condition
from sim.observation.promises import longest
from sim.observation.summary import summarize
from sim.observation.summary.keys import summary_of_nothing
from sim.scenario import scenario_from
from sim.world import World
from tests.sim.observation.long_story import person
from tests.sim.observation.test_summary import SMALL

ROWS = ("leaver", "mover", "joiner", "privileged_leaver", "contractor_expiry", "rehire")
SLA = {"leaver": "45m", "privileged_leaver": "30m"}


def promised(sla: dict[str, str], clock: str = "effective", **more: Any) -> dict[str, Any]:
    """``sla`` of the story of three people: gates at 0, 40m and 80m, the end at 120m."""
    organisation = {**SMALL["organisation"], "sla": sla, "sla_clock": clock}
    world = World(scenario_from({**SMALL, "organisation": organisation, **more}))
    world.run()
    found: dict[str, Any] = summarize(world)["sla"]
    return found


def figures(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["n"], row["within"], row["breached"], row["undecided"]


def test_by_the_effective_clock_the_time_counts_from_the_day_itself() -> None:
    """bob, privileged, left at 30m and is through at 80m 0.1s: 50m 0.1s, broken both times. HR took 20m of it, the
    wait for the cycle 30m. cyd has been open for 20m at the end: undecided by 45m.
    """
    sla = promised(SLA)
    assert figures(sla["leaver"]) == (1, 0.0, 1, 1)
    assert figures(sla["privileged_leaver"]) == (1, 0.0, 1, 0)
    bob = {"person": "bob.b@contoso.example", "at": "2026-03-02T08:30:00Z", "duration_s": 3000.1, "longest_hop": "wait"}
    assert sla["leaver"]["worst"] == sla["privileged_leaver"]["worst"] == [bob]


def test_by_the_notified_clock_the_time_counts_from_when_hr_knew() -> None:
    """HR knew of bob at 50m: 30m 0.1s, which is within 45m and not within 30m. Of cyd it has not heard at the end."""
    sla = promised(SLA, "notified")
    assert figures(sla["leaver"]) == (1, 1.0, 0, 1)
    assert figures(sla["privileged_leaver"]) == (1, 0.0, 1, 0)
    assert sla["leaver"]["worst"][0]["duration_s"] == 1800.1
    assert sla["leaver"]["worst"][0]["longest_hop"] == "wait"


def test_who_knows_ahead_has_no_more_time_and_no_less() -> None:
    """HR knows of ann's leaving a day ahead and changes the directory on the day, at 30m: through at 40m 0.1s."""
    leave = {"at": "30m", "do": "leave", "person": "ann"}
    for clock in ("effective", "notified"):
        row = promised({"leaver": "10m"}, clock, timeline=[leave])["leaver"]
        assert (figures(row), row["worst"][0]["duration_s"]) == ((1, 0.0, 1, 0), 600.1)


@pytest.mark.parametrize(
    ("target", "told"), [("19m", (2, 0.5, 1, 0)), ("20m", (1, 1.0, 0, 1)), ("21m", (1, 1.0, 0, 1))]
)
def test_what_is_open_is_broken_once_it_is_older_than_the_target_and_undecided_before(target: str, told: Any) -> None:
    """Cyd's access has been open for exactly 20m when the run ends; ann's, from 30m on, is gone at 40m 0.1s."""
    timeline = [{"at": "30m", "do": "leave", "person": "ann"}, SMALL["timeline"][1]]
    assert figures(promised({"leaver": target}, timeline=timeline)["leaver"]) == told


@pytest.mark.parametrize(("target", "told"), [("29m", (1, 0.0, 1, 0)), ("30m", (0, None, None, 0))])
def test_what_is_overtaken_is_broken_if_its_time_was_over_and_else_not_judged(target: str, told: Any) -> None:
    """Bob leaves at 30m, HR is silent until 90m, and he comes back at 60m with his access still there: 30m open."""
    timeline = [
        {"at": "30m", "do": "leave", "person": "bob", "hr_lag": "1h"},
        {"at": "60m", "do": "rehire", "person": "bob"},
    ]
    assert figures(promised({"leaver": target}, timeline=timeline)["leaver"]) == told


def test_a_mover_is_one_case_and_the_slower_of_gain_and_loss_is_the_one_that_counts() -> None:
    """From 30m on ann is somebody else's; at 40m one part of it comes before the other."""
    move = {"at": "30m", "do": "move", "person": "ann", "department": "Operations"}
    organisation = {**SMALL["organisation"], "sla": {"mover": "601s"}}
    world = World(scenario_from({**SMALL, "organisation": organisation, "timeline": [move]}))
    world.run()
    summary = summarize(world)
    parts = [summary["latency"][kind]["durations_s"] for kind in ("mover_grant", "mover_revoke")]
    assert [len(part) for part in parts] == [1, 1]
    first, last = sorted(part[0] for part in parts)
    assert 600 < first < last < 601
    assert figures(summary["sla"]["mover"]) == (1, 1.0, 0, 0)
    assert [case["duration_s"] for case in summary["sla"]["mover"]["worst"]] == [last]
    between = f"{int((first + last) * 500)}ms"
    assert figures(promised({"mover": between}, timeline=[move])["mover"]) == (1, 0.0, 1, 0)


def test_ready_at_the_start_is_who_could_work_when_the_day_began() -> None:
    """Dot was announced ahead and is there; eve begins at 30m when HR tells the directory, and waits for 40m."""
    timeline = [
        {"at": "60m", "do": "join", "person": person("dot", "Engineering"), "hr_lag": "-30m"},
        {"at": "30m", "do": "join", "person": person("eve", "Engineering")},
    ]
    row = promised({"joiner": "at_start"}, timeline=timeline)["joiner"]
    assert figures(row) == (2, 0.5, 1, 0)
    assert row["ready_at_start"] == 0.5
    assert [case["person"] for case in row["worst"]] == ["eve.example@contoso.example"]
    within_an_hour = promised({"joiner": "1h"}, timeline=timeline)["joiner"]
    assert (within_an_hour["within"], within_an_hour["ready_at_start"]) == (1.0, 0.5)


def test_where_nothing_is_promised_all_is_null_and_of_nothing_there_is_no_share() -> None:
    sla = promised({"leaver": "1h"}, timeline=[])
    assert figures(sla["leaver"]) == (0, None, None, 0)
    assert sla["leaver"]["worst"] == []
    for name in ROWS[1:]:
        assert set(sla[name].values()) == {None}


def test_the_worst_five_are_those_that_took_longest_the_longest_first() -> None:
    people = [person(f"p{i}", "Engineering") for i in range(7)]
    leaves = [{"at": f"{i + 1}m", "do": "leave", "person": f"p{i}"} for i in range(7)]
    row = promised({"leaver": "1m"}, before={"people": people}, timeline=leaves)["leaver"]
    assert figures(row) == (7, 0.0, 7, 0)
    took = [case["duration_s"] for case in row["worst"]]
    assert took == sorted(took, reverse=True)
    assert [case["person"].split(".")[0] for case in row["worst"]] == ["p0", "p1", "p2", "p3", "p4"]


def test_a_run_can_fail_on_a_promise() -> None:
    scenario = scenario_from({**SMALL, "organisation": {**SMALL["organisation"], "sla": SLA}})
    condition = parse_condition("sla.leaver.within < 0.99")
    assert condition.figure(summary_of_nothing(scenario)) is None  # the key is there before anything has run
    world = World(scenario)
    world.run()
    assert condition.judge(summarize(world)).holds


@pytest.mark.parametrize(
    ("hops", "before", "name"),
    [
        ([0, 0, 0, 0, 0], 0, None), ([9, 5, 0, 0, 0], 0, "hr"),
        ([9, 5, 0, 0, 0], 5, "wait"), ([9, 5, 0, 0, 0], 4, "hr"),
        ([9, 5, 1, 0, 0], 14, "processing"), ([9, 5, 0, 0, 0], 14, None), ([0, 1, 1, 3, 2], 0, "retry"),
        ([0, 1, 1, 3, 4], 0, "ticket"),
    ],
)  # fmt: skip
def test_the_longest_hop_is_that_of_the_time_after_the_clock_began(hops: list[int], before: int, name: str) -> None:
    assert longest(hops, before) == name
