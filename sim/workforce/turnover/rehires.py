"""Those who come back: leavers of the run, found by how long they had been away, or people from before it.

Invariant: nobody comes back twice, nor before they have gone; the dead and the retired do not come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.randomness import Ints
from sim.workforce.plan import NEVER, Reason
from sim.workforce.turnover.draw import NONE, Drawing, Mask, Stints

_GONE_FOR_GOOD = (Reason.RETIREMENT, Reason.DEATH, Reason.COHORT)


@dataclass(slots=True)
class Rehires:
    """Of the joiners who comes back, and as whom; of the leavers handle, time, place, identity."""

    strangers: Mask
    returned: Mask
    who: Ints
    at: Ints
    new_identity: Ints
    places: Ints | None


def coming_back(drawing: Drawing, count: int) -> Mask:
    """Which of so many joiners have been here before."""
    if drawing.plan.rehires is None:
        return np.zeros(count, dtype=np.bool_)
    return drawing.uniform("workforce/rehires/who", count) < drawing.plan.rehires.share


def rehires(drawing: Drawing, joined: Ints, marked: Mask, groups: list[Stints]) -> Rehires:
    """Who they are, of those who join at these times."""
    plan, count = drawing.plan.rehires, len(joined)
    returned = np.zeros(count, dtype=np.bool_)
    if plan is None:
        return Rehires(returned, returned.copy(), NONE, NONE, NONE, None)
    gaps = plan.gap.draw(drawing.streams.stream("workforce/rehires/gap"), count)
    fresh = drawing.uniform("workforce/rehires/identity", count) < plan.new_identity

    leavers = [np.flatnonzero(g.here & (g.end < NEVER) & ~np.isin(g.reason, _GONE_FOR_GOOD)) for g in groups]
    handles = np.concatenate([g.who[rows] for g, rows in zip(groups, leavers, strict=True)])
    left = np.concatenate([g.end[rows] for g, rows in zip(groups, leavers, strict=True)])
    order = np.argsort(left, kind="stable")
    handles, left = handles[order], left[order]

    rows = np.flatnonzero(marked)
    target = joined[rows] - gaps[rows]
    # The last to have left by then; of several who would be the same person only the first is.
    place = np.searchsorted(left, target, side="right") - 1
    possible = (target >= 0) & (place >= 0)
    chosen, firsts = np.unique(place[possible], return_index=True)
    back = np.sort(np.flatnonzero(possible)[firsts])
    returned[rows[back]] = True
    chosen = place[back]
    at = np.maximum(joined[rows[back]], left[chosen] + 1)
    where = None
    everywhere = [g.places[rows] for g, rows in zip(groups, leavers, strict=True) if g.places is not None]
    if everywhere:
        where = np.concatenate(everywhere)[order][chosen]
    identity = fresh[rows[back]].astype(np.int64)
    return Rehires(marked & ~returned, returned, handles[chosen], at, identity, where)
