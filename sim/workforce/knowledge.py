"""When HR knows of an event, and when the directory is changed about it.

Invariant: everybody's delays are drawn for everybody, by kind and by how often it has happened to them, so that
nobody's depends on who else has such an event. Nothing is changed before the start of a run.
"""

from __future__ import annotations

import numpy as np

from sim.randomness import Ints, Streams, draw_instants, draw_uniform
from sim.time import DAY, HOUR
from sim.workforce.life import HrPlan
from sim.workforce.plan import NEVER, EventKind, LagPlan, Reason, WorkforcePlan
from sim.workforce.times import Times
from sim.workforce.turnover.draw import Mask, rank_of

_ASKED = {
    EventKind.MOVER: (Reason.NONE, Reason.DEPARTMENT, Reason.PROMOTION),
    EventKind.LEAVER: (Reason.NONE, Reason.VOLUNTARY),
    EventKind.ABSENCE: (Reason.NONE,),
    EventKind.RETURN: (Reason.NONE,),
    EventKind.MANAGER_CHANGE: (Reason.NONE,),
}
"""Of whom the shares of what is known ahead, on the day and late are asked."""
_PLANNED = (
    EventKind.JOINER,
    EventKind.REHIRE,
    EventKind.CONTRACTOR_EXPIRY,
    EventKind.CONVERSION,
)
_FORESEEN = (Reason.RETIREMENT, Reason.COHORT, Reason.SECONDMENT, Reason.SECONDMENT_ENDS)
_WORKFLOW = (EventKind.JOINER, EventKind.REHIRE, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY, EventKind.NO_SHOW)
"""What Lifecycle Workflows are for
(https://learn.microsoft.com/entra/id-governance/what-are-lifecycle-workflows)."""
_SCRIPT_AT = 2 * HOUR


