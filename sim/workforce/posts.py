"""Posts: department, role, location and employment, as the rows of `People.combinations`.

Invariant: the rows of a department lie together, roles outermost and employment innermost; a company whose departments
name neither roles nor locations has two rows for each department.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.access.policy import Facts
from sim.randomness import Ints, WeightedChoice
from sim.workforce.identity import PostPlan, Weighted
from sim.workforce.plan import Employment


class Posts:
    """The combinations of facts of one company, and which of them somebody has; every method takes columns."""

    __slots__ = (
        "_department",
        "_location",
        "_location_names",
        "_locations",
        "_roles",
        "_same_location",
        "_starts",
        "_widths",
        "combinations",
        "drawn",
        "place_names",
    )

    def __init__(self, departments: Sequence[str], plans: Sequence[PostPlan] = ()) -> None:
        """``plans``: one for each department, or none at all."""
        plans = tuple(plans) or (PostPlan(),) * len(departments)
        made: list[Facts] = []
        starts: list[int] = []
        for name, plan in zip(departments, plans, strict=True):
            starts.append(len(made))
            roles: list[str | None] = [role for role, _ in plan.roles] or [None]
            locations: list[str | None] = [location for location, _ in plan.locations] or [None]
            for role in roles:
                for location in locations:
                    made += [Facts(name, employment.name.lower(), role, location) for employment in Employment]
        self.combinations = tuple(made)
        self.drawn = any(len(plan.roles) > 1 or len(plan.locations) > 1 for plan in plans)
        """Whether roles and locations have to be drawn at all."""
        self._roles = [_choice(plan.roles) for plan in plans]
        self._locations = [_choice(plan.locations) for plan in plans]
        self._starts: Ints = np.array(starts, dtype=np.int64)
        self._widths: Ints = np.array([max(1, len(plan.locations)) for plan in plans], dtype=np.int64)
        rows = np.arange(len(made))
        self._department: Ints = np.searchsorted(self._starts, rows, side="right").astype(np.int64) - 1
        inside = (rows - self._starts[self._department]) // len(Employment)
        self._location: Ints = inside % self._widths[self._department]
        names = list(dict.fromkeys(facts.location for facts in made))
        self._location_names: Ints = np.array([names.index(facts.location) for facts in made], dtype=np.int64)
        self.place_names = tuple(names)
        """The locations that people can have; None where a department names none."""
        # by location and department: which of the department's locations it is, or -1
        self._same_location: Ints = np.full((len(names), len(starts)), -1, dtype=np.int64)
        self._same_location[self._location_names, self._department] = self._location

    def department(self, facts: Ints) -> Ints:
        """Which department each row is about."""
        return self._department[facts]

    def employment(self, facts: Ints) -> Ints:
        """Which employment each row is about."""
        return facts % len(Employment)

    def at(self, department: Ints, employment: Ints, role: Ints | None = None, location: Ints | None = None) -> Ints:
        """Rows for people of these departments; ``role`` and ``location`` are draws in [0, 2**31)."""
        found = self._starts[department] + employment
        if role is not None and location is not None:
            found += self._offsets(department, role, location)
        return found

    def moved(self, facts: Ints, department: Ints, role: Ints | None = None, location: Ints | None = None) -> Ints:
        """Rows for people who go to these departments: a role of it, their own location where it has that."""
        found = self.at(department, self.employment(facts), role, location)
        if not self.drawn:
            return found
        same = self._same_location[self._location_names[facts], self._department[found]]
        width = len(Employment)
        shifted = found + (same - self._location[found]) * width
        return np.where(same >= 0, shifted, found)

    def places(self, facts: Ints) -> Ints:
        """Which of :attr:`place_names` each row is about."""
        return self._location_names[facts]

    def promoted(self, facts: Ints) -> Ints:
        """The department's next role, in the order of its roles; the same for whoever has the last of them."""
        width = self._widths[self._department[facts]] * len(Employment)
        higher = facts + width
        inside = higher < len(self.combinations)
        higher = np.where(inside, higher, facts)
        return np.where(self._department[higher] == self._department[facts], higher, facts)

    def employed(self, facts: Ints, employment: Employment) -> Ints:
        """The same posts in another employment."""
        return facts - self.employment(facts) + int(employment)

    def _offsets(self, department: Ints, role: Ints, location: Ints) -> Ints:
        offsets = np.zeros(len(department), dtype=np.int64)
        for number, (roles, locations) in enumerate(zip(self._roles, self._locations, strict=True)):
            if roles is None and locations is None:
                continue
            here = department == number
            which = np.zeros(int(np.count_nonzero(here)), dtype=np.int64)
            if roles is not None:
                which += roles.indices(role[here]) * self._widths[number]
            if locations is not None:
                which += locations.indices(location[here])
            offsets[here] = which * len(Employment)
        return offsets


def _choice(options: Weighted) -> WeightedChoice | None:
    return WeightedChoice([weight for _, weight in options]) if len(options) > 1 else None
