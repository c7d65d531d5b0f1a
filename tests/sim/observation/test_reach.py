"""Usable access and residual sessions: what must hold between them, and figures worked out by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import pytest

from sim.observation.summary import Summary, summarize
from sim.routine.routine import Routine
from sim.scenario import load, scenario_from
from sim.time import DAY, HOUR, MINUTE
from sim.world import World

COMPANY = ("workforce.size=500", "duration=60d", "workforce.hr_lag={uniform: [0m, 1d]}")
"""Where the directory learns of many events only hours later."""


def lived(*settings: str, until: int | None = None) -> tuple[World, Summary]:
    """A company's life and its summary."""
    world = World(load("plain", [*COMPANY, *settings]).scenario)
    world.run_until(world.end if until is None else until)
    return world, summarize(world)


def hours_by_cause(summary: Summary, figure: str) -> dict[str, Any]:
    """Person-hours of one figure by cause."""
    return {cause: row[figure] for cause, row in summary["orphaned_access"]["by_cause"].items()}


@pytest.mark.parametrize("usage", ["none", "working_hours", "on_call", "always"])
def test_nobody_can_use_more_than_is_orphaned_and_the_worst_case_lies_in_between(usage: str) -> None:
    _, summary = lived(f"target.sessions.usage={usage}")
    orphaned, usable = summary["orphaned_access"]["people"], summary["orphaned_access"]["usable"]
    assert 0 < usable["person_hours"] <= usable["person_hours_at_worst"] <= orphaned["person_hours"]
    assert usable["privileged_person_hours"] <= summary["orphaned_access"]["privileged"]["person_hours"]
    assert usable["peak"] <= orphaned["peak"]
    assert sum(hours_by_cause(summary, "usable_person_hours").values()) == pytest.approx(usable["person_hours"])
    rows = summary["latency"]
    assert rows["last_usable"]["mean_s"] <= rows["last_session_ended"]["mean_s"]
    assert rows["last_session_ended"]["mean_s"] <= rows["last_session_at_worst"]["mean_s"]


def test_with_endless_sessions_and_local_sign_in_all_that_is_orphaned_is_usable() -> None:
    _, summary = lived("target.sessions={usage: always, users: 1.0, portal: 90d}", "target.sign_in=local")
    orphaned = summary["orphaned_access"]
    assert orphaned["usable"]["person_hours"] == orphaned["people"]["person_hours"] > 0
    assert orphaned["usable"]["peak"] == orphaned["people"]["peak"]
    assert hours_by_cause(summary, "usable_person_hours") == hours_by_cause(summary, "person_hours")


def test_without_any_session_a_leaver_is_out_when_the_directory_says_so_and_a_mover_is_not() -> None:
    """HR disables at once: nothing is left to a leaver. A mover's sign-in stays open."""
    _, summary = lived("target.sessions.usage=none", "workforce.hr_lag=0m")
    by_cause, orphaned = hours_by_cause(summary, "usable_person_hours"), hours_by_cause(summary, "person_hours")
    assert orphaned["leaver"] > 0
    assert by_cause["leaver"] == by_cause["contractor_expiry"] == 0
    assert by_cause["mover"] == orphaned["mover"] > 0
    assert summary["latency"]["last_usable"]["max_s"] == 0
    assert summary["residual_sessions"] == {"now": 0, "peak": 0, "session_hours": 0}


def test_without_any_session_late_notice_is_usable_to_the_last_millisecond() -> None:
    """What waits for HR is usable, what waits for the cycle is not: of each leaver the hop ``hr``, exactly."""
    _, summary = lived("target.sessions.usage=none", "drain=3d")
    rows = summary["latency"]
    hr = sum(rows[kind]["hops"]["hr_s"] * rows[kind]["n"] for kind in ("leaver", "contractor_expiry"))
    assert (
        rows["sign_in_blocked"]["censored"] == rows["leaver"]["censored"] + rows["contractor_expiry"]["censored"] == 0
    )
    for name in ("sign_in_blocked", "last_usable", "last_session_ended"):
        assert rows[name]["mean_s"] * rows[name]["n"] == pytest.approx(hr, rel=1e-12)


def test_a_world_without_sessions_has_the_same_run_and_knows_nothing_of_doors() -> None:
    world, summary = lived()
    with_sessions, _ = lived("target.sessions={}")
    assert world.reach is None
    assert world.trace_sha256 == with_sessions.trace_sha256
    assert world.traffic_sha256 == with_sessions.traffic_sha256
    assert set(summary["orphaned_access"]["usable"].values()) == {None}


