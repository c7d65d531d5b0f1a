"""Toxic pairs: both sides, each whole, and nothing else plays a part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.access.toxic import Pair, ToxicPairs

A, B, C, D = 1, 2, 3, 4
GROUPS = Pair("groups", (frozenset({A, B}),), (frozenset({C}),))
"""One group gives A and B, the other C."""
SETS = Pair("sets", (frozenset({A}), frozenset({B})), (frozenset({C}), frozenset({D})))
"""One permission set is A on one account and B on another, the other C and D."""
PAIRS = ToxicPairs((GROUPS, SETS))


@pytest.mark.parametrize(
    ("grants", "held"),
    [
        ((), ()),
        ((A, B), ()),
        ((A, C), (1,)),
        ((A, B, C), (0, 1)),
        ((B, D), (1,)),
        ((C, D), ()),
        ((A, B, C, D), (0, 1)),
    ],
)
def test_a_pair_is_held_by_who_holds_both_sides(grants: tuple[int, ...], held: tuple[int, ...]) -> None:
    assert PAIRS.held(frozenset(grants)) == held


@given(st.frozensets(st.integers(1, 6)), st.frozensets(st.integers(1, 6)))
def test_who_holds_more_holds_no_fewer_pairs(some: frozenset[int], more: frozenset[int]) -> None:
    assert set(PAIRS.held(some)) <= set(PAIRS.held(some | more))


@given(st.frozensets(st.integers(1, 6)))
def test_it_is_the_same_both_ways_round(grants: frozenset[int]) -> None:
    assert SETS.held(grants) == Pair("turned", SETS.second, SETS.first).held(grants)
