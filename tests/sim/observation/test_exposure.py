"""Sums over time of people and grants in a state, in whole milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from mockservices.clock import Clock, Millis
from sim.observation.exposure import Exposure, GrantRow, PersonRow


def exposure() -> tuple[Exposure, list[PersonRow], list[GrantRow]]:
    kept = Exposure(Clock(datetime(2026, 3, 2, tzinfo=UTC)))
    people: list[PersonRow] = []
    grants: list[GrantRow] = []
    kept.person_sink, kept.grant_sink = people.append, grants.append
    return kept, people, grants


def test_a_piece_counts_for_its_cause_for_what_it_waits_for_and_for_the_total() -> None:
    kept, people, _ = exposure()
    kept.clock.now = Millis(10)
    kept.begin_orphan_piece("leaver", "hr")
    kept.clock.now = Millis(25)
    kept.end_orphan_piece(7, "leaver", "hr", 10)
    kept.begin_orphan_piece("leaver", "cycle")
    kept.clock.now = Millis(60)
    assert kept.person("orphaned").sum_ms(60) == kept.cause_people["leaver"].sum_ms(60) == 50
    assert (kept.waiting["hr"].sum_ms(60), kept.waiting["cycle"].sum_ms(60)) == (15, 35)
    assert people == [(7, "orphaned", "leaver", "hr", 10, 25)]
    assert list(kept.cause_persons["leaver"]) == [7]


def test_a_piece_of_no_time_is_not_handed_on_and_counts_for_nobody() -> None:
    kept, people, _ = exposure()
    kept.begin_orphan_piece("drift", "nobody")
    kept.end_orphan_piece(7, "drift", "nobody", 0)
    assert (people, kept.cause_persons, kept.person("orphaned").peak) == ([], {}, 0)


def test_waiting_for_something_else_leaves_the_cause_alone() -> None:
    kept, people, _ = exposure()
    kept.begin_orphan_piece("mover", "hr")
    kept.clock.now = Millis(40)
    kept.wait_for_other(7, "mover", "hr", 0, "cycle")
    kept.clock.now = Millis(50)
    kept.end_orphan_piece(7, "mover", "cycle", 40)
    assert (kept.cause_people["mover"].sum_ms(50), kept.cause_people["mover"].peak) == (50, 1)
    assert people == [(7, "orphaned", "mover", "hr", 0, 40), (7, "orphaned", "mover", "cycle", 40, 50)]


def test_a_grant_counts_for_its_cause_and_on_its_own() -> None:
    kept, _, grants = exposure()
    kept.begin_orphan_grant(3, "leaver")
    kept.begin_orphan_grant(4, "leaver")
    kept.clock.now = Millis(20)
    kept.end_orphan_grant(7, 3, "leaver", 0)
    assert (kept.grant("orphaned").now, kept.grant("orphaned").sum_ms(20)) == (1, 40)
    assert (kept.orphaned_grants[3].sum_ms(20), kept.orphaned_grants[4].now) == (20, 1)
    assert grants == [(7, 3, "orphaned", "leaver", 0, 20)]


def test_who_waited_for_access_for_any_time_at_all_is_remembered() -> None:
    kept, people, _ = exposure()
    kept.person("missing").begin(0)
    kept.end_person(7, "missing", 0)
    assert (list(kept.ever_missing), people) == ([], [])
    kept.person("missing").begin(0)
    kept.clock.now = Millis(5)
    kept.end_person(8, "missing", 0)
    assert list(kept.ever_missing) == [8]
    assert people == [(8, "missing", None, None, 0, 5)]


def test_grants_that_were_held_are_handed_on_in_the_order_of_their_numbers() -> None:
    kept, _, grants = exposure()
    kept.grants_were(7, frozenset({9, 2}), "effective", 0)
    kept.clock.now = Millis(5)
    kept.grants_were(7, frozenset({9, 2}), "effective", 0)
    assert grants == [(7, 2, "effective", None, 0, 5), (7, 9, "effective", None, 0, 5)]
