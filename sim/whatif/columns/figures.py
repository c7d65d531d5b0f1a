"""The figures of one interval, composed as a summary of the simulated world composes them.

Invariant: every block is made by the function that makes it for a world (:mod:`sim.observation.summary`), or is that of
the world that never ran, with what an interval changes put in its place; keys come in the summary's order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.observation.divergence import ACTIVE, ATTRIBUTE, EXTRA_MEMBERSHIP, KINDS, MISSING_MEMBERSHIP, MISSING_USER
from sim.observation.events import Events
from sim.observation.exposure import Exposure
from sim.observation.headcount import CONTRACTOR
from sim.observation.level import Level
from sim.observation.summary.access import missing_figures, orphaned_figures, stale_block
from sim.observation.summary.events import events_block, latency_block
from sim.observation.summary.policy import requested_block
from sim.observation.summary.services import (
    Around,
    divergence_figures,
    population_figures,
    provisioning_figures,
    target_block,
)
from sim.observation.summary.sla import sla_figures
from sim.observation.words import CAUSES, JOINER, MISSING, ORPHANED, PRIVILEGED
from sim.provisioning.plan import REDUNDANT
from sim.provisioning.tally import Tally
from sim.provisioning.terms import pace_of
from sim.routine.change import JOINS, LEAVES, MOVES
from sim.scenario import Scenario
from sim.whatif.audit import counted
from sim.whatif.carriage import gates
from sim.whatif.columns.carrying import NOT, Carrying, after_cycle, carry, latest_ends
from sim.whatif.columns.few import Few, live, meeting
from sim.whatif.columns.lasting import Lasting, level, stepping
from sim.whatif.columns.measuring import Measured, Measuring
from sim.whatif.columns.merging import Instants, instants, merge, steps
from sim.whatif.columns.promised import Promised
from sim.whatif.columns.structure import KINDS as EVENTS
from sim.whatif.columns.structure import Structure
from sim.whatif.columns.visits import usual, with_few
from sim.whatif.figures import Figures, figures

_NOTHING: Final = Lasting()


@dataclass(frozen=True, slots=True, eq=False)
class _Reckoned:
    """One interval of one company."""

    structure: Structure
    carrying: Carrying
    measured: Measured
    alone: NDArray[np.bool_]
    """Events of everybody but the few."""
    few: Few | None
    at: Instants | None
    promised: Promised


def figures_of(structure: Structure, scenario: Scenario, seed: int, replication: int) -> Figures | None:
    """What the world of a scenario measures that differs from the structure's in its interval alone; None where
    something in it is out of the ordinary."""
    pace = pace_of(scenario, seed, replication)
    due = gates(pace, structure.end)
    cycle = np.searchsorted(due, structure.told, side="left")
    met = meeting(structure, cycle, latest_ends(structure, due, cycle, pace))
    few, visits = None, usual(structure)
    if met.any():
        if scenario.organisation.sla is None:  # else promises about the few would have to be judged at other times
            few = live(structure, scenario, seed, replication, due, cycle, met)
        told = None if few is None else with_few(structure, cycle, few, met)
        if told is None:
            return None
        visits = told
    carrying = carry(structure, due, cycle, pace, visits)
    if carrying is None:
        return None
    promised = Promised(scenario, structure)
    measured = Measuring(structure, carrying, promised).measure(~met)
    at = None
    if few is not None:
        at = instants(structure, carrying, visits, few, met, pace)
        if at is None or not merge(measured, few, at):
            return None
    summary = _summary(_Reckoned(structure, carrying, measured, ~met, few, at, promised), scenario)
    return {**figures(summary), **counted(scenario, summary, measured.finished.done, measured.waiting)}


def _stale(reckoned: _Reckoned, threshold: int) -> int:
    """Grants at the end of people whose account has long been disabled; nobody has audited them before."""
    structure, carrying = reckoned.structure, reckoned.carrying
    remains = _leaves(structure) & reckoned.alone & (carrying.written == NOT)
    remains &= structure.told < structure.end - threshold
    grants = sum(structure.shapes[int(number)].goes for number in structure.shape[remains])
    return grants + (0 if reckoned.few is None else reckoned.few.world.parts.stale.found)


def _leaves(structure: Structure) -> NDArray[np.bool_]:
    leaving = np.array([shape.kind == LEAVES for shape in structure.shapes], dtype=np.bool_)
    return leaving[structure.shape] if len(structure.shapes) else np.zeros(0, dtype=np.bool_)


def _summary(reckoned: _Reckoned, scenario: Scenario) -> dict[str, Any]:
    structure, carrying, measured, few = reckoned.structure, reckoned.carrying, reckoned.measured, reckoned.few
    world, end = structure.world, structure.end
    tally, active = _tally(reckoned), _active(reckoned)
    skipped = Counter({REDUNDANT: carrying.reads} if carrying.reads else {})
    if few is not None:
        skipped.update(few.skipped)
    events = Events(world.clock)
    kinds = structure.kind[reckoned.alone]
    events.counts = {word: int(np.count_nonzero(kinds == i)) for i, word in enumerate(EVENTS)}
    if few is not None:
        for word, count in few.world.parts.ledger.events.counts.items():
            events.counts[word] = events.counts.get(word, 0) + count
    waiting: list[Any] = [(kind, 0, 0, 0, None, age, 0, 0, 0, 0, 0) for kind, age in measured.waiting]
    return {
        "population": _population(reckoned),
        "events": events_block(events, ()),
        "superseded": measured.finished.superseded,
        "nothing_to_remove": measured.finished.nothing_to_remove,
        "no_change": measured.finished.no_change,
        "provisioning": provisioning_figures(
            scenario.provisioning.strategy,
            scenario.provisioning.interval,
            tally,
            cycles=len(carrying.gates),
            initial=None,
            quarantined_ms=0,
            manual_steps=0,
            notifications=0,
            failures={},
            skipped=skipped,
            tickets=None,
        ),
        "target": {
            **(made := target_block(world)),
            "users": made["users"] + tally.users_created,
            "active_users": active.now,
            "created_by_scim": made["created_by_scim"] + tally.users_created,
        },
        "latency": latency_block(measured.finished, waiting),
        "orphaned_access": _orphaned(structure, measured, active),
        "missing_access": missing_figures(level([measured.missing], end), _distinct(measured.missed), end),
        "suspended_access": {"now": measured.suspended},
        "sla": sla_figures(world, reckoned.promised.kept),
        "divergence": _divergence(reckoned),
        "stale": {**stale_block(world), "found": _stale(reckoned, scenario.organisation.stale_after)},
        "requested_access": requested_block(world),
    }


def _population(reckoned: _Reckoned) -> dict[str, int]:
    structure, alone = reckoned.structure, reckoned.alone
    headcount, end = structure.world.parts.ledger.headcount, structure.end
    goes, joins = _leaves(structure) & alone, (structure.kind == EVENTS.index(JOINER)) & alone
    own = [] if reckoned.few is None else reckoned.few.employed
    levels = []
    for begin, by_contract in ((headcount.everybody.now, None), (headcount.contractors.now, CONTRACTOR)):
        those = structure.contractor if by_contract else alone
        rows = [(at, step) for _, employment, at, step in own if by_contract in (None, employment)]
        up, down = (np.array([at for at, step in rows if step == wanted], dtype=np.int64) for wanted in (1, -1))
        ups, downs = np.append(structure.at[joins & those], up), np.append(structure.at[goes & those], down)
        levels.append(stepping(ups, downs, end, begin))
    return population_figures(*levels)


def _tally(reckoned: _Reckoned) -> Tally:
    structure, carrying = reckoned.structure, reckoned.carrying
    done = (carrying.written != NOT) & reckoned.alone
    sent = (carrying.sent != NOT) & reckoned.alone[structure.event]
    kinds = np.array([shape.kind for shape in structure.shapes], dtype=np.int64)[structure.shape[done]]
    created, updated, disabled = (int(np.count_nonzero(kinds == kind)) for kind in (JOINS, MOVES, LEAVES))
    added = int(np.count_nonzero(sent & structure.adds))
    tally = Tally(
        users_created=created,
        users_updated=updated,
        users_disabled=disabled,
        memberships_added=added,
        memberships_removed=int(np.count_nonzero(sent)) - added,
    )
    if reckoned.few is not None:
        tally.add(reckoned.few.world.driver.sums.tally)
    tally.requests = carrying.requests
    return tally


def _active(reckoned: _Reckoned) -> Level:
    """The target's active users over time."""
    structure, carrying = reckoned.structure, reckoned.carrying
    done, goes = (carrying.written != NOT) & reckoned.alone, _leaves(structure)
    joins = structure.kind == EVENTS.index(JOINER)
    up, down = steps(reckoned.few, reckoned.at)
    ups, downs = np.append(carrying.written[done & joins], up), np.append(carrying.written[done & goes], down)
    return stepping(ups, downs, structure.end, structure.world.parts.observer.active_users.now)


