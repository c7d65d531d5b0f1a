"""Random working lives of generated people, every kind of event among them, as rows of a schedule written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from sim.workforce.plan import NEVER, EventKind, Reason
from tests.semantics.hand_made import CONTRACTOR, LEAD, Row, company, minutes
from tests.semantics.story import Answers, Seen

NOBODY_YET, PRESENT, AWAY, EXPIRED, LEFT, NEVER_CAME = range(6)
STEPS = {
    NOBODY_YET: [EventKind.JOINER, EventKind.JOINER, EventKind.NO_SHOW],
    PRESENT: [
        *(EventKind.MOVER, EventKind.MOVER, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY, EventKind.ABSENCE),
        *(EventKind.CONTRACT_EXTENSION, EventKind.CONVERSION, EventKind.NAME_CHANGE, EventKind.MANAGER_CHANGE),
    ],
    AWAY: [EventKind.RETURN, EventKind.RETURN, EventKind.LEAVER, EventKind.MOVER],
    EXPIRED: [EventKind.CONTRACT_RESTORED, EventKind.REHIRE],
    LEFT: [EventKind.REHIRE],
    NEVER_CAME: [],
}
THEN = {
    EventKind.JOINER: PRESENT,
    EventKind.NO_SHOW: NEVER_CAME,
    EventKind.LEAVER: LEFT,
    EventKind.CONTRACTOR_EXPIRY: EXPIRED,
    EventKind.ABSENCE: AWAY,
    EventKind.RETURN: PRESENT,
    EventKind.CONTRACT_RESTORED: PRESENT,
    EventKind.REHIRE: PRESENT,
}
LAGS = (0, 0, 0, 7, 45, 101, -1, -33, None)
"""Minutes from an event to the directory's change; None: nobody tells it."""
PLACES = (0, 2, 4, 6)
"""Rows of the combinations, as an employee; Kitchen, the last, gives nothing."""


@dataclass(slots=True)
class Lives:
    """A company: what its people are at the start and at joining, and what happens to them."""

    start: list[int]
    later: list[int]
    rows: list[Row]
    answers: Answers | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def begin(self, **more: Any) -> Seen:
        """The world at time 0; ``more`` replaces keys of the scenario."""
        merged = {**self.more, **more}
        return company(self.start, self.rows, later=self.later, answers=self.answers, **merged)


@st.composite
def lives(draw: st.DrawFn, *, comebacks: bool = True) -> Lives:
    """Up to four people at the start and three who come later, each with up to five events.

    Times lie half a minute off the gates, so that nothing becomes true in the middle of a cycle.
    """
    start = [draw(st.sampled_from(PLACES)) + draw(st.integers(0, 1)) for _ in range(draw(st.integers(1, 4)))]
    later = [draw(st.sampled_from(PLACES)) + draw(st.integers(0, 1)) for _ in range(draw(st.integers(0, 3)))]
    rows: list[Row] = []
    for person, facts in enumerate((*start, *later)):
        rows += draw(_life(person, facts, person >= len(start), len(start), comebacks=comebacks))
    more = {
        "provisioning__on_leave": draw(st.sampled_from(["disable", "disable", "delete"])),
        "provisioning__strategy": draw(st.sampled_from(["cycle", "cycle", "cycle", "none"])),
    }
    return Lives(start, later, rows, more=more)


@st.composite
def _life(draw: st.DrawFn, person: int, facts: int, comes: bool, managers: int, *, comebacks: bool) -> list[Row]:
    times = sorted(draw(st.lists(st.integers(1, 235), max_size=5, unique=True)))
    state, rows = NOBODY_YET if comes else PRESENT, []
    for minute in times:
        kinds = [kind for kind in STEPS[state] if comebacks or state not in {EXPIRED, LEFT}]
        if not kinds:
            break
        kind = draw(st.sampled_from(kinds))
        contractor = facts % 2 == CONTRACTOR and facts < LEAD
        if kind in _CONTRACTORS and not contractor:
            kind = EventKind.LEAVER if kind == EventKind.CONTRACTOR_EXPIRY else EventKind.NAME_CHANGE
        if kind == EventKind.REHIRE or (kind == EventKind.MOVER and not contractor):
            facts = draw(st.sampled_from((*PLACES, LEAD)))
        elif kind == EventKind.MOVER:
            facts = draw(st.sampled_from(PLACES)) + CONTRACTOR
        elif kind == EventKind.CONVERSION:
            facts -= CONTRACTOR
        at = minutes(minute) + 30_000
        lag = draw(st.sampled_from(LAGS))
        if lag is None and kind not in {EventKind.CONTRACTOR_EXPIRY, EventKind.NO_SHOW}:
            lag = 0
        told = NEVER if lag is None else max(0, at + minutes(lag))
        if kind == EventKind.NO_SHOW:
            rows.append(Row(at, EventKind.JOINER, person, facts, at - minutes(draw(st.sampled_from([0, 20, 90])))))
            told = max(at + 1, told)
        reason, value = draw(_details(kind, managers))
        rows.append(Row(at, kind, person, facts, told, reason, value))
        state = THEN.get(kind, state)
    return rows


_CONTRACTORS = {EventKind.CONTRACTOR_EXPIRY, EventKind.CONTRACT_EXTENSION, EventKind.CONVERSION}


def _details(kind: EventKind, managers: int) -> st.SearchStrategy[tuple[Reason, int]]:
    """A reason and a value that go with a kind."""
    if kind == EventKind.NAME_CHANGE:
        return st.sampled_from([(Reason.NONE, 3), (Reason.NONE, 17), (Reason.ACQUISITION, 0), (Reason.ACQUISITION, 1)])
    if kind == EventKind.REHIRE:
        return st.sampled_from([(Reason.NONE, 0), (Reason.NONE, 1)])
    if kind == EventKind.LEAVER:
        return st.sampled_from([(Reason.VOLUNTARY, 0), (Reason.DEATH, 0), (Reason.LAYOFF, 0)])
    if kind in {EventKind.MOVER, EventKind.MANAGER_CHANGE}:
        return st.tuples(st.just(Reason.NONE), st.integers(-1, managers - 1))
    if kind in {EventKind.JOINER, EventKind.CONTRACT_EXTENSION, EventKind.CONTRACT_RESTORED}:
        return st.tuples(st.just(Reason.NONE), st.sampled_from([0, minutes(500)]))
    return st.just((Reason.NONE, 0))
