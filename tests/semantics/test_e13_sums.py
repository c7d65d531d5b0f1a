"""E13: hr + wait + processing + retry + ticket = latency exactly, in ms, for every event; and what follows below the
table: person-milliseconds by cause and by what was waited for are exact sums of person intervals, of which a person has
at most one at a time; Little's law holds for people, cause by cause.

Random stories of four people go through everything that HR, administrators, hands in the console, the job and a target
that refuses can do. None of the figures below is worked out by hand: they are compared with one another, and with what
the cores say.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import Scenario, scenario_from
from tests.semantics.random_stories import refusals, stories
from tests.semantics.story import HOUR, MINUTE, Answers, Piece, act, begin, person, run, told

MOMENTS = range(0, 4 * HOUR + 1, 17 * MINUTE)


@settings(max_examples=150)
@given(stories(), refusals())
def test_hops_add_up_for_every_event_at_every_moment(scenario: Scenario, answers: Answers | None) -> None:
    seen = begin(scenario, answers)
    for moment in (*MOMENTS, 4 * HOUR):
        seen.world.run_until(moment)
        for each in seen.latencies:
            end = each.end if each.end is not None else seen.world.now
            assert each.hr + each.wait + each.processing + each.retry == end - each.start
            assert min(each.hr, each.wait, each.processing, each.retry) >= 0


@settings(max_examples=150)
@given(stories(), refusals())
def test_causes_and_what_is_waited_for_add_up_to_the_total_at_every_moment(
    scenario: Scenario, answers: Answers | None
) -> None:
    seen = begin(scenario, answers)
    for moment in (*MOMENTS, 4 * HOUR):
        seen.world.run_until(moment)
        assert sum(seen.person_ms.values()) == sum(seen.waiting_ms.values()) == seen.total_ms
        now = seen.world.now
        pieces: list[tuple[Piece, int]] = [(p, (now if p.until is None else p.until) - p.since) for p in seen.pieces]
        for cause, ms in seen.person_ms.items():
            assert sum(lasted for piece, lasted in pieces if piece.cause == cause) == ms
        for word, ms in seen.waiting_ms.items():
            assert sum(lasted for piece, lasted in pieces if piece.waiting == word) == ms


@settings(max_examples=150)
@given(stories(), refusals())
def test_a_person_has_at_most_one_interval_at_a_time(scenario: Scenario, answers: Answers | None) -> None:
    seen = run(scenario, answers)
    for who in {piece.who for piece in seen.pieces}:
        mine = [piece for piece in seen.pieces if piece.who == who]
        for one, other in pairwise(mine):
            assert one.until is not None
            assert one.until <= other.since
    people = seen.world.parts.ledger.exposure.person("orphaned")
    assert people.now == len({piece.who for piece in seen.pieces if piece.until is None})


@settings(max_examples=150)
@given(stories(), refusals())
def test_every_event_is_counted_once_and_ends_in_one_way(scenario: Scenario, answers: Answers | None) -> None:
    """Measured, superseded, without change, with nothing to remove, or open. Of an event that was overtaken when one of
    its two latencies was through already (a mover's), that one stands."""
    seen = begin(scenario, answers)
    events: dict[int, str] = {}
    outcomes: list[tuple[int, str]] = []
    seen.world.parts.ledger.events.sink = lambda row: events.__setitem__(row[0], row[1])
    seen.world.parts.ledger.events.latencies.outcome_sink = lambda row: outcomes.append(row[:2])
    seen.world.run()
    ended = {event for event, _ in outcomes}
    finished = {row[1] for row in seen.latency_rows}
    still = {m.event for p in seen.world.parts.ledger.touched() for m in p.measures}
    assert len(ended) == len(outcomes)
    assert ended | finished | still == events.keys()
    assert not ended & still
    assert {event for event, outcome in outcomes if outcome != "superseded"}.isdisjoint(finished)
    assert {events[event] for event in ended & finished} <= {"mover"}
    assert sum(seen.counts.values()) == len(events)


GONE = ("leaver", "contractor_expiry")
LEAVING = st.tuples(st.integers(1, 239), st.sampled_from(["0m", "0m", "7m", "40m", "100m", "3h"]))


def company(leaving: list[tuple[int, str]], contracts: list[int]) -> dict[str, Any]:
    """A company in which people leave and contracts end, and nothing else happens."""
    departments = ("Engineering", "Operations", "Security")
    people = [person(f"p{i}", departments[i % 3]) for i in range(len(leaving))]
    for i, end in enumerate(contracts):
        people.append(person(f"c{i}", departments[i % 3], employment="contractor", contract_end=f"{end}m"))
    timeline = [act(f"{at}m", "leave", f"p{i}", hr_lag=lag) for i, (at, lag) in enumerate(leaving)]
    return told(*timeline, before={"people": people})


@settings(max_examples=100)
@given(st.lists(LEAVING, max_size=5), st.lists(st.integers(1, 260), max_size=4), refusals())
def test_littles_law_for_people_cause_by_cause(
    leaving: list[tuple[int, str]], contracts: list[int], answers: Answers | None
) -> None:
    """Person-milliseconds with access after leaving = the sum of the latencies, ages of open ones included."""
    seen = run(company(leaving, contracts), answers)
    assert seen.outcomes == {}
    for cause in GONE:
        assert seen.person_ms.get(cause, 0) == sum(each.ms for each in seen.latencies if each.kind == cause)
    assert seen.total_ms == sum(each.ms for each in seen.latencies)


def test_littles_law_for_a_generated_workforce() -> None:
    """Two hundred people, of whom forty go within ten days, with an HR that needs up to a day."""
    scenario = scenario_from(
        {
            **told(before={}, duration="10d"),
            "workforce": {
                "size": 200,
                "contractors": 0.3,
                "counts": {"leaver": 30, "contractor_expiry": 10},
                "hr_lag": {"uniform": ["0m", "1d"]},
            },
            "organisation": {
                **told()["organisation"],
                "departments": [{"name": "Engineering"}, {"name": "Operations"}, {"name": "Security"}],
            },
        }
    )
    seen = run(scenario)
    assert seen.counts == {"leaver": 30, "contractor_expiry": 10}
    for cause in GONE:
        assert seen.person_ms[cause] == sum(each.ms for each in seen.latencies if each.kind == cause) > 0
    assert sum(seen.waiting_ms.values()) == seen.total_ms
