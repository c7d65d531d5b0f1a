"""What the policy gives to each combination of facts, as bits of whole numbers.

Invariant: the same policy and catalogue as the world's; only at most 62 different grants and groups fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints
from sim.scenario import Scenario
from sim.setup_access import access_policy

MOST_BITS: Final = 62


@dataclass(frozen=True, slots=True)
class Masks:
    """By combination: the grants, the groups, and whether it is a contractor's."""

    grants: Ints
    groups: Ints
    contractor: NDArray[np.bool_]


def grants_and_groups(scenario: Scenario) -> int:
    """How many bits it takes."""
    catalogue = scenario.organisation.access.catalogue
    grants = {(entry.permission_set, entry.account) for entries in catalogue.values() for entry in entries}
    return max(len(grants), len(catalogue))


def masks_of(scenario: Scenario, combinations: Sequence[Facts]) -> Masks:
    """The masks of every combination; raises ValueError for too many grants or groups."""
    if grants_and_groups(scenario) > MOST_BITS:
        raise ValueError(f"there are more than {MOST_BITS} grants or groups")
    policy = access_policy(scenario)
    bits: dict[tuple[str, str], int] = {}
    names: dict[str, int] = {}
    grants = np.zeros(len(combinations), dtype=np.int64)
    groups = np.zeros(len(combinations), dtype=np.int64)
    for i, facts in enumerate(combinations):
        for name in policy.groups(facts):
            groups[i] |= 1 << names.setdefault(name, len(names))
            for grant in policy.catalogue.get(name, ()):
                grants[i] |= 1 << bits.setdefault(grant, len(bits))
    contractor = np.array([facts.employment == "contractor" for facts in combinations], dtype=np.bool_)
    return Masks(grants, groups, contractor)
