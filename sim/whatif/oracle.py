"""The same people and events lived through by arithmetic on columns: a second opinion on a world, and a fast one.

Invariant: people, events, HR's delays, tickets and the cycle's phase are those of the simulated world with this seed
and replication; nothing else of the simulation is used. Cycles take no time here: a world agrees event by event up to
the time that its requests take, as long as nothing fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.observation.summary.events import latency_row
from sim.observation.words import (
    CYCLE,
    LATENCIES,
    MOVER_GRANT,
    MOVER_REVOKE,
    TICKET,
)
from sim.randomness import Ints
from sim.scenario import Scenario
from sim.setup import everybody
from sim.whatif.carriage import Carried, carried_by
from sim.whatif.exposing import exposure
from sim.whatif.figures import Figures, figures
from sim.whatif.masks import Masks, masks_of
from sim.workforce.acts import NOTED, WORDS
from sim.workforce.plan import EventKind
from sim.workforce.schedule import Schedule

_GOING: Final = (EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY, EventKind.ABSENCE)
_COMING: Final = (EventKind.JOINER, EventKind.REHIRE, EventKind.RETURN, EventKind.CONTRACT_RESTORED)


@dataclass(frozen=True, slots=True)
class Lives:
    """A population's events that change somebody's access, in columns in order of (person, time), and who they are."""

    people: int
    person: Ints
    kind: Ints
    at: Ints
    told: Ints
    """When the directory says so; may lie after the end."""
    begins: Ints
    """What each person holds at the start, by person: a mask of grants."""
    grants: Ints
    """What they are entitled to from each event on: a mask of grants."""
    before: Ints
    """What they were entitled to until then."""
    groups: Ints
    """The groups that the event gives and takes: a mask."""
    contractor: NDArray[np.bool_]
    """By event: whether the directory calls the person a contractor."""
    coming: NDArray[np.bool_]
    """By event: whether the person is here from then on who was not."""
    going: NDArray[np.bool_]
    noted: bool
    """Whether there are events that change no access and are carried as well (names, managers, dates)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The latencies of a world in ms, one row for each; what has not come to an end has `end` -1."""

    kind: tuple[str, ...]
    """Kinds by number, as `of` has them."""
    of: Ints
    person: Ints
    start: Ints
    told: Ints
    end: Ints


def live(scenario: Scenario, seed: int, replication: int) -> Lives:
    """Everybody of a replication; raises ValueError for a scenario without a population."""
    made = everybody(scenario, seed, replication)
    if made is None:
        raise ValueError("there is nobody to whom anything happens")
    people, schedule = made
    return _lives(masks_of(scenario, people.combinations), people.facts.astype(np.int64), people.size, schedule)


def _lives(masks: Masks, facts: Ints, size: int, schedule: Schedule) -> Lives:
    rows = np.flatnonzero(~np.isin(schedule.kind, [int(kind) for kind in NOTED]))
    rows = rows[np.argsort(schedule.person[rows], kind="stable")]
    person, kind = schedule.person[rows].astype(np.int64), schedule.kind[rows].astype(np.int64)
    begins = np.where(np.arange(len(facts)) < size, masks.grants[facts], 0)
    first = np.ones(len(rows), dtype=np.bool_)
    first[1:] = person[1:] != person[:-1]
    # Somebody is here who has come, or never went: facts of somebody who is away give nothing.
    decides = np.isin(kind, _GOING) | np.isin(kind, _COMING) | (kind == EventKind.NO_SHOW)
    comes = np.where(first & ~decides, person < size, np.isin(kind, _COMING))
    last = np.maximum.accumulate(np.where(decides | first, np.arange(len(rows)), 0))
    here = comes[last] if len(rows) else comes
    of_facts = schedule.facts[rows].astype(np.int64)
    grants = np.where(here, masks.grants[of_facts], 0)
    before = np.empty_like(grants)
    before[1:] = grants[:-1]
    before[first] = begins[person[first]]
    # whoever goes is switched off and stays in the groups
    members, starting = masks.groups[of_facts], person[first]
    held = np.empty_like(members)
    held[1:] = members[:-1]
    held[first] = np.where(starting < size, masks.groups[facts[starting]], 0)
    changed = np.where(here, members ^ held, 0)
    return Lives(
        people=len(facts),
        person=person,
        kind=kind,
        at=schedule.at[rows].astype(np.int64),
        told=schedule.directory_at[rows].astype(np.int64),
        begins=begins,
        grants=grants,
        before=before,
        groups=changed,
        contractor=masks.contractor[of_facts],
        coming=np.isin(kind, _COMING),
        going=np.isin(kind, _GOING),
        noted=len(rows) < len(schedule.kind),
    )


def measure(lives: Lives, carried: Carried, end: int) -> Measured:
    """How long each event took until the target agreed, the time that requests take left out.

    ``end``: when everything stops.
    """
    person, kind, at = lives.person, lives.kind, lives.at
    follows = np.full(len(at), end, dtype=np.int64)
    same = person[1:] == person[:-1] if len(at) else np.zeros(0, dtype=np.bool_)
    follows[:-1][same] = at[1:][same]
    coming, going = lives.coming, lives.going
    moves = ~coming & ~going & (kind != EventKind.NO_SHOW)
    through = np.maximum(at, carried.at)
    late = (through >= follows) & (follows < end)
    # a joiner who moves before the cycle is still a joiner: only somebody's going, or coming, overtakes that
    places = np.where(moves, len(at), np.arange(len(at)))
    decisive = np.append(np.minimum.accumulate(places[::-1])[::-1], len(at))[1:]
    known = np.minimum(decisive, len(at) - 1)
    decided = np.where((decisive < len(at)) & (person[known] == person), at[known], end)
    follows = np.where(coming, decided, follows)
    overtaken = (through >= follows) & (follows < end)
    held = _held(lives, late)
    nothing = going & (held == 0)
    gained, lost = lives.grants & ~held, held & ~lives.grants
    keep = ~overtaken & ~nothing & (at < end)
    names = [WORDS[EventKind(k)] for k in EventKind]
    kinds = (*names, MOVER_GRANT, MOVER_REVOKE)
    parts = [
        np.flatnonzero(keep & (coming & (lives.grants != 0) | going)),
        np.flatnonzero(keep & moves & (gained != 0)),
        np.flatnonzero(keep & moves & (lost != 0)),
    ]
    of = np.concatenate([kind[parts[0]], np.full(len(parts[1]), len(names)), np.full(len(parts[2]), len(names) + 1)])
    rows = np.concatenate(parts)
    # what a worker leaves with somebody who has moved is never taken away
    kept = (of == len(names) + 1) & ((lost & carried.gives)[rows] != 0)
    return Measured(
        kind=kinds,
        of=of.astype(np.int64),
        person=person[rows],
        start=at[rows],
        told=np.maximum(at, lives.told)[rows],
        end=np.where((through[rows] < end) & ~kept, through[rows], -1),
    )


def _held(lives: Lives, late: NDArray[np.bool_]) -> Ints:
    """What the target gives when each event happens: what stood before, or before that which has not arrived."""
    held = lives.before.copy()
    for i in np.flatnonzero(late).tolist():
        if i + 1 < len(held) and lives.person[i + 1] == lives.person[i]:
            held[i + 1] = held[i]
    return held


def screen(scenario: Scenario, seed: int, replication: int, lives: Lives | None = None) -> Figures:
    """The figures of one replication, as a summary of it would have them, as far as arithmetic goes.

    ``lives``: those of :func:`live`, where they are there already: other variants have the same.
    """
    lives = live(scenario, seed, replication) if lives is None else lives
    provisioning, end = scenario.provisioning, scenario.duration + scenario.drain
    carried = carried_by(scenario, seed, replication, lives)
    measured = measure(lives, carried, end)
    by_ticket, by_job = provisioning.strategy == "ticket", provisioning.strategy in {"cycle", "event"}
    job: dict[str, object] = {"interval_s": provisioning.interval / 1000}
    if by_job and not lives.noted and not scenario.faults and provisioning.runbook == "none":
        job["requests"] = requests(lives, carried.at, end)
    block = {
        "events": {WORDS[k]: int(np.count_nonzero(lives.kind == k)) for k in EventKind if k not in NOTED},
        "provisioning": job,
        "latency": latencies(measured, end, by_ticket=by_ticket),
        **exposure(lives, carried, end, waits=TICKET if by_ticket else CYCLE),
    }
    return figures(block)


def latencies(measured: Measured, end: int, *, by_ticket: bool = False) -> dict[str, object]:
    """The block ``latency``: means, quantiles and hops by kind."""
    order = np.argsort(measured.of.astype(np.uint8), kind="stable")
    borders = np.searchsorted(measured.of[order], np.arange(len(measured.kind) + 1)).tolist()
    end_of, start, told = (each[order] for each in (measured.end, measured.start, measured.told))
    done = end_of >= 0
    took, hr = end_of - start, told - start
    block: dict[str, object] = {"all": None}
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], list[int]]] = []
    for name in LATENCIES:
        if name not in measured.kind:
            continue
        number = measured.kind.index(name)
        mine = slice(borders[number], borders[number + 1])
        over = done[mine]
        ages = [] if over.all() else (end - start[mine][~over]).tolist()
        parts.append((took[mine][over], hr[mine][over], ages))
        block[name] = _row(*parts[-1], by_ticket=by_ticket)
    finished, told_late = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    block["all"] = _row(finished, told_late, [age for part in parts for age in part[2]], by_ticket=by_ticket)
    return block


def _row(took: Ints, hr: Ints, ages: list[int], *, by_ticket: bool) -> dict[str, object]:
    by_hr = int(hr.sum())
    waited = int(took.sum()) - by_hr
    return latency_row(took, (by_hr, 0 if by_ticket else waited, 0, 0, waited if by_ticket else 0), ages)


def requests(lives: Lives, carried: Ints, end: int) -> int:
    """What a job sends: a look and a change for every person in every cycle, one for each membership, and a look at
    each group that has any in that cycle.
    """
    sent = carried < end
    again = np.zeros(len(sent), dtype=np.bool_)  # the same person once more in the same cycle
    again[1:] = (lives.person[1:] == lives.person[:-1]) & (carried[1:] == carried[:-1])
    total = 2 * int(np.count_nonzero(sent & ~again))
    groups = np.where(sent, lives.groups, 0)
    for bit in range(int(np.bitwise_or.reduce(groups, initial=0)).bit_length()):
        cycles = np.sort(carried[(groups >> bit) & 1 != 0])
        if len(cycles):
            total += len(cycles) + 1 + int(np.count_nonzero(cycles[1:] != cycles[:-1]))
    return total
