"""Sets of instants against sets of whole numbers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mockservices.identitycenter.sessions.spans import (
    ALWAYS,
    EVERYTHING,
    NEVER_ENDS,
    Spans,
    complement,
    covering,
    difference,
    end_after,
    intersection,
    length,
    union,
)

RANGE = range(25)
loose = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=6)
neat = loose.map(union)


def members(spans: Spans) -> set[int]:
    return {i for i in RANGE if covering(spans, i) is not None}


@given(loose)
def test_a_union_is_sorted_and_its_spans_do_not_touch(spans: list[tuple[int, int]]) -> None:
    merged = union(spans)
    assert all(start < end for start, end in merged)
    assert all(first[1] < second[0] for first, second in pairwise(merged))
    assert members(merged) == {i for i in RANGE for start, end in spans if start <= i < end}


@given(neat, neat)
def test_sets_of_instants_are_sets(first: Spans, second: Spans) -> None:
    assert members(union(first, second)) == members(first) | members(second)
    assert members(intersection(first, second)) == members(first) & members(second)
    assert members(difference(first, second)) == members(first) - members(second)
    assert members(complement(first)) == set(RANGE) - members(first)
    assert length(first) == len(members(first))


@given(neat, st.sampled_from(RANGE))
def test_the_end_of_a_span_is_the_first_instant_outside_it(spans: Spans, at: int) -> None:
    end = end_after(spans, at)
    if end is None:
        assert at not in members(spans)
    else:
        assert set(range(at, end)) <= members(spans)
        assert end not in members(spans)


def test_everything_has_no_complement_and_nothing_has_all_of_it() -> None:
    assert complement(EVERYTHING) == ()
    assert complement(()) == ((ALWAYS, NEVER_ENDS),)
