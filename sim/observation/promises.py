"""What was promised about lifecycle events, held against how long each really took.

Invariant: an event is judged once per promise, when it is through or overtaken; what is still open is judged only when
it is asked about. A promise is broken from the instant at which its time is over, whatever happens to the event later.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from mockservices.clock import Millis
from sim.observation.latency import HR, Measure
from sim.observation.person import Person
from sim.observation.words import (
    CONTRACTOR_EXPIRY,
    HOPS,
    JOINER,
    LEAVER,
    MOVER,
    MOVER_GRANT,
    MOVER_REVOKE,
    PRIVILEGED_LEAVER,
    REHIRE,
)
from sim.scenario import Scenario
from sim.scenario.sla import AT_START, Clock, Ready

WORST: Final = 5
"""How many cases of each promise are listed, those that took longest first."""
PROMISES: Final = (LEAVER, MOVER, JOINER, PRIVILEGED_LEAVER, CONTRACTOR_EXPIRY, REHIRE)
"""What can be promised, in the order of the summary."""
READY: Final = (JOINER, REHIRE)
"""Kinds of event of which it counts whether all was there when they began."""
_PROMISE: Final = {
    LEAVER: LEAVER,
    MOVER_GRANT: MOVER,
    MOVER_REVOKE: MOVER,
    JOINER: JOINER,
    CONTRACTOR_EXPIRY: CONTRACTOR_EXPIRY,
    REHIRE: REHIRE,
}

Case: TypeAlias = tuple[int, int, int, int, str | None]
"""(-ms it took, when the event became true, event, person, the hop that took longest): the worst sort first."""


@dataclass(slots=True)
class Kept:
    """How one promise has been kept."""

    target: Ready | None
    """Within how many ms, or ``at_start``; None: nothing is promised, and only who was ready at once is counted."""
    n: int = 0
    breached: int = 0
    undecided: int = 0
    """What is open and still has time."""
    begun: int = 0
    """Events of which it is known whether everything was there when they began."""
    ready: int = 0
    """Those of them for which it was."""
    worst: list[Case] = field(default_factory=list)

    @property
    def limit(self) -> Millis | None:
        """Within how many ms."""
        return Millis(0) if self.target == AT_START else self.target

    def judge(self, case: Case, *, through: bool, stands: bool = True) -> None:
        """Count a case: ``through`` or not, and if not, whether it still ``stands`` or was overtaken."""
        limit = self.limit
        if limit is None:
            return
        broken = -case[0] > limit
        if not through and not broken:
            self.undecided += stands
            return
        self.n += 1
        self.breached += broken
        insort(self.worst, case)
        del self.worst[WORST:]

    def begin(self, waited: int, *, through: bool) -> None:
        """Count whether everything was there at once; ``waited``: ms since it should have been."""
        if through or waited:
            self.begun += 1
            self.ready += not waited

    def copy(self) -> Kept:
        """The same, to count on."""
        return Kept(self.target, self.n, self.breached, self.undecided, self.begun, self.ready, list(self.worst))


class Promises:
    """A company's promises, and how they have been kept so far."""

    def __init__(self, targets: dict[str, Ready], clock: Clock, privileged: frozenset[int]) -> None:
        """``targets``: ms or ``at_start`` by promise; ``privileged``: the grants of ``privileged_leaver``."""
        self._notified = clock == "notified"
        self._privileged = privileged
        self._kept = {name: Kept(targets.get(name)) for name in PROMISES}
        self._parts: dict[int, Case] = {}
        """Of movers of whom one part is through and the other is not: the part that took longer."""

    # --- while the world runs ----------------------------------------------------------------------------

    def opens(self, measure: Measure, person: Person) -> None:
        """A measure begins, or begins anew: note whether it is about a privileged permission set.

        It is when the person holds one, or was entitled to one until this instant.
        """
        if measure.kind == LEAVER and self._privileged:
            measure.privileged |= not self._privileged.isdisjoint(person.effective) or any(
                cause == LEAVER and grant in self._privileged for grant, cause in person.lost.items()
            )

    def finished(self, measure: Measure, now: int, *, last: bool) -> None:
        """A measure has reached its end state; ``last``: no other part of its event is under way."""
        if measure.kind not in _PROMISE:
            return
        case = self._longer(self._parts.pop(measure.event, None), self._case(measure, now))
        if last:
            self._judge(self._kept, measure, case, now, through=True)
        else:
            self._parts[measure.event] = case

    def overtaken(self, measures: Sequence[Measure], now: int) -> None:
        """An event is overtaken of which these measures were under way."""
        self._unfinished(self._kept, measures, now, stands=False)
        for measure in measures:
            self._parts.pop(measure.event, None)

    # --- when it is asked about --------------------------------------------------------------------------

    def kept(self, under_way: Iterable[Sequence[Measure]], now: int) -> dict[str, Kept]:
        """How each promise has been kept by now; ``under_way``: the open measures, event by event. Changes nothing."""
        kept = {name: row.copy() for name, row in self._kept.items()}
        for measures in under_way:
            self._unfinished(kept, measures, now, stands=True)
        return kept

    def _unfinished(self, kept: dict[str, Kept], measures: Sequence[Measure], now: int, *, stands: bool) -> None:
        measures = [measure for measure in measures if measure.kind in _PROMISE]
        if not measures:
            return
        case = self._parts.get(measures[0].event)
        for measure in measures:
            case = self._longer(case, self._case(measure, now))
        assert case is not None
        self._judge(kept, measures[0], case, now, through=False, stands=stands)

    def _judge(
        self, kept: dict[str, Kept], measure: Measure, case: Case, now: int, *, through: bool, stands: bool = True
    ) -> None:
        promise = _PROMISE[measure.kind]
        kept[promise].judge(case, through=through, stands=stands)
        if measure.privileged:
            kept[PRIVILEGED_LEAVER].judge(case, through=through, stands=stands)
        if promise in READY:
            kept[promise].begin(now - measure.start, through=through)

    @staticmethod
    def _longer(case: Case | None, other: Case) -> Case:
        return other if case is None else min(case, other)

    def _case(self, measure: Measure, now: int) -> Case:
        """How long a measure has taken by the clock of its promise."""
        start = measure.start
        if self._notified and self._kept[_PROMISE[measure.kind]].target != AT_START:
            start = max(start, measure.known_at)  # nobody has to be ready, or gone, before the day
        hops = list(measure.hops)
        hops[measure.hop] += now - measure.since
        return (
            -max(now - start, 0),
            measure.start,
            measure.event,
            measure.person,
            longest(hops, start - measure.start),
        )


def longest(hops: Sequence[int], before: int) -> str | None:
    """The hop that took longest of what is left after the first ``before`` ms; None where nothing is left.

    Hops follow each other in their order, so what lies before the clock's start is taken from the first ones.
    """
    most, name = 0, None
    for hop in range(HR, len(HOPS)):
        passed = min(hops[hop], before)
        before -= passed
        if hops[hop] - passed > most:
            most, name = hops[hop] - passed, HOPS[hop]
    return name


def promises_of(scenario: Scenario, privileged: frozenset[int]) -> Promises | None:
    """The promises of a scenario's company; None where it makes none."""
    sla = scenario.organisation.sla
    return None if sla is None else Promises(sla.targets(), scenario.organisation.sla_clock, privileged)
