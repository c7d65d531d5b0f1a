from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.randomness import Ints
from sim.workforce.hierarchy import NOBODY, Rank, hierarchy
from sim.workforce.plan import Employment

PEOPLE = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Employment), st.integers(-1_000, -1)), max_size=80)


def columns(people: list[tuple[int, Employment, int]]) -> tuple[Ints, Ints, Ints]:
    return (
        np.array([department for department, _, _ in people], dtype=np.int64),
        np.array([employment for _, employment, _ in people], dtype=np.int64),
        np.array([joined for _, _, joined in people], dtype=np.int64),
    )


@given(PEOPLE.filter(bool), st.integers(0, 80), st.integers(2, 9))
def test_nobody_is_managed_in_a_circle_by_a_contractor_or_by_somebody_who_is_not_there(
    people: list[tuple[int, Employment, int]], size: int, span: int
) -> None:
    size = min(size, len(people))
    department, employment, joined_at = columns(people)
    manager, rank = hierarchy(department, employment, joined_at, size, span)
    for row in range(len(people)):
        above, steps = int(manager[row]), 0
        while above != NOBODY:
            assert above < size
            assert employment[above] == Employment.EMPLOYEE
            assert rank[above] != Rank.STAFF
            above, steps = int(manager[above]), steps + 1
            assert steps <= size
    tops = np.flatnonzero(rank == Rank.TOP)
    if (employment[:size] == Employment.EMPLOYEE).any():
        assert len(tops) == 1
        assert np.flatnonzero(manager == NOBODY).tolist() == tops.tolist()
    else:
        assert (manager == NOBODY).all()


def test_a_department_is_a_tree_of_seven_by_seven() -> None:
    """57 employees, the longest-serving first: one head, seven managers below, and 49 people, seven for each."""
    rows = np.arange(57)
    manager, rank = hierarchy(np.zeros(57, np.int64), np.zeros(57, np.int64), rows - 57, 57)
    assert manager.tolist() == [NOBODY, *[0] * 7, *[1 + place // 7 for place in range(49)]]
    assert rank.tolist() == [Rank.TOP, *[Rank.MANAGER] * 7, *[Rank.STAFF] * 49]


def test_heads_report_to_the_longest_serving_employee_of_the_company() -> None:
    department = np.array([0, 0, 1, 1, 1])
    manager, rank = hierarchy(department, np.zeros(5, np.int64), np.array([-5, -4, -9, -8, -7]), 5)
    assert manager.tolist() == [2, 0, NOBODY, 2, 2]
    assert rank.tolist() == [Rank.HEAD, Rank.STAFF, Rank.TOP, Rank.STAFF, Rank.STAFF]


def test_joiners_get_the_departments_managers_in_turn() -> None:
    """Nine people: place 1 manages place 8, place 0 the others; four joiners get 1, 0, 1, 0."""
    rows = np.arange(13)
    manager, _ = hierarchy(np.zeros(13, np.int64), np.zeros(13, np.int64), rows - 9, 9)
    assert manager[9:].tolist() == [1, 0, 1, 0]


def test_more_contractors_than_the_tree_has_room_for_are_spread_over_the_employees() -> None:
    """Two employees and 20 contractors: places 1 to 7 report to 0, 8 to 14 to 1, and the others to 0 and 1 in turn."""
    employment = np.array([0, 0, *[1] * 20])
    manager, _ = hierarchy(np.zeros(22, np.int64), employment, np.arange(22) - 22, 22)
    assert manager.tolist() == [NOBODY, *[0] * 7, *[1] * 7, *[0, 1, 0, 1, 0, 1, 0]]
