"""What holds for every company of generated people, whatever happens to them: all kinds of event are switched on.

None of the figures is worked out by hand: they are compared with one another, and with what the cores say.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from sim.observation.events import EventRow
from sim.observation.journal.reader import open_journal
from sim.observation.journal.recorder import attach
from sim.observation.journal.writer import Journal
from sim.observation.person import PRESENT
from sim.observation.summary import summarize
from sim.provisioning.driver import CycleRow
from sim.workforce.plan import EventKind
from sim.workforce.schedule import Schedule
from tests.semantics.hand_made import COMBINATIONS, schedule_of
from tests.semantics.random_lives import Lives, lives
from tests.semantics.random_stories import refusals
from tests.semantics.story import HOUR, MINUTE, Answers, Seen, listen
from tests.semantics.test_conservation import users_of
from tests.sim.observation.recompute import recompute

MOMENTS = (*range(0, 4 * HOUR, 19 * MINUTE), 4 * HOUR)
GONE = ("leaver", "contractor_expiry")
NOTHING: frozenset[int] = frozenset()


def events_of(seen: Seen) -> list[EventRow]:
    """Every event of a world, as it is told when it becomes true."""
    told: list[EventRow] = []
    seen.world.parts.ledger.events.sink = told.append
    seen.world.run()
    return told


def latency(seen: Seen, kind: str, who: int | None = None) -> list[int]:
    """Latencies of a kind in ms, and the ages of those that are open; ``who``: one person's."""
    rows = [*seen.latency_rows, *seen.world.parts.ledger.open_latencies()]
    return [row[5] for row in rows if row[0] == kind and who in {None, row[2]}]


@settings(max_examples=150)
@given(lives(comebacks=False), refusals())
def test_person_hours_of_the_gone_are_the_sum_of_their_latencies(company: Lives, answers: Answers | None) -> None:
    """By Little's law, to the millisecond, the ages of what is open included, while nobody comes back."""
    company.answers = answers
    seen = company.begin()
    seen.world.run()
    for cause in GONE:
        assert seen.person_ms.get(cause, 0) == sum(latency(seen, cause))


@settings(max_examples=150)
@given(lives())
def test_so_they_are_for_everybody_whom_no_return_has_overtaken(company: Lives) -> None:
    seen = company.begin()
    told: dict[int, EventRow] = {}
    overtaken: set[int] = set()
    seen.world.parts.ledger.events.sink = lambda row: told.__setitem__(row[0], row)
    outcomes = seen.world.parts.ledger.events.latencies
    outcomes.outcome_sink = lambda row: overtaken.add(told[row[0]][2]) if row[1] != "nothing_to_remove" else None
    seen.world.run()
    whole = {row[2] for row in told.values()} - overtaken
    rows = [*seen.person_rows, *seen.world.parts.ledger.open_people()]
    for number in whole:
        now = seen.world.now
        for cause in GONE:
            held = sum((until or now) - since for who, _, why, _, since, until in rows if (who, why) == (number, cause))
            assert held == sum(latency(seen, cause, number))


@settings(max_examples=100)
@given(lives(), refusals())
def test_little_holds_cause_by_cause_at_every_moment(company: Lives, answers: Answers | None) -> None:
    """Mean people with orphaned access times the time = the sum of their intervals; causes and waits add up to it."""
    company.answers = answers
    seen = company.begin()
    for moment in MOMENTS:
        seen.world.run_until(moment)
        now = seen.world.now
        assert sum(seen.person_ms.values()) == sum(seen.waiting_ms.values()) == seen.total_ms
        lasted = [(p, (now if p.until is None else p.until) - p.since) for p in seen.pieces]
        for cause, ms in seen.person_ms.items():
            assert sum(ms for piece, ms in lasted if piece.cause == cause) == ms
        for each in seen.latencies:
            end = now if each.end is None else each.end
            assert each.ms == end - each.start
            assert min(each.hr, each.wait, each.processing, each.retry) >= 0


@settings(max_examples=100)
@given(lives(), refusals())
def test_truth_is_the_policys_and_what_is_waited_for_is_found_anew(company: Lives, answers: Answers | None) -> None:
    company.answers = answers
    seen = company.begin()
    parts, ledger = seen.world.parts, seen.world.parts.ledger
    for moment in MOMENTS:
        seen.world.run_until(moment)
        for person in ledger.touched():
            if person.standing != PRESENT:
                assert person.entitled == NOTHING
            elif parts.ledger.headcount.employment(person.number) is not None:
                assert person.entitled == parts.truth.of_facts(person.number, parts.register.facts(person.number))
            assert person.orphans.keys() == person.effective - person.entitled
            assert (person.missing_since is not None) == bool(person.entitled - person.effective)
            assert 0 <= person.hr_silent <= person.hr_pending
            if person.orphans:
                assert person.waiting == ledger.judge.waiting_for(person, next(iter(person.orphans)))


