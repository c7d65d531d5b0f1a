"""What a restart resets, scope by scope; the next cycle is at its gate, 80m = 4,800,000 where it happens at 50m.

https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjobrestartcriteria
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.ports import Answer, Request
from sim.scenario import scenario_from
from sim.world import World
from tests.semantics.story import HOUR, MINUTE, Answers, Seen, act, begin, run, told, what

DEPARTMENTS = [{"name": name} for name in ("Engineering", "Operations", "Security")]


def restarted(*scopes: str, timeline: tuple[dict[str, Any], ...] = (), answers: Answers | None = None) -> Seen:
    return run(told(*timeline, act("50m", "restart_job", scopes=list(scopes))), answers)


def conflicts(request: Request, now: int) -> Answer | None:
    """Until 60m nobody can be changed."""
    return Answer(409) if what(request) == "PATCH Users" and now < HOUR else None


def test_a_watermark_makes_the_next_cycle_an_initial_one_that_keeps_the_links() -> None:
    """Three users, three groups and their four memberships; nobody is looked up by name."""
    seen = restarted("Watermark")
    initial = seen.world.driver.sums.initial
    assert initial is not None
    assert (initial.start, initial.tally.users_matched, initial.tally.users_created) == (4_800_000, 0, 0)
    assert [asked for _, asked in seen.requests] == ["GET Users"] * 3 + ["GET Groups"] * 3 + ["PATCH Groups"] * 4


@pytest.mark.parametrize("scopes", [("Full",), ("ConnectorDataStore", "Watermark")])
def test_links_that_are_broken_are_found_again_by_name(scopes: tuple[str, ...]) -> None:
    """Find for every user and group: all are there, nothing is created twice."""
    seen = restarted(*scopes)
    tally = seen.world.driver.sums.tally
    assert (tally.users_matched, tally.users_created, tally.groups_created) == (3, 0, 0)
    state = seen.world.parts.state
    assert (state.users.total, state.groups.total) == (3, 3)
    assert seen.by_kind() == {}


def test_a_leaver_whose_link_was_broken_is_nobodys_business_any_more() -> None:
    """Ann leaves at 45m; the restart at 50m forgets which user is hers before the cycle at 80m: a disabled account is
    not looked up, so nobody disables hers."""
    seen = restarted("Full", timeline=(act("45m", "leave", "ann"),))
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert seen.pieces[-1].waiting == "nobody"


def test_links_alone_are_broken_without_a_full_read() -> None:
    """The next cycle is an incremental one; Ann, who is renamed at 60m, is looked up by name, and nobody else."""
    seen = restarted("ConnectorDataStore", timeline=(act("60m", "rename", "ann", display_name="Ann Other"),))
    assert seen.world.driver.sums.initial is None
    assert seen.requests == [(4_800_000, "GET Users"), (4_800_100, "PATCH Users")]
    assert seen.world.driver.sums.tally.users_matched == 1


def test_escrows_alone_are_forgotten_and_not_tried_again() -> None:
    seen = restarted("Escrows", timeline=(act("10m", "leave", "ann"),), answers=conflicts)
    assert seen.world.driver.sums.tally.errors == 1
    assert seen.world.driver.sums.tally.retries == 0
    assert seen.held("ann") == ["ReadOnly@dev"]


def test_a_full_read_tries_what_failed_whatever_the_ladder_says() -> None:
    """Ann's disabling fails at 40m and would be due at 6h40m; the initial cycle at 80m reads her and tries."""
    seen = restarted("Watermark", timeline=(act("10m", "leave", "ann"),), answers=conflicts)
    assert seen.held("ann") == []
    assert seen.world.driver.sums.tally.retries == 1


def test_a_change_in_the_source_ends_the_wait_for_the_ladder() -> None:
    """Ann's disabling fails at 40m. At 70m her account is renamed: the cycle at 80m sends both."""
    seen = run(told(act("10m", "leave", "ann"), act("70m", "rename", "ann", display_name="A. E.")), conflicts)
    assert seen.held("ann") == []
    assert seen.latencies[0].end == 4_800_100


