"""Contractors: how long contracts last, who takes over when they have run out, who is extended, in time or late.

Invariant: a place has one contractor at a time; a person's contract ends, extensions and lapses are strictly in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.randomness import Ints, draw_instants
from sim.spread import lognormal
from sim.time import DAY, HOUR
from sim.workforce.plan import EventKind
from sim.workforce.tables import REPLACED_AFTER, contract_lengths
from sim.workforce.times import CONTRACT_ENDS
from sim.workforce.turnover.draw import NONE, Drawing, Rows

_LONG_NOTICE = 5
"""The 95 % quantile of an extension's notice, and of a lapse, in medians. Grade D."""


@dataclass(slots=True)
class Contracts:
    """Successors in order of handle (whose place, when, until when), and what happens to everybody with a contract."""

    places_of: Ints
    started: Ints
    first_end: Ints
    expired: tuple[Ints, Ints]
    converted: tuple[Ints, Ints]
    rows: Rows = field(default_factory=Rows)


def contracts(
    drawing: Drawing, slots: Ints, served: Ints, ended: Ints, next_handle: int, places: Ints | None
) -> Contracts:
    """Everything about contracts inside the run.

    ``slots`` are the initial contractors, ``served`` how long they have been there, ``ended`` when their first
    contracts end; ``next_handle`` is the first number for a successor.
    """
    plan, times, horizon = drawing.plan, drawing.times, drawing.horizon
    further = plan.contract
    table = contract_lengths(plan.contract_mean)
    rows = Rows()
    who, since = slots, -served
    spread = None if further is None else lognormal(further.notice, _LONG_NOTICE * further.notice)
    lapses = None if further is None else lognormal(further.lapse, _LONG_NOTICE * further.lapse)
    successors: list[tuple[Ints, Ints, Ints]] = []
    expired: list[tuple[Ints, Ints]] = []
    converted: list[tuple[Ints, Ints]] = []
    last = since.copy()  # when something last happened to whoever is in the place
    generation = 0
    while len(inside := np.flatnonzero(ended < horizon)):
        slots, who, since, last, ended = slots[inside], who[inside], since[inside], last[inside], ended[inside]
        generation += 1
        name = f"workforce/contracts/{generation}"
        count = len(slots)
        low, high = REPLACED_AFTER
        pause = low + draw_instants(drawing.streams.stream(f"{name}/pause"), high - low + 1, count)
        length = table.draw(drawing.streams.stream(name), count)
        where = None if places is None else places[slots]
        goes_on = np.zeros(count, dtype=np.bool_)
        next_end, next_last = ended.copy(), last.copy()
        if further is not None and spread is not None and lapses is not None:
            fate = drawing.uniform(f"{name}/fate", count)
            late = drawing.uniform(f"{name}/late", count) < further.after_end
            notice = spread.draw(drawing.streams.stream(f"{name}/notice"), count)
            lapse = 1 + lapses.draw(drawing.streams.stream(f"{name}/lapse"), count)
            back = times.workday(ended + lapse, where, 9 * HOUR)
            back = np.maximum(back, ended + 1)
            ends = times.on_day(np.minimum(ended + length, since + further.cap), where, CONTRACT_ENDS)
            goes_on = (fate < further.extended) & (ends > ended + DAY)
            told = np.maximum(ended - notice, last + 1)
            in_time = goes_on & ~late & (told < ended)
            late &= goes_on & (ends > back + DAY) & (back < horizon)
            shown = in_time & (told >= 0)
            rows.add(EventKind.CONTRACT_EXTENSION, who[shown], told[shown], value=ends[shown])
            rows.add(EventKind.CONTRACTOR_EXPIRY, who[late], ended[late])
            rows.add(EventKind.CONTRACT_RESTORED, who[late], back[late], value=ends[late])
            goes_on = in_time | late
            next_end = np.where(goes_on, ends, next_end)
            next_last = np.where(late, back, np.where(in_time, told, next_last))
            converts = ~goes_on & (fate >= further.extended) & (fate < further.extended + further.converted)
            converted.append((who[converts], ended[converts]))
        else:
            converts = np.zeros(count, dtype=np.bool_)
        expires = ~goes_on & ~converts
        expired.append((who[expires], ended[expires]))
        begun = times.workday(times.later(ended, pause), where, 9 * HOUR)
        final = times.on_day(times.later(begun, length, 1), where, CONTRACT_ENDS)
        arrives = ~goes_on & (begun < horizon)
        handles = np.cumsum(arrives) - 1 + next_handle
        next_handle += int(np.count_nonzero(arrives))
        successors.append((slots[arrives], begun[arrives], final[arrives]))
        stays = goes_on | arrives
        who = np.where(goes_on, who, handles)[stays]
        since, last = np.where(goes_on, since, begun)[stays], np.where(goes_on, next_last, begun)[stays]
        ended, slots = np.where(goes_on, next_end, final)[stays], slots[stays]

    def joined(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
        return (
            np.concatenate([part[0] for part in parts] or [NONE]),
            np.concatenate([part[1] for part in parts] or [NONE]),
        )

    places_of, started, first_end = (
        np.concatenate([part[column] for part in successors] or [NONE]) for column in range(3)
    )
    gone = joined(expired)
    rows.add(EventKind.CONTRACTOR_EXPIRY, *gone)
    changed = joined(converted)
    rows.add(EventKind.CONVERSION, *changed)
    return Contracts(places_of, started, first_end, gone, changed, rows)