@settings(max_examples=100)
@given(lives(), refusals())
def test_active_users_are_conserved_at_every_cycle(company: Lives, answers: Answers | None) -> None:
    """Active at the start + created + enabled again - disabled - deleted while active = active users now."""
    company.answers = answers
    seen = company.begin()
    world, provider = seen.world, seen.world.services.provider
    lines = listen(world.services.trace)
    active = {provider.user_id(row): provider.is_active(row) for row in provider.user_rows()}
    at_start, sums = sum(active.values()), dict.fromkeys(users_of((), {}), 0)

    def compare() -> None:
        world.services.trace.flush()
        for name, count in users_of(lines, active).items():
            sums[name] += count
        lines.clear()
        now = at_start + sums["created"] + sums["enabled"] - sums["disabled"] - sums["deleted active"]
        assert now == provider.active_count == sum(map(provider.is_active, provider.user_rows()))

    def at_the_end_of(row: CycleRow) -> None:
        compare()

    world.cycle_sink = at_the_end_of
    world.run()
    compare()


@settings(max_examples=100)
@given(lives())
def test_every_event_is_counted_once_and_ends_in_one_way(company: Lives) -> None:
    """And headcount is what the events make of it."""
    seen = company.begin()
    events: dict[int, EventRow] = {}
    outcomes: list[tuple[int, str]] = []
    seen.world.parts.ledger.events.sink = lambda row: events.__setitem__(row[0], row)
    seen.world.parts.ledger.events.latencies.outcome_sink = lambda row: outcomes.append(row[:2])
    seen.world.run()
    ended, finished = {event for event, _ in outcomes}, {row[1] for row in seen.latency_rows}
    still = {m.event for p in seen.world.parts.ledger.touched() for m in p.measures}
    assert len(ended) == len(outcomes)
    assert ended | finished | still == events.keys()
    assert not ended & still
    counts = {kind.name.lower(): sum(row.kind == kind for row in company.rows) for kind in EventKind}
    assert seen.counts == {kind: count for kind, count in counts.items() if count}
    block = summarize(seen.world)
    assert {kind: block["events"][kind] for kind in counts} == counts
    assert (block["population"]["employees"], block["population"]["contractors"]) == employed(company)


def employed(company: Lives) -> tuple[int, int]:
    """Employees and contractors after everything, as the rows say."""
    now: dict[int, int] = dict(enumerate(company.start))
    missed = {(row.person, row.at) for row in company.rows if row.kind == EventKind.NO_SHOW}
    for row in sorted(company.rows, key=lambda row: row.at):
        if row.kind in {EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY}:
            now.pop(row.person, None)
        elif row.kind != EventKind.NO_SHOW and (row.person, row.at) not in missed:
            now[row.person] = row.facts
    words = [COMBINATIONS[facts].employment for facts in now.values()]
    return words.count("employee"), words.count("contractor")


@settings(max_examples=40)
@given(lives(), refusals())
def test_the_whole_summary_can_be_recomputed_from_the_journal(company: Lives, answers: Answers | None) -> None:
    company.answers = answers
    seen = company.begin()
    with TemporaryDirectory() as folder:
        recorder = attach(seen.world, Journal(Path(folder)))
        seen.world.run()
        summary = summarize(seen.world)
        del summary["wall_s"]
        recorder.finish()
        with closing(open_journal(Path(folder))) as journal:
            assert recompute(journal) == summary


OTHERWISE: list[dict[str, Any]] = [
    {"provisioning__interval": "7m"},
    {"provisioning__strategy": "none"},
    {"provisioning__on_leave": "delete"},
    {"provisioning__phase": "13m"},
    {"faults": [{"kind": "throttled", "rate": 2, "burst": 4, "retry_after": "5s"}]},
    {"faults": [{"kind": "outage", "at": "30m", "for": "1h"}]},
]


@pytest.mark.parametrize("more", OTHERWISE, ids=str)
@settings(max_examples=15)
@given(lives())
def test_interval_strategy_and_faults_change_no_event(more: dict[str, Any], company: Lives) -> None:
    """The same stream, by its digest, and the same events when they become true, in the same order."""
    one, other = company.begin(), company.begin(**more)
    assert digest(one) == digest(other) == schedule_of(company.rows).digest()
    assert events_of(one) == events_of(other)


def digest(seen: Seen) -> str:
    """The digest of the event stream that a world has."""
    schedule = seen.world.parts.schedule
    assert isinstance(schedule, Schedule)
    return schedule.digest()
