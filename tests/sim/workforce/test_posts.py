from __future__ import annotations

import numpy as np

from sim.access.policy import Facts
from sim.workforce.identity import PostPlan
from sim.workforce.plan import Employment
from sim.workforce.posts import Posts

PLANS = (
    PostPlan(roles=(("Engineer", 3.0), ("Lead", 1.0)), locations=(("Berlin", 1.0), ("Lisbon", 1.0))),
    PostPlan(locations=(("Lisbon", 1.0),)),
    PostPlan(),
)
POSTS = Posts(("Engineering", "Sales", "Board"), PLANS)
HALF = 1 << 30


def test_without_roles_and_locations_a_department_has_two_rows() -> None:
    posts = Posts(("A", "B"))
    assert posts.combinations == (
        Facts("A", "employee"), Facts("A", "contractor"), Facts("B", "employee"), Facts("B", "contractor"),
    )  # fmt: skip
    assert not posts.drawn
    assert posts.at(np.array([0, 1]), np.array([1, 0])).tolist() == [1, 2]


def test_every_row_is_the_department_and_employment_that_it_says() -> None:
    rows = np.arange(len(POSTS.combinations))
    for row, department, employment in zip(rows, POSTS.department(rows), POSTS.employment(rows), strict=True):
        facts = POSTS.combinations[row]
        assert facts.department == ("Engineering", "Sales", "Board")[department]
        assert facts.employment == Employment(employment).name.lower()
    assert len(set(POSTS.combinations)) == len(rows) == 8 + 2 + 2


def test_roles_and_locations_fall_as_their_weights_say() -> None:
    """Draws in [0, 2**31): the first three quarters are engineers, the first half is in Berlin."""
    role = np.array([0, 3 * HALF // 2 - 1, 3 * HALF // 2, 0])
    place = np.array([0, HALF - 1, HALF, HALF])
    found = POSTS.at(np.zeros(4, np.int64), np.zeros(4, np.int64), role, place)
    assert [POSTS.combinations[row][2:] for row in found] == [
        ("Engineer", "Berlin"), ("Engineer", "Berlin"), ("Lead", "Lisbon"), ("Engineer", "Lisbon"),
    ]  # fmt: skip


def test_whoever_moves_keeps_their_location_where_the_new_department_has_it() -> None:
    seller = POSTS.combinations.index(Facts("Sales", "contractor", None, "Lisbon"))
    board = POSTS.combinations.index(Facts("Board", "employee"))
    first = np.zeros(2, np.int64)
    moved = POSTS.moved(np.array([seller, board]), np.array([0, 0]), first, first)
    assert [POSTS.combinations[row] for row in moved] == [
        Facts("Engineering", "contractor", "Engineer", "Lisbon"),
        Facts("Engineering", "employee", "Engineer", "Berlin"),
    ]


def test_a_contractor_who_is_employed_keeps_everything_else() -> None:
    seller = POSTS.combinations.index(Facts("Sales", "contractor", None, "Lisbon"))
    employed = POSTS.employed(np.array([seller]), Employment.EMPLOYEE)
    assert POSTS.combinations[employed[0]] == Facts("Sales", "employee", None, "Lisbon")
