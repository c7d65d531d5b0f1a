"""A target in which everything was made by hand before the start: users with owners, and no link to any of them.

Invariant: whoever's facts give access is there and holds exactly that; nobody is known to the job, so that a job that
comes later meets users that it did not make.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mockservices.identitycenter.entities import Grants
from mockservices.scim.operations import Value
from sim.population import StartingPeople, TargetPeople
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.ticketing.worker import hand_made
from sim.scenario import Scenario
from sim.scenario.phases import strategies_of

NAMED_BY: Final = {"user_principal_name": "userPrincipalName", "mail_nickname": "mailNickname"}
"""Graph's name of the property that users made by hand are called by."""


def made_by_hand(scenario: Scenario) -> bool:
    """Whether what the target holds at the start was made by hand: tickets come before any job."""
    first = next((strategy for strategy in strategies_of(scenario) if strategy != "none"), "none")
    return scenario.start_state == "in_sync" and first == "ticket"


class HandMadePeople(TargetPeople):
    """The starting people as somebody has typed them in."""

    def __init__(
        self,
        start: StartingPeople,
        user_map: AttributeMap,
        target_groups: dict[int, int],
        present: NDArray[np.bool_],
        named_by: Literal["user_principal_name", "mail_nickname"],
    ) -> None:
        super().__init__(start, user_map, target_groups, present)
        self._named_by = NAMED_BY[named_by]
        self._start_people = start

    def count(self, grants_by_key: list[Grants]) -> int:
        """How many grants they hold, given what each combination of facts gives."""
        sizes = np.array([len(grants) for grants in grants_by_key], np.int64)
        return int(sizes[self._start_people.key[self.source_of]].sum())

    def attributes(self, row: int) -> dict[str, Value]:
        """See :class:`mockservices.population.Population`."""
        said = self._start_people.attributes_of(self.source(row))
        return hand_made(said, str(said[self._named_by]))

    def find(self, name: str, value: str) -> int | None:
        """See :class:`mockservices.population.Population`: of what is typed in only the userName is unique."""
        if name != "userName":
            return None
        people, size = self._start_people.people, self._start_people.size
        find: Callable[[str, int], int | None] = (
            people.row_of_user_principal_name if self._named_by == "userPrincipalName" else people.row_of_mail_nickname
        )
        found = find(value, size)
        target = -1 if found is None else self.target(found)
        return target if target >= 0 else None
