"""Who holds what they should not, or lacks what they should have, by arithmetic: the oracle's sums over time.

Invariant: an event that nothing gets in the way of is reckoned by itself; of people whose events meet, every instant is
looked at at which truth, directory or target changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.observation.statistics import hours
from sim.observation.words import ABSENCE, CAUSES, CONTRACTOR_EXPIRY, CYCLE, EARLY, HR, LEAVER, MOVER, NOBODY
from sim.workforce.plan import NEVER, EventKind

if TYPE_CHECKING:
    from sim.whatif.carriage import Carried
    from sim.whatif.oracle import Lives

_TRUTH, _TOLD, _HELD, _ALL = range(4)
_CAUSE_OF: Final[dict[int, str]] = {
    EventKind.LEAVER: LEAVER,
    EventKind.CONTRACTOR_EXPIRY: CONTRACTOR_EXPIRY,
    EventKind.ABSENCE: ABSENCE,
    EventKind.NO_SHOW: EARLY,
}
_EARLY: Final = 99


@dataclass(slots=True)
class _Sums:
    """Time over people, in ms."""

    orphaned: int = 0
    missing: int = 0
    by_hr: int = 0
    by_nobody: int = 0
    causes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CAUSES, 0))


def exposure(lives: Lives, carried: Carried, end: int, waits: str = CYCLE) -> dict[str, object]:
    """Who held what they should not, or lacked what they should have, and for how long: sums and means over time."""
    sums = _Sums()
    alone = _alone(lives, carried)
    _one_by_one(sums, lives, carried, end, np.flatnonzero(alone))
    if not alone.all():
        _in_each_others_way(sums, lives, carried, end, np.flatnonzero(~alone))
    total = sums.orphaned
    return {
        "orphaned_access": {
            "people": {"mean": total / end, "person_hours": hours(total)},
            "by_cause": {word: {"person_hours": hours(ms)} for word, ms in sums.causes.items()},
            "by_waiting_for": {
                HR: hours(sums.by_hr),
                waits: hours(total - sums.by_hr - sums.by_nobody),
                NOBODY: hours(sums.by_nobody),
            },
        },
        "missing_access": {"mean": sums.missing / end, "person_hours": hours(sums.missing)},
    }


def _alone(lives: Lives, carried: Carried) -> NDArray[np.bool_]:
    """Events of people to whom nothing else happens before an event has arrived, and it arrives as it was meant."""
    told, at = lives.told, lives.at
    plain = (told >= at) & (carried.at >= told) & (carried.gives == lives.grants)
    same = lives.person[1:] == lives.person[:-1]
    plain[:-1] &= ~same | (carried.at[:-1] < at[1:])
    busy = np.zeros(lives.people, dtype=np.bool_)
    busy[lives.person[~plain]] = True
    return ~busy[lives.person]


def _one_by_one(sums: _Sums, lives: Lives, carried: Carried, end: int, rows: NDArray[np.intp]) -> None:
    """From each event on until it has arrived, what was held before is held, and nothing else."""
    at, arrives = np.minimum(lives.at[rows], end), np.minimum(carried.at[rows], end)
    told = np.minimum(lives.told[rows], end)
    grants, before = lives.grants[rows], lives.before[rows]
    orphaned, lasts = (before & ~grants) != 0, arrives - at
    sums.orphaned += int(lasts[orphaned].sum())
    sums.missing += int(lasts[(grants & ~before) != 0].sum())
    sums.by_hr += int((told - at)[orphaned].sum())
    endless = orphaned & (carried.at[rows] == NEVER)
    sums.by_nobody += int((end - told)[endless].sum())
    kinds = lives.kind[rows]
    for kind in EventKind:
        if lasted := int(lasts[orphaned & (kinds == kind)].sum()):
            sums.causes[_CAUSE_OF.get(kind, MOVER)] += lasted


def _in_each_others_way(sums: _Sums, lives: Lives, carried: Carried, end: int, chosen: NDArray[np.intp]) -> None:
    """Events that meet: every point in time at which truth, directory or target changes, person by person."""
    person, kind, at, told_at = (each[chosen] for each in (lives.person, lives.kind, lives.at, lives.told))
    arrives, gives, grants = carried.at[chosen], carried.gives[chosen], lives.grants[chosen]
    touched, first, rank = np.unique(person, return_index=True, return_inverse=True)
    n, begun = len(person), len(touched)
    rows = np.arange(n)
    # four columns of points in time, each of which sets truth, directory or target to what an event says: the first
    # column sets all three to what the person begins with
    times = np.minimum(np.concatenate([np.full(begun, -1), at, told_at, arrives]), end)
    ranks = np.concatenate([np.arange(begun), rank, rank, rank])
    column = np.repeat([_ALL, _TRUTH, _TOLD, _HELD], [begun, n, n, n])
    event = np.concatenate([2 * first, *[2 * rows + 1] * 3])
    order = np.argsort(ranks * (end + 2) + times + 1, kind="stable")
    ranks, times, column, event = (each[order] for each in (ranks, times, column, event))
    # of two changes that arrive in the wrong order the later one stands: events only ever go up, from person to person
    values = np.empty(2 * n, dtype=np.int64)
    values[1::2] = grants
    values[2 * first] = lives.begins[touched]
    given = values.copy()
    given[1::2] = gives
    reached = [
        np.maximum.accumulate(np.where((column == each) | (column == _ALL), event, 0))
        for each in (_TRUTH, _TOLD, _HELD)
    ]
    truth, told, held = values[reached[0]], values[reached[1]], given[reached[2]]
    lasts = np.zeros(len(order), dtype=np.int64)
    lasts[:-1] = np.where(ranks[1:] == ranks[:-1], times[1:], end) - np.maximum(times[:-1], 0)
    if len(lasts):
        lasts[-1] = end - max(int(times[-1]), 0)
    lasts = np.maximum(lasts, 0)
    orphaned, missing = (held & ~truth) != 0, (truth & ~held) != 0
    unheard = orphaned & ((held & told & ~truth) != 0)
    cause = np.where(reached[0] % 2 == 1, kind[reached[0] // 2], -1)
    cause[(reached[1] > reached[0]) & (told & held & ~truth != 0)] = _EARLY  # the directory is ahead of the day
    # what no cycle and no ticket will end: nothing is going to come of what the directory has said
    latest = reached[1] // 2
    never = (reached[1] % 2 == 1) & ((arrives[latest] == NEVER) | (given[reached[1]] & ~truth & held != 0))
    endless = orphaned & ~unheard & never
    sums.orphaned += int(lasts[orphaned].sum())
    sums.missing += int(lasts[missing].sum())
    for each in np.unique(cause[orphaned]).tolist():
        word = EARLY if each == _EARLY else _CAUSE_OF.get(each, MOVER)
        sums.causes[word] += int(lasts[orphaned & (cause == each)].sum())
    sums.by_hr += int(lasts[unheard].sum())
    sums.by_nobody += int(lasts[endless].sum())
