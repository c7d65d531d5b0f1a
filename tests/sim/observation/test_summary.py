"""The summary: every public key, figures that a second way confirms, and no effect on the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.expressions import ExpressionError
from sim.observation.journal import Journal, attach, open_journal
from sim.observation.summary import summarize, summary_text
from sim.observation.summary.events import BLIND, latency_row
from sim.observation.summary.results import agrees
from sim.scenario import Scenario, load, scenario_from
from sim.world import World
from tests.contract.stories import STORIES
from tests.sim.observation.long_story import LONG_STORY, person
from tests.sim.observation.recompute import recompute, trace_digest

AUDITED = {
    **LONG_STORY,
    "organisation": {**LONG_STORY["organisation"], "stale_after": "12h"},
    "before": {
        **LONG_STORY["before"],
        "people": [*LONG_STORY["before"]["people"], person("old", "Kitchen", disabled_at="-3d")],
        "target_users": [{"user_name": "old.one", "owner": "old", "given_name": "Old", "family_name": "One"}],
        "assignments": [
            {"user": "old.one", "permission_set": "Audit", "account": "prod"},
            {"user": "old.one", "permission_set": "ReadOnly", "account": "dev"},
        ],
    },
    "provisioning": {"interval": "3d", "phase": "0m"},  # so that those who leave keep what they had
    "timeline": [
        {"at": "1h", "do": "aws_audit"},
        {"at": "2h", "do": "aws_unassign", "user": "old.one", "permission_set": "Audit", "account": "prod"},
        {"at": "30h", "do": "aws_audit"},
        {"at": "31h", "do": "aws_clean_up"},
    ],
    "results": [
        {"label": "Protocol", "metric": "target.protocol", "reported": "SCIM 2.0"},
        {"label": "Stale", "metric": "stale.found", "reported": "> 2"},
        {"label": "Manual", "metric": "provisioning.manual_steps", "reported": 0},
        {"label": "Not measured", "metric": "stale.usable", "reported": 0},
    ],
}
SCENARIOS: dict[str, Scenario] = {
    "hello": load("hello").scenario,
    "long story": scenario_from(LONG_STORY),
    "large enough for percentiles": load(
        "plain", ["workforce.size=400", "duration=30d", "workforce.hr_lag={uniform: [0m, 8h]}"]
    ).scenario,
    "an initial cycle that is not through": load(
        "plain", ["workforce.size=400", "duration=90m", "provisioning.pace.initial=0.05", "start_state=empty"]
    ).scenario,
    "an audit and a clean-up": scenario_from(AUDITED),
    "by ticket": load("hello", ["provisioning.strategy=ticket", "duration=30d"]).scenario,
    "by ticket, with memberships, a queue and reviews": load(
        "plain",
        [
            "workforce.size=300",
            "duration=60d",
            "provisioning.strategy=ticket",
            "provisioning.ticket={gives: memberships, ends: delete, operators: {number: 2}, review: {every: 20d}}",
        ],
    ).scenario,
    "by push": load("hello", ["provisioning.strategy=event"]).scenario,
    "tickets, then a job": scenario_from(
        {
            **load("hello").scenario.model_dump(mode="json", exclude_none=True),
            "duration": "20d",
            "phases": [{"name": "tickets", "until": "10d", "strategy": "ticket"}, {"name": "pipeline"}],
        }
    ),
    "with sessions": load(
        "plain",
        [
            "workforce.size=400",
            "duration=30d",
            "workforce.hr_lag={uniform: [0m, 8h]}",
            "target.sessions={usage: on_call, sign_ins: 4, roles: 12}",
        ],
    ).scenario,
    "sessions under the older rules, and an audit": scenario_from(
        {**AUDITED, "target": {"sign_in": "local", "sessions": {"rules": "legacy"}}}
    ),
    "sessions in phases": scenario_from(
        {
            **load("plain", ["workforce.size=300", "duration=20d"]).scenario.model_dump(mode="json", exclude_none=True),
            "phases": [{"name": "first", "until": "10d"}, {"name": "second"}],
            "target": {
                **load("plain").scenario.model_dump(mode="json", exclude_none=True)["target"],
                "sessions": {"usage": "always", "portal": "30d"},
            },
        }
    ),
    **{
        f"promises by the {clock} clock": load(
            "plain",
            [
                "workforce.size=400",
                "duration=60d",
                "workforce.profile=corporate",
                "organisation.sla={leaver: 3h, privileged_leaver: 30m, mover: 2h, joiner: at_start, rehire: 4h}",
                f"organisation.sla_clock={clock}",
                "organisation.sla.contractor_expiry=1h",
            ],
        ).scenario
        for clock in ("effective", "notified")
    },
    "nobody audits": scenario_from({**AUDITED, "timeline": [], "results": []}),
    "nothing happens": load("plain", ["workforce.size=1", "duration=1h", "workforce.rates={joiners: 0}"]).scenario,
    **{name: scenario_from(values) for name, values in STORIES.items()},
}
HOUR = 3_600_000

KEYS = """
schema simulated scenario seed transport version from to duration_s wall_s finding population events superseded
nothing_to_remove no_change provisioning target latency orphaned_access missing_access suspended_access
residual_sessions sla divergence stale toxic requested_access assumptions phases results trace_sha256 traffic_sha256
"""
INNER = {
    "population": "employees contractors peak",
    "events": """
        joiner mover leaver contractor_expiry rehire absence return contract_extension contract_restored
        conversion name_change manager_change no_show validated
    """,
    "provisioning": """
        strategy interval_s cycles initial_cycle requests errors retries quarantined_s manual_steps
        users_created users_updated users_disabled users_deleted groups_created membership_changes
        given_up notifications failures skipped tickets
    """,
    "provisioning.initial_cycle": "duration_s users_created users_matched groups_created memberships_added errors",
    "target": """
        protocol users active_users groups permission_sets permission_sets_created accounts assignments
        leftover_assignments created_by_scim long_lived_credentials identity_source faults scim_token_expires
    """,
    "latency": """
        all joiner mover_grant mover_revoke mover_overlap mover_gap leaver contractor_expiry
        sign_in_blocked last_usable last_session_ended last_session_at_worst rehire absence return contract_restored
    """,
    "latency.leaver": "n censored mean_s p50_s p95_s p99_s max_s hops durations_s",
    "latency.leaver.hops": "hr_s wait_s processing_s retry_s ticket_s",
    "latency.sign_in_blocked": "n censored mean_s p50_s p95_s p99_s max_s hops",
    "orphaned_access": """
        people grants usable privileged rate by_cause by_waiting_for by_account by_permission_set open
    """,
    "orphaned_access.people": "now peak mean person_hours",
    "orphaned_access.grants": "now peak mean grant_hours",
    "orphaned_access.usable": """
        now peak mean person_hours person_hours_at_worst privileged_now privileged_person_hours
    """,
    "orphaned_access.privileged": "now person_hours",
    "orphaned_access.by_cause": """
        leaver contractor_expiry mover rehire early absence unmanaged drift misconfiguration access_expiry
    """,
    "orphaned_access.by_cause.leaver": "now people person_hours grant_hours usable_person_hours",
    "orphaned_access.by_waiting_for": "hr cycle processing retry quarantine ticket nobody",
    "missing_access": "now peak mean people_waiting person_hours",
    "suspended_access": "now",
    "residual_sessions": "now peak session_hours",
    "sla": "clock targets leaver mover joiner privileged_leaver contractor_expiry rehire",
    "sla.leaver": "n within breached undecided worst",
    "sla.joiner": "n within breached undecided ready_at_start worst",
    "divergence": "now unmanaged max_after_cycle mean_before_cycle mean_after_cycle by_kind",
    "stale": "found removed usable threshold_d",
    "toxic": "now peak mean people person_hours retained_person_hours pairs open",
    "requested_access": "given extended ended forgotten now",
}


def recorded(world: World, folder: Path, until: int) -> dict[str, Any]:
    """Run a world to a time with a journal; its summary."""
    recorder = attach(world, Journal(folder))
    world.run_until(until)
    summary = summarize(world, wall_s=1.0)
    recorder.finish()
    return summary


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_whole_summary_can_be_recomputed_from_the_journal_by_sql(name: str, tmp_path: Path) -> None:
    world = World(SCENARIOS[name])
    summary = recorded(world, tmp_path, world.end)
    assert summary.pop("wall_s") == 1.0
    with closing(open_journal(tmp_path)) as journal:
        assert recompute(journal) == summary
        assert trace_digest(journal) == world.trace_sha256


@pytest.mark.parametrize("share", range(1, 13))
def test_so_can_the_summary_of_a_run_that_ends_in_the_middle_of_anything(share: int, tmp_path: Path) -> None:
    world = World(SCENARIOS["long story"])
    summary = recorded(world, tmp_path, world.end * share // 13 + 1)
    del summary["wall_s"]
    with closing(open_journal(tmp_path)) as journal:
        assert recompute(journal) == summary


def test_asking_for_the_summary_changes_nothing() -> None:
    asked, left_alone = World(SCENARIOS["long story"]), World(SCENARIOS["long story"])
    for at in range(0, asked.end, HOUR // 4 + 1):
        asked.run_until(at)
        assert summarize(asked) == summarize(asked)
    asked.run()
    left_alone.run()
    assert summarize(asked) == summarize(left_alone)


def test_results_are_held_against_what_was_reported() -> None:
    world = World(SCENARIOS["an audit and a clean-up"])
    world.run()
    summary = summarize(world)
    assert summary["stale"]["found"] > summary["stale"]["removed"] > 2
    assert [(row["measured"], row["agrees"]) for row in summary["results"]] == [
        ("SCIM 2.0", True),
        (summary["stale"]["found"], True),
        (1, False),
        (None, False),
    ]


@pytest.mark.parametrize(
    ("reported", "measured", "agrees_"),
    [
        (17, 17, True), (17, 18, False), (17, None, False), (0, None, False), (0, False, False), (1.5, 1.5, True),
        ("< 2400", 2399.9, True), ("< 2400", 2400, False), ("<= 2400", 2400, True), ("> 1", 2, True),
        (">= 3", 2, False), ("== 3", 3, True), ("< 3", None, False), ("< 3", "2", False),
        ("SCIM 2.0", "SCIM 2.0", True), ("SCIM 1.1", "SCIM 2.0", False),
    ],
)  # fmt: skip
def test_a_result_agrees_when_it_is_the_value_or_satisfies_the_comparison(
    reported: int | float | str, measured: Any, agrees_: bool
) -> None:
    assert agrees(reported, measured) is agrees_


def test_a_result_without_a_figure_is_refused_in_one_sentence() -> None:
    wrong = {"label": "X", "metric": "stale.fond", "reported": 1}
    world = World(scenario_from({**AUDITED, "results": [wrong]}))
    with pytest.raises(ExpressionError, match=r"^results: stale\.fond: the summary has no key stale\.fond; "):
        summarize(world)


def test_every_public_key_is_there_in_its_order() -> None:
    world = World(SCENARIOS["from nothing"])
    world.run()
    summary = summarize(world)
    assert list(summary) == KEYS.split()
    for path, names in INNER.items():
        value = summary
        for name in path.split("."):
            value = value[name]
        assert list(value) == names.split(), path


def test_a_summary_can_be_had_of_a_world_that_has_not_run() -> None:
    summary = summarize(World(SCENARIOS["hello"]))
    assert summary["from"] == summary["to"] == "2026-03-02T08:00:00Z"
    assert summary["population"] == {"employees": 16, "contractors": 4, "peak": 20}
    assert summary["orphaned_access"]["people"] == {"now": 0, "peak": 0, "mean": None, "person_hours": 0.0}
    assert summary["divergence"]["mean_before_cycle"] is None
    assert summary["divergence"]["max_after_cycle"] is None


def test_what_there_was_nothing_of_is_null_and_never_zero() -> None:
    world = World(SCENARIOS["nothing happens"])
    world.run()
    latency = summarize(world)["latency"]
    for kind in ("all", "joiner", "leaver", "mover_overlap"):
        row = latency[kind]
        assert (row["n"], row["censored"], row["durations_s"]) == (0, 0, [])
        assert set(figures(row)) == {None}


def test_what_this_version_or_a_world_without_sessions_cannot_measure_is_null() -> None:
    world = World(SCENARIOS["hello"])
    world.run()
    summary = summarize(world)
    for block in (
        summary["sla"],
        summary["residual_sessions"],
        summary["orphaned_access"]["usable"],
        *(summary["latency"][kind] for kind in BLIND),
    ):
        assert set(leaves(block)) == {None}
    assert summary["stale"]["usable"] is None


def leaves(value: Any) -> Iterator[Any]:
    """Every value below a value."""
    if isinstance(value, dict):
        for below in value.values():
            yield from leaves(below)
    else:
        yield value


def figures(row: dict[str, Any]) -> list[Any]:
    """Mean, percentiles, maximum and hops of a latency row."""
    return [row[name] for name in ("mean_s", "p50_s", "p95_s", "p99_s", "max_s")] + list(row["hops"].values())


def test_the_text_of_a_summary_is_json_that_reads_back_as_the_same_summary() -> None:
    world = World(SCENARIOS["long story"])
    world.run()
    summary = summarize(world, wall_s=0.123456)
    text = summary_text(summary)
    assert json.loads(text) == summary
    assert list(json.loads(text)) == KEYS.split()
    assert summary["wall_s"] == 0.123
    assert text.endswith("}\n")


# --- latency rows ----------------------------------------------------------------------------------------


def ms(*values: int) -> NDArray[np.int64]:
    """Finished latencies."""
    return np.array(values, np.int64)


def test_few_latencies_are_listed_and_have_no_percentiles() -> None:
    row = latency_row(ms(*range(1000, 20_000, 1000)), [0] * 5, [])
    assert row["n"] == 19
    assert row["p50_s"] is row["p95_s"] is row["p99_s"] is None
    assert row["durations_s"] == [float(value) for value in range(1, 20)]
    assert row["max_s"] == 19.0


def test_from_twenty_latencies_on_there_are_percentiles_and_no_list() -> None:
    row = latency_row(ms(*range(20_000, 0, -1000)), [0] * 5, [])
    assert (row["p50_s"], row["p95_s"], row["p99_s"], row["max_s"]) == (10.0, 19.0, 20.0, 20.0)
    assert "durations_s" not in row


def test_means_are_over_what_is_finished_and_biased_when_more_than_one_in_a_hundred_is_not() -> None:
    finished = ms(*[2000] * 99)
    row = latency_row(finished, [99_000, 99_000, 0, 0, 0], [5000])
    assert (row["mean_s"], row["hops"]["hr_s"], row["hops"]["wait_s"]) == (2.0, 1.0, 1.0)
    assert (row["n"], row["censored"], row["censored_s"]) == (99, 1, [5.0])
    assert "biased" not in row
    row = latency_row(finished, [99_000, 99_000, 0, 0, 0], [5000, 7000])
    assert row["censored_s"] == [7.0, 5.0]
    assert row["biased"] is True


# --- a story worked out by hand --------------------------------------------------------------------------

SMALL: dict[str, Any] = {
    "scenario": "small",
    "title": "Three people, worked out by hand",
    "start": "2026-03-02T08:00:00Z",
    "duration": "2h",
    "start_state": "in_sync",
    "organisation": {
        "access": {
            "birthright": [
                {"department": "Engineering", "groups": ["Engineers"]},
                {"department": "Operations", "groups": ["Operators"]},
            ],
            "catalogue": {
                "Engineers": [{"permission_set": "ReadOnly", "account": "dev"}],
                "Operators": [
                    {"permission_set": "ReadOnly", "account": "prod"},
                    {"permission_set": "Administrator", "account": "prod", "privileged": True},
                ],
            },
        }
    },
    "before": {
        "people": [
            {"id": "ann", "given_name": "Ann", "family_name": "A", "department": "Engineering"},
            {"id": "bob", "given_name": "Bob", "family_name": "B", "department": "Operations"},
            {
                "id": "cyd",
                "given_name": "Cyd",
                "family_name": "C",
                "department": "Engineering",
                "employment": "contractor",
            },
        ]
    },
    "provisioning": {"interval": "40m", "phase": "0m", "pace": {"incremental": 10}},
    "target": {"request_time": "100ms"},
    "timeline": [
        {"at": "30m", "do": "leave", "person": "bob", "hr_lag": "20m"},
        {"at": "100m", "do": "leave", "person": "cyd", "hr_lag": "1h"},
    ],
}


def test_the_figures_of_three_people_are_those_worked_out_by_hand() -> None:
    """Gates at 0, 40m and 80m; the run ends at 120m, before that gate's cycle.

    bob leaves at 30m, HR tells the directory at 50m, the cycle at 80m reads his user (80m) and disables it 0.1 s
    later: 50 m 0.1 s = 20 m HR + 30 m wait + 0.1 s processing. He held two grants, one of them privileged.
    cyd leaves at 100m; HR will not tell before 160m, so one grant is open and has been for 20 m, waiting for HR.
    Orphaned people: 50 m 0.1 s + 20 m = 4,200,100 ms. Grants: 2 x 3,000,100 + 1,200,000 = 7,200,200 ms.
    Active users: 3 until 80m 0.1 s, 2 after it: 3 x 4,800,100 + 2 x 2,399,900 = 19,200,100 ms.
    """
    world = World(scenario_from(SMALL))
    world.run()
    summary = summarize(world)
    assert summary["population"] == {"employees": 1, "contractors": 0, "peak": 3}
    assert summary["events"] | {"leaver": 0, "validated": 0} == dict.fromkeys(summary["events"], 0)
    assert (summary["events"]["leaver"], summary["events"]["validated"]) == (2, 1)
    leaver = summary["latency"]["leaver"]
    assert (leaver["n"], leaver["censored"], leaver["mean_s"], leaver["max_s"]) == (1, 1, 3000.1, 3000.1)
    assert leaver["hops"] == {"hr_s": 1200.0, "wait_s": 1800.0, "processing_s": 0.1, "retry_s": 0.0, "ticket_s": 0.0}
    assert (leaver["durations_s"], leaver["censored_s"], leaver["biased"]) == ([3000.1], [1200.0], True)
    orphaned = summary["orphaned_access"]
    hours, all_of_it = 4_200_100 / HOUR, 7_200_000
    assert orphaned["people"] == {"now": 1, "peak": 1, "mean": 4_200_100 / all_of_it, "person_hours": hours}
    assert orphaned["grants"] == {
        "now": 1,
        "peak": 2,
        "mean": 7_200_200 / all_of_it,
        "grant_hours": 7_200_200 / HOUR,
    }
    assert orphaned["privileged"] == {"now": 0, "person_hours": 3_000_100 / HOUR}
    assert orphaned["rate"] == 4_200_100 / 19_200_100
    assert orphaned["by_cause"]["leaver"] == {
        "now": 1,
        "people": 2,
        "person_hours": hours,
        "grant_hours": 7_200_200 / HOUR,
    }
    assert orphaned["by_waiting_for"] == {
        "hr": 2_400_000 / HOUR,
        "cycle": 1_800_000 / HOUR,
        "processing": 100 / HOUR,
        "retry": 0.0,
        "quarantine": 0.0,
        "ticket": 0.0,
        "nobody": 0.0,
    }
    assert orphaned["by_account"] == [
        {"account": "prod", "now": 0, "grant_hours": 6_000_200 / HOUR},
        {"account": "dev", "now": 1, "grant_hours": 1_200_000 / HOUR},
    ]
    assert orphaned["by_permission_set"] == [
        {"permission_set": "ReadOnly", "now": 1, "grant_hours": 4_200_100 / HOUR},
        {"permission_set": "Administrator", "now": 0, "grant_hours": 3_000_100 / HOUR},
    ]
    assert orphaned["open"] == [
        {
            "principal": "cyd.c@contoso.example",
            "account": "dev",
            "permission_set": "ReadOnly",
            "since": "2026-03-02T09:40:00Z",
            "cause": "leaver",
            "waiting_for": "hr",
            "usable": None,
            "privileged": False,
        }
    ]
    assert summary["suspended_access"] == {"now": 1}
    assert summary["provisioning"]["cycles"] == 3
    assert summary["provisioning"]["requests"] == 2
    assert summary["provisioning"]["users_disabled"] == 1
    assert summary["target"]["users"] == summary["target"]["created_by_scim"] == 3
    assert summary["target"]["active_users"] == 2
    divergence = summary["divergence"]
    assert (divergence["now"], divergence["max_after_cycle"], divergence["mean_before_cycle"]) == (0, 0, 1 / 3)