def test_on_demand_ends_the_wait_for_the_ladder() -> None:
    """Bob's new name fails at 40m; on demand at 70m it comes through, and nothing is left to be tried."""
    timeline = (act("10m", "rename", "bob", display_name="B. E."), act("70m", "provision_on_demand", "bob"))
    seen = run(told(*timeline), conflicts)
    assert seen.requests[-1] == (4_200_000, "PATCH Users")
    assert seen.world.parts.state.escrows == {}


def test_what_fails_persistently_is_tried_on_the_ladder() -> None:
    """Failed at 2,400,100; due 6h later, at 24,000,100, which is after the gate of 400m = 24,000,000: tried at that of
    440m = 26,400,000. Again refused: due 12h after the first failure, at 45,600,100, tried at 800m = 48,000,000."""
    seen = run(
        told(act("10m", "leave", "ann"), duration="15h"),
        lambda request, now: Answer(409) if what(request) == "PATCH Users" and now < 10 * HOUR else None,
    )
    assert [at for at, asked in seen.requests if asked == "PATCH Users"] == [2_400_100, 26_400_100, 48_000_100]
    rows = [row for row in seen.world.log.rows if row.status == "failure"]
    assert [(row.tries, row.retry_at) for row in rows] == [(1, 24_000_100), (2, 45_600_100)]


def test_what_is_given_up_waits_for_nobody() -> None:
    """``give_up: 100m``: failed at 40m, tried at 80m (due) and 120m; the failure at 160m is 120m after the first."""
    values = told(act("10m", "leave", "ann"))
    values["provisioning"]["retries"] = {"give_up": "100m"}
    seen = run(values, lambda request, now: Answer(500) if what(request) == "PATCH Users" else None)
    tally = seen.world.driver.sums.tally
    assert (tally.errors, tally.given_up) == (4, 1)
    last = [row for row in seen.world.log.rows if row.status == "failure"][-1]
    assert (last.at, last.tries, last.retry_at) == (9_600_100, 4, None)
    assert (seen.pieces[-1].waiting, seen.pieces[-1].since) == ("nobody", 9_600_100)
    assert seen.requests[-1] == (9_600_100, "PATCH Users")


def test_a_cycle_that_runs_over_its_gate_is_followed_at_once_or_at_the_next_gate() -> None:
    """An initial cycle of ten objects at one every five minutes ends at 45m and 100 ms: the gate at 40m has passed.
    Dan's account is read then, or at 80m."""
    begun: dict[str, int] = {}
    for overrun in ("at_once", "next_gate"):
        values = told(act("42m", "rename", "ann", display_name="A. E."), start_state="empty")
        values["provisioning"].update(overrun=overrun, pace={"initial": 1 / 300, "incremental": 10})
        seen = begin(values)
        seen.world.run()
        begun[overrun] = seen.divergence[1][0]
    assert begun["next_gate"] == 80 * MINUTE
    assert 40 * MINUTE < begun["at_once"] < 46 * MINUTE


def test_breaking_the_links_of_a_whole_population_costs_no_enumeration() -> None:
    """Linked by arithmetic: a flag is set, whatever their number; nobody of the generated people becomes an entry."""
    values: dict[str, Any] = {
        **told(before={}, duration="1h"),
        "workforce": {"size": 50_000, "rates": {"joiners": 0, "leavers": 0, "movers": 0}},
        "organisation": {**told()["organisation"], "departments": DEPARTMENTS},
    }
    world = World(scenario_from(values))
    links = world.parts.state.users
    first = world.services.directory.user_id(0)
    assert links.total == 50_000
    assert links.get(first) is not None
    told_of: list[tuple[str, str]] = []
    links.listener = lambda source, target: told_of.append((source, target))
    world.driver.restart(frozenset({"ConnectorDataStore"}))
    assert links.get(first) is None
    assert (links.total, len(told_of)) == (0, 1)
