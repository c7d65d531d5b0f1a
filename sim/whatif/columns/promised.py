"""How a company's promises were kept, counted in columns; see :mod:`sim.observation.promises`.

Invariant: an event is judged once per promise; what is open counts as broken once its time is over, and before that as
undecided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.observation.promises import PROMISES, READY, Kept
from sim.randomness import Ints
from sim.scenario.sla import AT_START
from sim.whatif.columns.carrying import NOT

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.whatif.columns.structure import Structure


class Promised:
    """One interval's promises."""

    def __init__(self, scenario: Scenario, structure: Structure) -> None:
        sla = scenario.organisation.sla
        targets = {} if sla is None else sla.targets()
        self.kept: dict[str, Kept] | None = None
        if sla is not None:
            self.kept = {name: Kept(targets.get(name)) for name in PROMISES}
        self._notified = scenario.organisation.sla_clock == "notified"
        self._structure = structure

    def judge(self, promise: str, rows: Ints, end: Ints) -> None:
        """Events of one kind; ``end``: when each is through, or NOT."""
        if self.kept is None or promise not in self.kept:
            return
        kept, structure = self.kept[promise], self._structure
        through = end != NOT
        until = np.where(through, end, structure.end)
        limit = kept.limit
        if limit is not None:
            since = structure.at[rows]
            if self._notified and kept.target != AT_START:
                since = np.maximum(since, structure.known[rows])
            broken = np.maximum(until - since, 0) > limit
            kept.n += int(np.count_nonzero(through | broken))
            kept.breached += int(np.count_nonzero(broken))
            kept.undecided += int(np.count_nonzero(~through & ~broken))
        if promise in READY:
            waited = until - structure.at[rows]
            known = through | (waited != 0)
            kept.begun += int(np.count_nonzero(known))
            kept.ready += int(np.count_nonzero(known & (waited == 0)))
