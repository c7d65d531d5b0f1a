"""Every combination of facts that people of a plan can have, and how to get from one to another by arithmetic.

Invariant: a combination's row is department, employment, role and place as digits of one number, in that order; without
roles and places it is ``2 * department + employment``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints
from sim.workforce.plan import Employment, WorkforcePlan

_EMPLOYMENTS = len(Employment)


@dataclass(frozen=True, slots=True)
class Combinations:
    """How many departments, roles and places there are; every method takes and gives columns."""

    departments: int
    roles: int
    places: int

    def rows(self, department: Ints, employment: NDArray[np.integer[Any]], role: Ints | int, place: Ints | int) -> Ints:
        """The rows of these combinations."""
        rows: Ints = (
            (department * _EMPLOYMENTS + employment.astype(np.int64)) * self.roles + role
        ) * self.places + place
        return rows

    def department(self, rows: Ints) -> Ints:
        """The departments."""
        return rows // (_EMPLOYMENTS * self.roles * self.places)

    def in_department(self, rows: Ints, department: Ints) -> Ints:
        """The same people in these departments."""
        each = _EMPLOYMENTS * self.roles * self.places
        return department * each + rows % each

    def promoted(self, rows: Ints) -> Ints:
        """One role higher; the same for whoever has the highest."""
        role = rows // self.places % self.roles
        return rows + np.where(role < self.roles - 1, self.places, 0)

    def as_employee(self, rows: Ints) -> Ints:
        """The same people, employed."""
        return rows - (rows // (self.roles * self.places) % _EMPLOYMENTS) * self.roles * self.places


def combinations_of(plan: WorkforcePlan) -> tuple[Combinations, tuple[Facts, ...]]:
    """The arithmetic of a plan, and what its rows stand for."""
    roles: tuple[str | None, ...] = tuple(name for name, _ in plan.roles) or (None,)
    places = tuple(location.name for location in plan.locations)
    facts = tuple(
        Facts(department, employment.name.lower(), role, place)
        for department, _ in plan.departments
        for employment in Employment
        for role in roles
        for place in places
    )
    return Combinations(len(plan.departments), len(roles), len(places)), facts