def _orphaned(structure: Structure, measured: Measured, active: Level) -> Mapping[str, Any]:
    end = structure.end
    exposure = Exposure(structure.world.clock)
    exposure.people[ORPHANED] = level(list(measured.orphaned.values()), end)
    exposure.people[PRIVILEGED] = level([measured.privileged], end)
    exposure.people[MISSING] = level([measured.missing], end)
    exposure.grants[ORPHANED] = level(list(measured.orphaned_grants.values()), end)
    for cause in CAUSES:
        exposure.cause_people[cause] = level([measured.orphaned.get(cause, _NOTHING)], end)
        exposure.cause_grants[cause] = level([measured.orphaned_grants.get(cause, _NOTHING)], end)
    for word, lasting in measured.waits.items():
        exposure.waiting[word] = level([lasting], end)
    persons = {cause: set(np.concatenate(measured.orphans.get(cause, [_NOBODY])).tolist()) for cause in CAUSES}
    instance = structure.world.services.instance
    return orphaned_figures(exposure, end, active.sum_ms(end), persons, instance, None)


_NOBODY: Final = np.empty(0, dtype=np.int64)


def _distinct(numbers: list[Any]) -> int:
    return len(np.unique(np.concatenate(numbers))) if numbers else 0


def _divergence(reckoned: _Reckoned) -> dict[str, Any]:
    structure, carrying, few = reckoned.structure, reckoned.carrying, reckoned.few
    base = np.array([shape.found for shape in structure.shapes], dtype=np.int64)
    found = base[structure.shape] + structure.attributes if len(base) else structure.attributes
    found = np.where(reckoned.alone, found, 0)
    sums = np.append(0, np.cumsum(found))
    before = int(sums[carrying.before[-1]] - sums[carrying.before[0]])
    after = after_cycle(structure, carrying, found)
    by_kind = _open_differences(structure, carrying, reckoned.alone)
    if few is not None:
        before += sum(few.before.values())
        divergence = few.world.parts.divergence
        divergence.peek()
        by_kind = {kind: count + divergence.by_kind[kind] for kind, count in by_kind.items()}
    around = Around(len(carrying.gates), False, before, int(after.sum()), int(after.max(initial=0)))
    return divergence_figures(sum(by_kind.values()), structure.world.parts.divergence.unmanaged, around, by_kind)


def _open_differences(structure: Structure, carrying: Carrying, alone: NDArray[np.bool_]) -> dict[str, int]:
    """The differences at the end, by kind: of what HR has done and no cycle has taken up."""
    by_kind = dict.fromkeys(KINDS, 0)
    waiting = (carrying.picked == NOT) & (structure.told < structure.end) & alone
    for i in np.flatnonzero(waiting).tolist():
        shape = structure.shapes[structure.shape[i]]
        if shape.kind == LEAVES:
            by_kind[ACTIVE] += 1
            continue
        by_kind[MISSING_USER] += shape.kind == JOINS
        by_kind[ATTRIBUTE] += int(structure.attributes[i])
        by_kind[MISSING_MEMBERSHIP] += sum(shape.adds)
        by_kind[EXTRA_MEMBERSHIP] += len(shape.adds) - sum(shape.adds)
    return by_kind
