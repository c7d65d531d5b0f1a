"""What happens to many at once: cohorts and acquisitions come, layoffs and reorganisations concern those present.

Invariant: whom it concerns is drawn from a stream of the event's own, so that it moves nobody else's draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.randomness import draw_instants
from sim.time import DAY
from sim.workforce.life import BulkPlan
from sim.workforce.plan import NEVER, EventKind, Reason
from sim.workforce.times import LAST_HOUR
from sim.workforce.turnover.draw import Drawing, Events, Mask, Rows, Seats, Stints
from sim.workforce.turnover.stints import coming

STAY = 84 * DAY
"""How long a cohort stays: twelve weeks."""
REBRANDED = 90 * DAY
"""When the acquired get the company's domain."""


@dataclass(slots=True)
class Crowd:
    """Those who come together: handles, when, why, where, and which domain they bring (0: the company's own)."""

    stints: Stints
    seats: Seats
    reason: Reason
    domain: int = 0


def crowds(drawing: Drawing, next_handle: int, rows: Rows) -> list[Crowd]:
    """Everybody who comes by cohort or acquisition, with consecutive handles."""
    found: list[Crowd] = []
    domains = 0
    for number, plan in enumerate(drawing.plan.bulk):
        if plan.kind not in {"cohort", "acquisition"} or plan.at >= drawing.horizon:
            continue
        count = plan.number(drawing.plan.size) if plan.people is None else plan.people
        name = f"bulk/{number}"
        who = np.arange(next_handle, next_handle + count, dtype=np.int64)
        next_handle += count
        when = plan.at + np.sort(draw_instants(drawing.streams.stream(f"workforce/{name}/when"), plan.over + 1, count))
        when = np.minimum(when, drawing.horizon - 1)
        seats = drawing.seats(f"{name}/", count)
        places = seats.places
        if plan.kind == "cohort":
            after = STAY if plan.after is None else plan.after
            end = np.maximum(drawing.times.on_day(when + after, places, LAST_HOUR), when + 1)
            end = np.where(end < drawing.horizon, end, NEVER)
            reason = np.full(count, Reason.COHORT, dtype=np.int64)
            stints = Stints(f"/{name}", who, when, end, reason, np.ones(count, dtype=np.bool_), places)
            found.append(Crowd(stints, seats, Reason.COHORT))
            continue
        stints = coming(drawing, name, who, when, places)
        if plan.domain is not None:
            domains += 1
            changed = plan.at + plan.over + (REBRANDED if plan.after is None else plan.after)
            events = Events(np.arange(count, dtype=np.int64), np.full(count, changed, dtype=np.int64))
            inside = stints.strictly_inside(events) & (changed < drawing.horizon)
            rows.add(EventKind.NAME_CHANGE, who[inside], events.when[inside], reason=Reason.ACQUISITION)
        found.append(Crowd(stints, seats, Reason.ACQUISITION, domains if plan.domain is not None else 0))
    return found


def layoffs(drawing: Drawing, groups: list[Stints]) -> None:
    """Ends the stints of those who are laid off."""
    for number, plan in enumerate(drawing.plan.bulk):
        if plan.kind != "layoff" or plan.at >= drawing.horizon:
            continue
        for group, mask in zip(groups, _chosen(drawing, number, plan, groups, plan.at), strict=True):
            rows = np.flatnonzero(mask)
            over = draw_instants(
                drawing.streams.stream(f"workforce/bulk/{number}/when{group.name}"), plan.over + 1, len(rows)
            )
            group.end[rows] = np.minimum(np.minimum(group.end[rows], plan.at + over), drawing.horizon - 1)
            group.reason[rows] = Reason.LAYOFF


def reorganisations(drawing: Drawing, groups: list[Stints], rows: Rows) -> None:
    """Moves those who are reorganised to other departments."""
    for number, plan in enumerate(drawing.plan.bulk):
        until = plan.at + plan.over
        if plan.kind != "reorganisation" or until >= drawing.horizon or len(drawing.departments) < 2:
            continue
        for group, mask in zip(groups, _chosen(drawing, number, plan, groups, until), strict=True):
            who = group.who[mask]
            name = f"workforce/bulk/{number}"
            when = plan.at + draw_instants(drawing.streams.stream(f"{name}/when{group.name}"), plan.over + 1, len(who))
            draw = drawing.departments.draws(drawing.streams.stream(f"{name}/moved{group.name}"), len(who))
            rows.add(EventKind.MOVER, who, when, reason=Reason.REORGANISATION, value=-1, draw=draw)


def _chosen(drawing: Drawing, number: int, plan: BulkPlan, groups: list[Stints], until: int) -> list[Mask]:
    """Who of each group it concerns: employees who are there from before it until after it."""
    keys = [drawing.uniform(f"workforce/bulk/{number}/who{group.name}", len(group.who)) for group in groups]
    there = [group.here & (group.begin < plan.at) & (group.end > until) for group in groups]
    present = np.concatenate(there)
    rows = np.flatnonzero(present)
    order = np.argsort(np.concatenate(keys)[rows], kind="stable")
    wanted = np.zeros(len(present), dtype=np.bool_)
    wanted[rows[order[: plan.number(len(rows))]]] = True
    return list(np.split(wanted, np.cumsum([len(group.who) for group in groups])[:-1]))