class Knowledge:
    """The delays of one run, for events in order of person and time."""

    def __init__(
        self,
        plan: WorkforcePlan,
        times: Times,
        streams: Streams,
        columns: tuple[Ints, Ints, Ints, Ints],
        people: int,
        places: Ints | None,
    ) -> None:
        """``columns``: person, at, kind, reason."""
        self._plan, self._times, self._streams = plan, times, streams
        self._person, self._at, self._kind, self._reason = columns
        self._people = people
        self._places = places
        self._groups: list[tuple[EventKind, str, Ints]] = []
        self._phases: dict[str, int] = {}
        for kind in EventKind:
            rows = np.flatnonzero(self._kind == kind)
            if not len(rows):
                continue
            rank = rank_of(self._person[rows])
            order = np.argsort(rank, kind="stable")
            bounds = np.searchsorted(rank[order], np.arange(int(rank.max()) + 2))
            for turn in range(len(bounds) - 1):
                name = kind.name.lower()
                numbered = f"{name}/{turn}" if turn or kind is EventKind.MOVER else name
                self._groups.append((kind, numbered, rows[order[bounds[turn] : bounds[turn + 1]]]))

    def lags(self, plan: LagPlan) -> Ints:
        """How long HR takes over each event."""
        lags = np.full(len(self._at), plan.low, dtype=np.int64)
        if plan.table is None and plan.low == plan.high:
            return lags
        for _, name, rows in self._groups:
            stream = self._streams.stream(f"workforce/hr-lag/{name}")
            if plan.table is not None:
                lags[rows] = plan.table.values(draw_uniform(stream, self._people)[self._person[rows]])
            else:
                drawn = draw_instants(stream, plan.high - plan.low + 1, self._people)
                lags[rows] = plan.low + drawn[self._person[rows]]
        return lags

    def resolved(self) -> tuple[Ints | None, Ints]:
        """When HR knows of each event (None: when the directory is changed), and when the directory is changed."""
        lag, hr = self.lags(self._plan.hr_lag), self._plan.hr
        ahead = 0 if self._plan.joining is None else self._plan.joining.prehire
        due = self._at - np.where(self._kind == EventKind.JOINER, ahead, 0)
        if hr is None:
            return None, np.maximum(due + lag, 0)
        known = self._known(hr)
        changed = self._worked(hr, np.maximum(self._reported(hr, known + lag), due))
        return known, self._outside(hr, np.maximum(changed, 0))

    def _known(self, hr: HrPlan) -> Ints:
        """When HR knows."""
        known = self._at.copy()
        asked = np.zeros(len(known), dtype=np.bool_)
        for kind, reasons in _ASKED.items():
            asked |= (self._kind == kind) & np.isin(self._reason, reasons)
        draw = self._drawn("known", tuple(_ASKED)) / float(1 << 53)
        late = np.flatnonzero((asked & (draw >= 1 - hr.late)) | (self._reason == Reason.DEATH))
        planned = np.isin(self._kind, _PLANNED) | np.isin(self._reason, _FORESEEN)
        early = planned | (asked & (draw < 1 - hr.late - hr.same_day))
        known[early] -= hr.notice
        known[late] = self._at[late] + hr.lateness.values(self._drawn("late", tuple(_ASKED))[late])
        low, high = hr.noticed
        missed = self._at + low + self._drawn("noticed", (EventKind.NO_SHOW,)) % (high - low + 1)
        return np.where(self._kind == EventKind.NO_SHOW, missed, known)

    def _drawn(self, name: str, kinds: tuple[EventKind, ...]) -> Ints:
        """Uniform whole numbers in [0, 2**53), of the person and the event's kind and number; 0 for other kinds."""
        drawn = np.zeros(len(self._at), dtype=np.int64)
        for kind, group, rows in self._groups:
            if kind in kinds:
                stream = self._streams.stream(f"workforce/hr/{name}/{group}")
                drawn[rows] = draw_uniform(stream, self._people)[self._person[rows]]
        return drawn

    def _reported(self, hr: HrPlan, at: Ints) -> Ints:
        """With the next of HR's feeds."""
        return at if hr.feed is None else _next_tick(at, hr.feed, self._phase("feed", hr.feed))

    def _worked(self, hr: HrPlan, at: Ints) -> Ints:
        """With the next run of the workflows, for what they do."""
        if hr.workflow is None:
            return at
        tick = _next_tick(at, hr.workflow, self._phase("workflow", hr.workflow))
        return np.where(np.isin(self._kind, _WORKFLOW), tick, at)

    def _phase(self, name: str, period: int) -> int:
        """When the first of what is done every ``period`` ms is done."""
        if name not in self._phases:
            self._phases[name] = int(self._streams.stream(f"workforce/hr/{name}/phase").integers(0, period))
        return self._phases[name]

    def _outside(self, hr: HrPlan, changed: Ints) -> Ints:
        """What becomes of the ends of contracts that stand in no HR system."""
        ends = self._kind == EventKind.CONTRACTOR_EXPIRY
        if not hr.outside or not ends.any():
            return changed
        outside: Mask = self._streams.stream("workforce/hr/outside").random(self._people) < hr.outside
        rows = np.flatnonzero(ends & outside[self._person])
        changed = changed.copy()
        if hr.outside_how == "never":
            changed[rows] = NEVER
        elif hr.outside_how == "attestation":
            changed[rows] = _next_tick(self._at[rows], hr.outside_every, self._phase("attestation", hr.outside_every))
        else:
            where = None if self._places is None else self._places[self._person[rows]]
            tonight = self._times.on_day(self._at[rows], where, _SCRIPT_AT)
            if not self._times.corporate:
                tonight = self._at[rows] // DAY * DAY + _SCRIPT_AT
            changed[rows] = np.where(tonight >= self._at[rows], tonight, tonight + DAY)
        return changed


def _next_tick(at: Ints, period: int, phase: int) -> Ints:
    """The first of the instants ``phase`` + k * ``period`` that is not before."""
    return phase - (phase - at) // period * period
