from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Millis
from sim.expressions import ExpressionError, parse_condition
from sim.scenario import load
from sim.time import DAY, HOUR, MINUTE
from sim.whatif.targets import LADDER, Judged, Search, answer, judge, longest_interval, read_targets

P95 = parse_condition("latency.leaver.p95_s < 900")


def meets(limit: int) -> Judged:
    return judge(P95, [0.0] if limit else [1_000.0])


def test_the_far_bound_of_the_interval_decides() -> None:
    """Mean 890, sd 10 over 3: half of the interval is 4.303 x 10 / sqrt(3) = 24.8, so up to 914.8."""
    assert judge(P95, [880.0, 890.0, 900.0]).verdict == "unclear"
    assert judge(P95, [800.0, 810.0, 820.0]).verdict == "met"
    assert judge(P95, [1_000.0, 1_010.0, 1_020.0]).verdict == "not met"
    assert judge(parse_condition("sla.leaver.within >= 0.99"), [1.0, 1.0]).verdict == "met"


def test_one_replication_is_judged_by_its_value_and_none_by_nothing() -> None:
    assert judge(P95, [899.0]).verdict == "met"
    assert judge(P95, []).verdict == "no figure"


def test_the_longest_interval_is_found_in_whole_minutes_and_each_is_asked_once() -> None:
    """p95 of a wait below 900 s: 95 % of the interval, so up to 15 minutes; 16 minutes are 912 s."""
    asked: list[Millis] = []

    def probe(length: Millis) -> Judged:
        asked.append(length)
        return judge(P95, [0.95 * length / 1_000])

    found = longest_interval(probe)
    assert found.longest == 15 * MINUTE
    assert len(asked) == len(set(asked))
    assert [length for length, _ in found.tried] == sorted(asked)


@given(st.integers(60, 8 * 86_400))
def test_what_is_found_meets_the_target_and_what_is_a_tenth_longer_does_not(limit_s: int) -> None:
    def probe(length: Millis) -> Judged:
        return meets(length / 1_000 <= limit_s)

    found = longest_interval(probe).longest
    assert found is not None
    assert found <= limit_s * 1_000
    assert found == LADDER[-1] or found * 1.1 + MINUTE > limit_s * 1_000 or found + MINUTE > limit_s * 1_000


def test_no_interval_or_every_one_is_told() -> None:
    none = longest_interval(lambda length: meets(0))
    assert none.longest is None
    every = longest_interval(lambda length: meets(1))
    assert (every.longest, every.at_the_end, len(every.tried)) == (7 * DAY, True, 1)


def test_the_answer_names_what_would_meet_it() -> None:
    none = Search(None, ((MINUTE, judge(P95, [57.0])),))
    hr, push = ("notice from HR at once", judge(P95, [1_000.0])), ("a push for every event", judge(P95, [5.0]))
    assert answer(P95, none, [hr, push]) == (
        "latency.leaver.p95_s < 900: no interval meets it (at 1m it is 57s). What does: a push for every event."
    )
    assert answer(P95, none, [hr]).endswith("Nor does notice from HR at once.")
    assert answer(P95, Search(HOUR, ()), []).endswith(
        "no replication has this figure; take more people or a longer time."
    )
    assert answer(P95, Search(HOUR, ((HOUR, judge(P95, [5.0])),)), []).endswith("met by intervals up to 1h.")
    assert "no cycle runs" in answer(P95, None, [])


def test_a_key_that_no_summary_has_is_refused_before_anything_runs() -> None:
    with pytest.raises(ExpressionError, match="did you mean latency"):
        read_targets(["latency.leaver.p95 < 3"], load("hello").scenario)


def test_a_figure_is_told_as_people_say_it_and_as_finely_as_the_target_needs() -> None:
    """Half a day in hours and not in seconds; 0.9896 against 0.99 must not read 0.99."""
    late = Search(None, ((MINUTE, judge(P95, [43_200.0])),))
    assert "(at 1m it is 12h)" in answer(P95, late, [])
    within = parse_condition("sla.leaver.within >= 0.99")
    near = Search(None, ((MINUTE, judge(within, [0.9896])),))
    assert "(at 1m it is 0.9896)" in answer(within, near, [])
    hours = parse_condition("orphaned_access.people.person_hours < 5")
    many = Search(None, ((MINUTE, judge(hours, [138_700.0])),))
    assert "(at 1m it is 138,700)" in answer(hours, many, [])
