"""What one provisioning cycle costs in a company where nothing else happens.

Invariant: only the cycle is timed; the changes that it finds are made before, at the instant of its gate.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from sim.access.policy import Facts
from sim.bench.companies import NOBODY_COMES_OR_GOES, plain
from sim.bench.measure import Samples
from sim.randomness import Streams
from sim.world import World

CHANGES = 100
BLOCK = 10
"""So many cycles of one company, then of the next: both see the same machine."""


class Company:
    """A company whose people change only when told to, with everything in sync at the start."""

    def __init__(self, size: int) -> None:
        scenario = plain(size, *NOBODY_COMES_OR_GOES)
        self.size = size
        self.world = World(scenario)
        self._draws = Streams(self.world.seed).stream("bench/changes")
        self._departments = [department.name for department in scenario.organisation.departments]
        self._gate = self.world.driver.pace.gate_after(-1)
        self.world.run_until(self._gate)

    def change(self, count: int) -> None:
        """So many people, drawn anew each time, have their account switched or go to another department."""
        who: dict[int, None] = {}
        while len(who) < min(count, self.size):
            who[int(self._draws.integers(self.size))] = None
        for row in who:
            if self._draws.integers(2):
                self._switch(row)
            else:
                self._move(row)

    def _switch(self, row: int) -> None:
        directory = self.world.services.directory
        self._update(row, "accountEnabled", not directory.is_enabled(row))

    def _move(self, row: int) -> None:
        world, directory = self.world, self.world.services.directory
        others = [name for name in self._departments if name != directory.attributes_of(row)["department"]]
        department = others[int(self._draws.integers(len(others)))]
        self._update(row, "department", department)
        held = directory.groups_of(row)
        names = world.parts.policy.groups(Facts(department, "employee"))
        wanted = tuple(world.parts.group_rows[name] for name in names)
        for action, groups, kept in (("remove", held, wanted), ("add", wanted, held)):
            for group in groups:
                if group not in kept:
                    arguments = {"group": directory.groups[group].id, "member": directory.user_id(row)}
                    world.command(f"graph.member.{action}", arguments)

    def _update(self, row: int, name: str, value: object) -> None:
        user = self.world.services.directory.user_id(row)
        self.world.command("graph.user.update", {"user": user, "properties": {name: value}})

    def cycle(self) -> float:
        """The seconds that the cycle at the present gate takes; then it is the next gate."""
        self._gate = self.world.driver.pace.gate_after(self._gate)
        start = perf_counter()
        self.world.run_until(self._gate)
        return perf_counter() - start

    @property
    def requests(self) -> int:
        """How many requests all cycles have sent."""
        return self.world.driver.sums.tally.requests


@dataclass(frozen=True, slots=True)
class CycleCost:
    """What cycles cost in one company."""

    people: int
    changes: int
    """Of every cycle."""
    requests: float
    """Of a cycle, on average."""
    taken: Samples


def cycle_costs(sizes: Sequence[int], cycles: int, changes: int, progress: Callable[[str], None]) -> list[CycleCost]:
    """What so many cycles with so many changes cost in companies of these sizes; the companies take turns."""
    companies = [Company(size) for size in sizes]
    seconds: list[list[float]] = [[] for _ in companies]
    for done in range(0, cycles, BLOCK):
        for company, taken in zip(companies, seconds, strict=True):
            gc.collect()
            for _ in range(min(BLOCK, cycles - done)):
                company.change(changes)
                taken.append(company.cycle())
        progress(f"cycle-cost: {len(seconds[0])} of {cycles} cycles")
    return [
        CycleCost(company.size, min(changes, company.size), company.requests / cycles, Samples(tuple(taken)))
        for company, taken in zip(companies, seconds, strict=True)
    ]