def test_the_short_way_tells_the_doors_what_the_long_way_tells_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ("workforce.hr_lag=0m", "target.sessions={usage: on_call, sign_ins: 3, roles: 9}")
    world, short = lived(*settings)
    assert world.routine.lives is not None
    assert world.routine.lives.open
    monkeypatch.setattr(Routine, "_usual", lambda self: False)
    assert lived(*settings)[1] == short
    assert short["residual_sessions"]["session_hours"] > 0


def test_asking_on_the_way_changes_no_figure() -> None:
    settings = (*COMPANY, "target.sessions={usage: on_call, sign_ins: 3, roles: 9}")
    asked, left_alone = (World(load("plain", settings).scenario) for _ in range(2))
    for at in range(0, 10 * DAY, 5 * HOUR + 1):
        asked.run_until(at)
        left_alone.run_until(at)
        assert asked.reach is not None
        summary = summarize(asked)
        usable, residual = asked.reach.now()
        assert usable == summary["orphaned_access"]["usable"]["now"]
        assert residual == summary["residual_sessions"]["now"]
    assert summarize(asked) == summarize(left_alone)


LEAVER: dict[str, Any] = {
    "scenario": "one-leaver",
    "title": "One leaver",
    "start": "2026-03-02T08:00:00Z",
    "duration": "10h",
    "start_state": "in_sync",
    "organisation": {
        "domain": "contoso.example",
        "departments": [{"name": "Engineering", "weight": 1}],
        "access": {
            "birthright": [{"department": "Engineering", "groups": ["GRP"]}],
            "catalogue": {"GRP": [{"permission_set": "Operator", "account": "prod", "privileged": True}]},
        },
    },
    "before": {"people": [{"id": "ann", "given_name": "Ann", "family_name": "Lee", "department": "Engineering"}]},
    "provisioning": {"interval": "40m", "phase": "0m"},
    "target": {"accounts": ["prod"], "permission_sets": [{"name": "Operator", "session": "2h"}], "sessions": {}},
}


def story(*timeline: dict[str, Any], **target: Any) -> Summary:
    """What became of Ann."""
    world = World(scenario_from({**LEAVER, "timeline": [*timeline], "target": {**LEAVER["target"], **target}}))
    world.run()
    return summarize(world)


