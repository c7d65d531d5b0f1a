"""Nobody is lost and nobody is made up: users of the target are conserved from cycle to cycle.

Active users at the start + created + enabled again - disabled - deleted while active = active users now. The left side
is counted from the trace, line by line; the right side is the provider's own figure, and what one finds by looking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.provisioning.driver import CycleRow
from sim.scenario import Scenario
from sim.scenario.phases import PhaseSpec
from sim.scenario.ticketing import Strategy, Ticketing
from tests.semantics.random_stories import refusals, stories
from tests.semantics.story import Answers, begin, listen


def users_of(lines: Iterable[str], active: dict[str, bool]) -> dict[str, int]:
    """Counts what the trace says happened to users; ``active`` is kept up to date."""
    counts = dict.fromkeys(("created", "created inactive", "enabled", "disabled", "deleted", "deleted active"), 0)
    for line in lines:
        _, _, service, verb, key, fields = line.rstrip("\n").split("\t")
        if service != "scim":
            continue
        if verb == "user.create":
            active[key] = bool(json.loads(fields)["active"])
            counts["created" if active[key] else "created inactive"] += 1
        elif verb == "user.update" and "active" in json.loads(fields):
            now = bool(json.loads(fields)["active"])
            counts["enabled" if now else "disabled"] += now != active[key]
            active[key] = now
        elif verb == "user.delete":
            counts["deleted active" if active.pop(key) else "deleted"] += 1
    return counts


@settings(max_examples=150)
@given(stories(), refusals())
def test_active_users_are_conserved_at_every_cycle(scenario: Scenario, answers: Answers | None) -> None:
    seen = begin(scenario, answers)
    world = seen.world
    provider = world.services.provider
    lines = listen(world.services.trace)
    active = {provider.user_id(row): provider.is_active(row) for row in provider.user_rows()}
    at_start, sums = sum(active.values()), dict.fromkeys(users_of((), {}), 0)

    def at_the_end_of(row: CycleRow) -> None:
        world.services.trace.flush()
        for name, count in users_of(lines, active).items():
            sums[name] += count
        lines.clear()
        came, went = sums["created"] + sums["enabled"], sums["disabled"] + sums["deleted active"]
        assert at_start + came - went == provider.active_count
        assert provider.active_count == sum(provider.is_active(row) for row in range(provider.users_made))
        assert provider.users_count == len(active) == sum(1 for _ in provider.user_rows())

    world.cycle_sink = at_the_end_of
    world.run()


TICKETS = st.sampled_from(
    [
        Ticketing(),
        Ticketing.model_validate({"ends": "disable", "delay": "7m", "gives": "memberships"}),
        Ticketing.model_validate({"ends": "delete", "delay": {"uniform": ["1m", "2h"]}, "user_names": "mail_nickname"}),
    ]
)
CARRIERS: list[tuple[Strategy, ...]] = [
    ("event",), ("none",), ("ticket",), ("ticket", "cycle"), ("cycle", "ticket"), ("none", "event"),
]  # fmt: skip


@settings(max_examples=200)
@given(stories(), TICKETS, st.sampled_from(CARRIERS))
def test_active_users_are_conserved_whoever_carries_changes(
    scenario: Scenario, ticket: Ticketing, carriers: tuple[Strategy, ...]
) -> None:
    """By push, by ticket, by nobody, and by one after the other: at every moment, since there need be no cycle."""
    provisioning = scenario.provisioning.model_copy(update={"strategy": carriers[0], "ticket": ticket})
    phases = [PhaseSpec.model_validate({"name": "first", "until": "100m", "strategy": carriers[0]})]
    phases += [PhaseSpec(name="then", strategy=each) for each in carriers[1:]]
    told = {"provisioning": provisioning, "phases": tuple(phases) if len(phases) > 1 else ()}
    world = begin(scenario.model_copy(update=told)).world
    provider = world.services.provider
    lines = listen(world.services.trace)
    active = {provider.user_id(row): provider.is_active(row) for row in provider.user_rows()}
    balance = sum(active.values())
    for moment in (*range(0, int(world.end), 11 * 60_000), int(world.end)):
        world.run_until(moment)
        world.services.trace.flush()
        happened = users_of(lines, active)
        lines.clear()
        balance += happened["created"] + happened["enabled"] - happened["disabled"] - happened["deleted active"]
        assert balance == provider.active_count == sum(active.values())
        assert provider.users_count == len(active)


@settings(max_examples=150)
@given(stories(), refusals())
def test_what_the_job_says_it_did_is_what_the_trace_says_happened(scenario: Scenario, answers: Answers | None) -> None:
    """Where no hand in the console did anything about users: users created, disabled, deleted, groups created, and
    memberships that began, for the job never adds somebody who is a member without a reason to."""
    by_hand = ("aws_disable_user", "aws_enable_user", "aws_delete_user", "aws_create_user")
    timeline = tuple(action for action in scenario.timeline if action.do not in by_hand)
    seen = begin(scenario.model_copy(update={"timeline": timeline}), answers)
    lines = listen(seen.world.services.trace)
    provider = seen.world.services.provider
    active = {provider.user_id(row): provider.is_active(row) for row in provider.user_rows()}
    seen.world.run()
    seen.world.services.trace.flush()
    counts, tally = users_of(lines, active), seen.world.driver.sums.tally
    assert counts["created"] == tally.users_created
    assert counts["disabled"] == tally.users_disabled
    assert counts["deleted"] + counts["deleted active"] == tally.users_deleted
    created_groups = sum(line.split("\t")[2:4] == ["scim", "group.create"] for line in lines)
    assert created_groups == tally.groups_created


@settings(max_examples=100)
@given(stories(), refusals())
def test_a_story_told_twice_is_the_same_story(scenario: Scenario, answers: Answers | None) -> None:
    one, other = begin(scenario, answers), begin(scenario, answers)
    one.world.run()
    for moment in range(0, int(other.world.end), 7 * 60_000):
        other.world.run_until(moment)
    other.world.run()
    assert one.world.trace_sha256 == other.world.trace_sha256
    assert one.world.traffic_sha256 == other.world.traffic_sha256
    assert (one.latencies, one.pieces, one.orphans) == (other.latencies, other.pieces, other.orphans)
