"""Which facts each event leaves a person with.

Invariant: nobody is moved to where they are; who is seconded comes back to exactly what they were.
"""

from __future__ import annotations

import numpy as np

from sim.randomness import Ints
from sim.workforce.plan import Employment, EventKind, Reason
from sim.workforce.turnover.draw import Drawing, rank_of
from sim.workforce.turnover.tidy import Columns


def facts_after(drawing: Drawing, events: Columns, begin: Ints) -> Ints:
    """The combination that each event leaves; ``events`` are in order of person and time, ``begin`` is by person."""
    posts, choice = drawing.posts, drawing.departments
    person, _, kind, reason, _, draw, _ = events
    after = begin[person]
    rows = np.flatnonzero((kind == EventKind.MOVER) | (kind == EventKind.CONVERSION))
    who = person[rows]
    now = begin.copy()
    home = begin.copy() if (reason == Reason.SECONDMENT).any() else begin
    rank = rank_of(who)
    order = np.argsort(rank, kind="stable")
    bounds = np.searchsorted(rank[order], np.arange(int(rank.max(initial=-1)) + 2))
    for turn in range(len(bounds) - 1):
        at = rows[order[bounds[turn] : bounds[turn + 1]]]
        p, why = person[at], reason[at]
        facts = new = now[p]
        if len(choice) > 1:
            department = choice.other_indices(draw[at], posts.department(facts))
            role = location = None
            if posts.drawn:
                # for everybody, so that nobody's depends on who else moves
                role = choice.draws(drawing.streams.stream(f"workforce/movers/role/{turn}"), len(begin))[p]
                location = choice.draws(drawing.streams.stream(f"workforce/movers/location/{turn}"), len(begin))[p]
            new = posts.moved(facts, department, role, location)
        if home is not begin or (why == Reason.PROMOTION).any() or (kind[at] == EventKind.CONVERSION).any():
            new = np.where(kind[at] == EventKind.CONVERSION, posts.employed(facts, Employment.EMPLOYEE), new)
            new = np.where(why == Reason.PROMOTION, posts.promoted(facts), new)
            new = np.where(why == Reason.SECONDMENT_ENDS, home[p], new)
        if home is not begin:
            leaving = why == Reason.SECONDMENT
            home[p[leaving]] = facts[leaving]
        now[p] = new
        after[at] = new
    return carried(person, rows, after)


def carried(person: Ints, rows: Ints, facts: Ints) -> Ints:
    """The same, with what ``rows`` brought carried on to the person's later events."""
    if not len(rows):
        return facts
    last = np.full(len(person), -1, dtype=np.int64)
    last[rows] = rows
    last = np.maximum.accumulate(last)
    known = (last >= 0) & (person[last] == person)
    return np.where(known, facts[last], facts)