def minutes(row: dict[str, Any]) -> list[float]:
    """Durations, in minutes without their milliseconds."""
    return [float(seconds // 60) for seconds in row["durations_s"]]


def test_a_leaver_with_an_open_portal_goes_on_until_the_cycle_and_with_a_role_until_it_expires() -> None:
    """Ann signs in at 60, starts a role for two hours at 90 and leaves at 125; the cycle of 160 disables her user.

    Sign-in is blocked at once. Her portal session can be used for 35 minutes, her role session lives until 210: 85
    minutes after she left, 50 after the grant ended. Had she started another role at 160, it would live until 280.
    """
    portal = {"at": "60m", "do": "sign_in", "person": "ann"}
    role = {"at": "90m", "do": "start_role", "person": "ann", "permission_set": "Operator", "account": "prod"}
    summary = story(portal, role, {"at": "125m", "do": "leave", "person": "ann"})
    rows = summary["latency"]
    assert minutes(rows["leaver"]) == [35]
    assert minutes(rows["sign_in_blocked"]) == [0]
    assert minutes(rows["last_usable"]) == [35]
    assert minutes(rows["last_session_ended"]) == [85]
    assert minutes(rows["last_session_at_worst"]) == [155]
    usable = summary["orphaned_access"]["usable"]
    assert usable["person_hours"] == usable["privileged_person_hours"]
    assert usable["person_hours"] == summary["orphaned_access"]["people"]["person_hours"]
    residual = summary["residual_sessions"]
    assert (residual["now"], residual["peak"]) == (0, 1)
    assert residual["session_hours"] == pytest.approx(50 / 60, abs=0.001)


def test_a_denial_ends_what_is_usable_and_what_is_residual() -> None:
    """The same, with an explicit Deny at 135: ten minutes after she left nothing is of any use."""
    portal = {"at": "60m", "do": "sign_in", "person": "ann"}
    role = {"at": "90m", "do": "start_role", "person": "ann", "permission_set": "Operator", "account": "prod"}
    deny = {"at": "135m", "do": "aws_deny", "user": "ann"}
    summary = story(portal, role, {"at": "125m", "do": "leave", "person": "ann"}, deny)
    rows = summary["latency"]
    assert rows["last_usable"]["durations_s"] == rows["last_session_ended"]["durations_s"] == [600]
    assert summary["orphaned_access"]["usable"]["person_hours"] == 10 / 60
    assert summary["residual_sessions"]["session_hours"] == 0


def test_the_older_rules_let_a_portal_session_start_roles_for_an_hour_more() -> None:
    """Her portal session outlives her user by an hour: 95 minutes after she left."""
    portal = {"at": "60m", "do": "sign_in", "person": "ann"}
    leave = {"at": "125m", "do": "leave", "person": "ann"}
    summary = story(portal, leave, sessions={"rules": "legacy"})
    assert minutes(summary["latency"]["last_usable"]) == [35]
    assert minutes(summary["latency"]["last_session_ended"]) == [95]
    assert summary["residual_sessions"]["session_hours"] == 1


MOVERS = (
    "workforce.size=1200",
    "duration=60d",
    "workforce.rates={joiners: 0, leavers: 0, movers: 5}",
    "workforce.contractors=0",
    "seed=6",
)
"""About a thousand moves, each of which takes somebody out of their only group."""
EXPONENTIAL = (0, 51, 105, 163, 223, 288, 357, 431, 511, 598, 693, 799, 916, 1050, 1204, 1386, 1609, 1897, 2303, 2996)
"""Quantiles of an exponential distribution with mean 1 in steps of 5 %, in thousandths, the last 5 % cut off."""
MEAN = 50 * MINUTE


def residual_by_move(*settings: str) -> tuple[dict[str, list[int]], int]:
    """Residual milliseconds of every move, by kind of session; and how many moves there were."""
    world = World(load("plain", [*MOVERS, *settings]).scenario)
    world.run()
    assert world.reach is not None
    moves = len(world.parts.ledger.events.latencies.done["mover_revoke"])
    sums: dict[str, dict[tuple[int, int], int]] = {"portal": {}, "role": {}}
    for row in world.reach.picture().residual:
        move = (row.person, row.since)
        sums[row.kind][move] = sums[row.kind].get(move, 0) + row.until - row.since
    return {kind: [*found.values(), *[0] * (moves - len(found))] for kind, found in sums.items()}, moves


def agrees(values: list[int], expected: Fraction) -> bool:
    """Whether a mean is the expected one, at alpha = 1e-4 (3.89 standard errors)."""
    n = len(values)
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return abs(mean - float(expected)) <= 3.89 * math.sqrt(variance / n)


def test_residual_portal_time_has_its_closed_form_for_exponential_lengths() -> None:
    """Sessions are opened at rate r and last X; a move at any time finds r E[(X - u)+] that live for u and longer.

    Each starts roles for at most G more, so the expected sum is r E[X^2 - ((X - G)+)^2] / 2, which for an exponential X
    of mean m is r m^2 (1 - exp(-G / m)); of the straight lines between quantiles it is worked out exactly.
    """
    ends = [Fraction(MEAN * part, 1000) for part in EXPONENTIAL]
    group_change, rate = Fraction(30 * MINUTE), Fraction(9, DAY)

    def square(low: Fraction, high: Fraction) -> Fraction:
        """The mean of a square between two values, where everything below 0 counts as 0."""
        if high <= 0:
            return Fraction(0)
        return (high**3 - max(low, Fraction(0)) ** 3) / (3 * (high - low))

    lines = list(itertools.pairwise(ends))
    parts = (square(a, b) - square(a - group_change, b - group_change) for a, b in lines)
    expected = rate * sum(parts, Fraction(0)) / len(lines) / 2
    lengths = ", ".join(f"{MEAN * part // 1000}ms" for part in EXPONENTIAL)
    sessions = (
        f"usage: on_call, users: 1.0, sign_ins: 9, roles: 0, group_change: 30m, sign_out: {{empirical: [{lengths}]}}"
    )
    found, moves = residual_by_move(f"target.sessions={{{sessions}}}")
    assert moves > 800
    assert agrees(found["portal"], expected)
    assert not any(found["role"])


def test_residual_role_time_has_its_closed_form_too() -> None:
    """Roles are started at rate r and last D, so a move finds r D of them, with D / 2 left on average. Of a portal
    session of length L, one of which is always open, min(G, what is left) is G - G^2 / 2L on average."""
    found, moves = residual_by_move("target.sessions={usage: always, users: 1.0, portal: 3h, roles: 24}")
    assert moves > 800
    assert agrees(found["role"], Fraction(24, DAY) * HOUR * HOUR / 2)
    assert agrees(found["portal"], Fraction(HOUR) - Fraction(HOUR * HOUR, 6 * HOUR))
