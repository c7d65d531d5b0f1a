"""Whether the rows of a file make lives: nobody leaves who is not there, nobody comes twice.

Invariant: a life is read in order of time; the order of the rows in the file plays no part in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.owndata import columns as named
from sim.owndata.rows import UNCHANGED, Rows
from sim.randomness import Ints
from sim.workforce.plan import EventKind

_TO_COME, _HERE, _AWAY, _GONE = range(4)
_THERE: Final = (_HERE, _AWAY)
_ALLOWED: Final[dict[int, tuple[tuple[int, ...], int | None]]] = {
    EventKind.JOINER: ((_TO_COME,), _HERE),
    EventKind.NO_SHOW: ((_TO_COME, _HERE), _GONE),
    EventKind.LEAVER: (_THERE, _GONE),
    EventKind.CONTRACTOR_EXPIRY: (_THERE, _GONE),
    EventKind.ABSENCE: ((_HERE,), _AWAY),
    EventKind.RETURN: ((_AWAY,), _HERE),
    EventKind.REHIRE: ((_GONE,), _HERE),
    EventKind.CONTRACT_RESTORED: ((_GONE,), _HERE),
}
"""In which state of a life a kind of event can happen, and the state that it leads to; the others change none."""


FactNumbers = tuple[int, int, int, int]
"""Department, employment, role and location, by their numbers in the rows' texts."""


def live(rows: Rows, began: dict[int, FactNumbers], present: set[int], numbers: dict[FactNumbers, int]) -> Ints:
    """What each event of the rows makes of the person's facts, by their number; refuses what cannot happen.

    ``began``: by label, what everybody begins with whom an event is about; goes on to what they are in the end.
    ``present``: who of them is there at the start. ``numbers``: the combinations so far, to which is added.
    """
    events = rows.events
    order = np.lexsort((np.array(events.kind, np.int64), np.array(events.at, np.int64), np.array(events.label)))
    state = dict.fromkeys(present, _HERE)
    since: dict[int, int] = {}
    found = np.zeros(len(order), dtype=np.int64)
    given = list(zip(events.department, events.employment, events.role, events.location, strict=True))
    for i in order.tolist():
        who, kind = events.label[i], events.kind[i]
        facts = began.get(who)
        if facts is None:
            raise rows.origin.refusal(
                f"a {_named(kind)} of somebody who is not there; begin with a row of kind present or joiner",
                *(events.line[i], "person"),
            )
        now = state.get(who, _TO_COME)
        allowed, then = _ALLOWED.get(kind, (_THERE, None))
        if now not in allowed:
            raise _refused(rows, i, now, since.get(who, rows.first_line[who]))
        if then is not None:
            state[who] = then
            since[who] = events.line[i]
        new = given[i]
        if kind == EventKind.CONVERSION and new[1] == UNCHANGED:
            new = (new[0], named.EMPLOYMENTS.index("employee"), *new[2:])
        if new != facts:
            department, employment, role, location = (
                old if each == UNCHANGED else each for old, each in zip(facts, new, strict=True)
            )
            facts = began[who] = (department, employment, role, location)
        found[i] = numbers.setdefault(facts, len(numbers))
    return found


def _named(kind: int) -> str:
    return EventKind(kind).name.lower()


def _refused(rows: Rows, event: int, now: int, since: int) -> Exception:
    how = {
        _TO_COME: f"who has not come yet (line {since})",
        _HERE: f"who is there (line {since})",
        _AWAY: f"who is away (line {since})",
        _GONE: f"who is gone (line {since})",
    }[now]
    after = {
        _TO_COME: "the row joiner comes first",
        _HERE: "a row leaver or absence comes first",
        _AWAY: "a row return comes first",
        _GONE: "a row rehire comes first",
    }[now]
    kind, line = rows.events.kind[event], rows.events.line[event]
    return rows.origin.refusal(f"a {_named(kind)} of somebody {how}; {after}", line, "kind")
