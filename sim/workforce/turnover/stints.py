"""Employees' stints: how long those who are there, or who come, stay as employees, and why they go.

Invariant: a stint ends after it began; whoever is on a second stint has ended the first before.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from sim.randomness import Ints
from sim.time import DAY
from sim.workforce.plan import NEVER, Reason
from sim.workforce.tables import FIRST_YEAR_HAZARD, YEAR
from sim.workforce.times import DISMISSALS, LAST_HOUR
from sim.workforce.turnover.draw import Drawing, Events, Mask, Stints, chosen, first


def starting(drawing: Drawing, here: Mask, places: Ints | None) -> Stints:
    """Everybody who is there at the start; ``here``: the employees among them."""
    size = drawing.plan.size
    left = first(drawing.candidates("leavers", "leaving", Fraction(drawing.plan.leavers), size, places), size)
    return _ended(drawing, "", np.arange(size, dtype=np.int64), np.full(size, -1, dtype=np.int64), left, here, places)


def coming(drawing: Drawing, name: str, who: Ints, begin: Ints, places: Ints | None) -> Stints:
    """Those who become employees during the run, who leave more often in their first year."""
    rate, count = Fraction(drawing.plan.leavers), len(who)
    extra = drawing.candidates(
        f"leavers/{name}/first-year" if name != "joined" else "leavers/first-year",
        "leaving",
        rate * (FIRST_YEAR_HAZARD - 1),
        count,
        places,
    )
    extra = chosen(extra, extra.when < drawing.times.later(begin, np.full(count, YEAR))[extra.who])
    later = drawing.candidates(f"leavers/{name}", "leaving", rate, count, places)
    later = Events(np.concatenate((later.who, extra.who)), np.concatenate((later.when, extra.when)))
    left = first(chosen(later, later.when > begin[later.who]), count)
    return _ended(drawing, f"/{name}", who, begin, left, np.ones(count, dtype=np.bool_), places)


def _ended(drawing: Drawing, name: str, who: Ints, begin: Ints, left: Ints, here: Mask, places: Ints | None) -> Stints:
    """With reasons, and at the hours that go with them."""
    reason = np.full(len(who), Reason.NONE, dtype=np.int64)
    shares, times = drawing.plan.leaving, drawing.times
    if shares is not None:
        draw = drawing.uniform(f"workforce/leavers{name}/reason", len(who))
        bounds = np.cumsum([shares.involuntary, shares.retirement, shares.death])
        reasons = np.array([Reason.INVOLUNTARY, Reason.RETIREMENT, Reason.DEATH, Reason.VOLUNTARY], dtype=np.int64)
        reason = reasons[np.searchsorted(bounds, draw, side="right")]
    if times.corporate:
        rows = np.flatnonzero(left < NEVER)
        at, why = left[rows], reason[rows]
        there = None if places is None else places[rows]
        evening, month = times.on_day(at, there, LAST_HOUR), times.month_end(at, there, LAST_HOUR)
        midnight = times.on_day(at, there, 0)
        opens, closes = DISMISSALS
        any_hour = midnight + (at - times.on_day(at, there, opens)) * DAY // (closes - opens)
        moved = np.where(why == Reason.RETIREMENT, month, evening)
        moved = np.where(why == Reason.INVOLUNTARY, at, moved)
        moved = np.where(why == Reason.DEATH, any_hour, moved)
        left = left.copy()
        left[rows] = np.maximum(moved, begin[rows] + 1)
    return Stints(name, who, begin, np.where(left < drawing.horizon, left, NEVER), reason, here, places)
