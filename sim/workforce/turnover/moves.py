"""What happens to people while they are here: other departments, roles and managers, secondments, names, absences.

Invariant: everything lies strictly inside a stint; absences of a person do not overlap, nor do secondments.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from sim.randomness import Ints, draw_instants
from sim.time import HOUR
from sim.workforce.plan import NEVER, EventKind, Reason
from sim.workforce.turnover.draw import Drawing, Events, Mask, Rows, Stints

_MORNING = 9 * HOUR


def changes(drawing: Drawing, group: Stints, rows: Rows) -> None:
    """Everything that happens inside the stints of one group."""
    plan, count, name = drawing.plan, len(group.who), group.name
    _departments(drawing, group, rows)
    if plan.moving is not None:
        _plain(drawing, group, rows, "promotions", plan.moving.promotions, EventKind.MOVER, Reason.PROMOTION)
        _plain(drawing, group, rows, "managers", plan.moving.manager_changes, EventKind.MANAGER_CHANGE, Reason.NONE)
        _secondments(drawing, group, rows)
    if plan.name_changes:
        _plain(drawing, group, rows, "names", plan.name_changes, EventKind.NAME_CHANGE, Reason.NONE)
    if plan.absences is not None:
        absent = drawing.candidates(f"absences{name}", "moving", Fraction(plan.absences.rate), count, group.places)
        length = plan.absences.length.draw(drawing.streams.stream(f"workforce/absences{name}/length"), len(absent.who))
        where = None if group.places is None else group.places[absent.who]
        begin = drawing.times.on_day(absent.when, where, _MORNING)
        end = drawing.times.workday(begin + np.maximum(length, 1), where, _MORNING)
        _pairs(
            group,
            rows,
            drawing.horizon,
            begin,
            end,
            absent.who,
            EventKind.ABSENCE,
            EventKind.RETURN,
            Reason.NONE,
            Reason.NONE,
        )


def _departments(drawing: Drawing, group: Stints, rows: Rows) -> None:
    rate = Fraction(drawing.plan.movers) if len(drawing.departments) > 1 else Fraction(0)
    moves = drawing.candidates(f"movers{group.name}", "moving", rate, len(group.who), group.places)
    draw = drawing.departments.draws(drawing.streams.stream(f"workforce/movers{group.name}/department"), len(moves.who))
    inside = group.strictly_inside(moves)
    reason = Reason.NONE if drawing.plan.moving is None else Reason.DEPARTMENT
    rows.add(
        EventKind.MOVER, group.who[moves.who[inside]], moves.when[inside], reason=reason, value=-1, draw=draw[inside]
    )


def _plain(
    drawing: Drawing, group: Stints, rows: Rows, name: str, rate: float, kind: EventKind, reason: Reason
) -> None:
    """A Poisson process of events that stand for themselves; ``draw`` chooses what is new."""
    events = drawing.candidates(f"{name}{group.name}", "moving", Fraction(rate), len(group.who), group.places)
    draw = draw_instants(drawing.streams.stream(f"workforce/{name}{group.name}/draw"), 1 << 31, len(events.who))
    inside = group.strictly_inside(events)
    rows.add(kind, group.who[events.who[inside]], events.when[inside], reason=reason, value=-1, draw=draw[inside])


def _secondments(drawing: Drawing, group: Stints, rows: Rows) -> None:
    moving = drawing.plan.moving
    if moving is None or len(drawing.departments) < 2:
        return
    name = group.name
    events = drawing.candidates(
        f"secondments{name}", "moving", Fraction(moving.secondments), len(group.who), group.places
    )
    streams, count = drawing.streams, len(events.who)
    low, high = moving.secondment
    length = low + draw_instants(streams.stream(f"workforce/secondments{name}/length"), high - low + 1, count)
    draw = drawing.departments.draws(streams.stream(f"workforce/secondments{name}/department"), count)
    where = None if group.places is None else group.places[events.who]
    end = drawing.times.workday(drawing.times.later(events.when, length, 1), where, _MORNING)
    _pairs(
        group, rows, drawing.horizon, events.when, end, events.who, EventKind.MOVER, EventKind.MOVER,
        Reason.SECONDMENT, Reason.SECONDMENT_ENDS, draw, value=-1,
    )  # fmt: skip


def _pairs(
    group: Stints,
    rows: Rows,
    horizon: int,
    begin: Ints,
    end: Ints,
    who: Ints,
    kind: EventKind,
    back: EventKind,
    reason: Reason,
    reason_back: Reason,
    draw: Ints | int = 0,
    *,
    value: int = 0,
) -> None:
    """Beginnings that do not fall into an earlier one's stretch, and ends that the person sees."""
    order = np.lexsort((begin, who))
    kept = order[_apart(who[order], begin[order], end[order])]
    kept = kept[group.strictly_inside(Events(who[kept], begin[kept]))]
    draws = draw[kept] if not isinstance(draw, int) else draw
    pair = rows.new_pairs(len(kept))
    rows.add(kind, group.who[who[kept]], begin[kept], reason=reason, value=value, draw=draws, pair=pair)
    seen = group.strictly_inside(Events(who[kept], end[kept])) & (end[kept] < horizon)
    rows.add(back, group.who[who[kept[seen]]], end[kept[seen]], reason=reason_back, value=value, pair=pair[seen])


def _apart(who: Ints, begin: Ints, end: Ints) -> Mask:
    """Which stretches, in order of person and beginning, begin after every earlier one of the person has ended."""
    fine = np.ones(len(who), dtype=np.bool_)
    starts = np.flatnonzero(np.concatenate((np.ones(min(len(who), 1), dtype=np.bool_), who[1:] != who[:-1])))
    counts = np.diff(np.concatenate((starts, [len(who)])))
    latest = end[starts].copy()
    for further in range(1, int(counts.max(initial=0))):
        more = counts > further
        row = starts[more] + further
        fine[row] = begin[row] > latest[more]
        latest[more] = np.maximum(latest[more], end[row])
    return fine


def departures(group: Stints, rows: Rows) -> None:
    """The ends of the stints, where they fall into the run."""
    ends = np.flatnonzero(group.here & (group.end < NEVER))
    rows.add(EventKind.LEAVER, group.who[ends], group.end[ends], reason=group.reason[ends])
