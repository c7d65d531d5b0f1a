"""The figures of one interval, composed as a summary of the simulated world composes them.

Invariant: every block is made by the function that makes it for a world (:mod:`sim.observation.summary`), or is that of
the world that never ran, with what an interval changes put in its place; keys come in the summary's order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sim.observation.divergence import ACTIVE, ATTRIBUTE, EXTRA_MEMBERSHIP, KINDS, MISSING_MEMBERSHIP, MISSING_USER
from sim.observation.events import Events
from sim.observation.exposure import Exposure
from sim.observation.level import Level
from sim.observation.statistics import hours, ratio
from sim.observation.summary.access import orphaned_figures, stale_block
from sim.observation.summary.events import events_block, latency_block
from sim.observation.summary.policy import requested_block
from sim.observation.summary.services import population_figures, provisioning_figures, target_block
from sim.observation.summary.sla import sla_figures
from sim.observation.words import CAUSES, MISSING, ORPHANED, PRIVILEGED
from sim.provisioning.plan import REDUNDANT
from sim.provisioning.tally import Tally
from sim.provisioning.terms import pace_of
from sim.routine.change import JOINS, LEAVES, MOVES
from sim.scenario import Scenario
from sim.whatif.audit import counted
from sim.whatif.columns.carrying import NOT, Carrying, after_cycle, carry
from sim.whatif.columns.lasting import Lasting, level, stepping
from sim.whatif.columns.measuring import Measured, Measuring
from sim.whatif.columns.promised import Promised
from sim.whatif.columns.structure import KINDS as EVENTS
from sim.whatif.columns.structure import Structure
from sim.whatif.figures import Figures, figures

_NOTHING: Final = Lasting()


def figures_of(structure: Structure, scenario: Scenario, seed: int, replication: int) -> Figures | None:
    """What the world of a scenario measures that differs from the structure's in its interval alone; None where
    something in it is out of the ordinary."""
    carrying = carry(structure, pace_of(scenario, seed, replication))
    if carrying is None or _stale(structure, carrying, scenario):
        return None
    promised = Promised(scenario, structure)
    measured = Measuring(structure, carrying, promised).measure()
    summary = _summary(structure, carrying, measured, promised, scenario)
    return {**figures(summary), **counted(scenario, summary, measured.finished.done, measured.waiting)}


def _stale(structure: Structure, carrying: Carrying, scenario: Scenario) -> bool:
    """Whether an auditor would find access of somebody whose account has long been disabled."""
    goes = _leaves(structure)
    ends = np.where(carrying.written[goes] == NOT, structure.end, carrying.written[goes])
    return bool((ends - structure.told[goes] >= scenario.organisation.stale_after).any())


def _leaves(structure: Structure) -> Any:
    leaving = np.array([shape.kind == LEAVES for shape in structure.shapes], dtype=np.bool_)
    return leaving[structure.shape] if len(structure.shapes) else np.zeros(0, dtype=np.bool_)


def _summary(
    structure: Structure, carrying: Carrying, measured: Measured, promised: Promised, scenario: Scenario
) -> dict[str, Any]:
    world, end = structure.world, structure.end
    tally, active = _tally(structure, carrying), _active(structure, carrying)
    events = Events(world.clock)
    events.counts = {word: int(np.count_nonzero(structure.kind == i)) for i, word in enumerate(EVENTS)}
    waiting: list[Any] = [(kind, 0, 0, 0, None, age, 0, 0, 0, 0, 0) for kind, age in measured.waiting]
    missing = level([measured.missing], end)
    return {
        "population": _population(structure),
        "events": events_block(events, ()),
        "superseded": 0,
        "nothing_to_remove": 0,
        "no_change": 0,
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
            skipped={REDUNDANT: carrying.reads} if carrying.reads else {},
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
        "missing_access": {
            "now": missing.now,
            "peak": missing.peak,
            "mean": ratio(missing.sum_ms(end), end),
            "people_waiting": _distinct(measured.missed),
            "person_hours": hours(missing.sum_ms(end)),
        },
        "suspended_access": {"now": measured.suspended},
        "sla": sla_figures(world, promised.kept),
        "divergence": _divergence(structure, carrying),
        "stale": stale_block(world),
        "requested_access": requested_block(world),
    }


def _population(structure: Structure) -> dict[str, int]:
    headcount, end = structure.world.parts.ledger.headcount, structure.end
    goes, joins = _leaves(structure), structure.kind == EVENTS.index("joiner")
    everybody = stepping(structure.at[joins], structure.at[goes], end, headcount.everybody.now)
    by_contract = structure.contractor
    contractors = stepping(
        structure.at[joins & by_contract], structure.at[goes & by_contract], end, headcount.contractors.now
    )
    return population_figures(everybody, contractors)


def _tally(structure: Structure, carrying: Carrying) -> Tally:
    done, sent = carrying.written != NOT, carrying.sent != NOT
    kinds = np.array([shape.kind for shape in structure.shapes], dtype=np.int64)[structure.shape[done]]
    created, updated, disabled = (int(np.count_nonzero(kinds == kind)) for kind in (JOINS, MOVES, LEAVES))
    added = int(np.count_nonzero(sent & structure.adds))
    return Tally(
        users_created=created,
        users_updated=updated,
        users_disabled=disabled,
        memberships_added=added,
        memberships_removed=int(np.count_nonzero(sent)) - added,
        requests=carrying.requests,
    )


def _active(structure: Structure, carrying: Carrying) -> Level:
    """The target's active users over time."""
    done, goes = carrying.written != NOT, _leaves(structure)
    joins = structure.kind == EVENTS.index("joiner")
    begin = structure.world.parts.observer.active_users.now
    return stepping(carrying.written[done & joins], carrying.written[done & goes], structure.end, begin)


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


def _divergence(structure: Structure, carrying: Carrying) -> dict[str, Any]:
    base = np.array([shape.found for shape in structure.shapes], dtype=np.int64)
    found = base[structure.shape] + structure.attributes if len(base) else structure.attributes
    sums = np.append(0, np.cumsum(found))
    before = np.diff(sums[carrying.before])
    after = after_cycle(structure, carrying, found)
    cycles = len(carrying.gates)
    by_kind = _open_differences(structure, carrying)
    return {
        "now": sum(by_kind.values()),
        "unmanaged": structure.world.parts.divergence.unmanaged,
        "max_after_cycle": int(after.max()) if cycles else None,
        "mean_before_cycle": ratio(int(before.sum()), cycles),
        "mean_after_cycle": ratio(int(after.sum()), cycles),
        "by_kind": by_kind,
    }


def _open_differences(structure: Structure, carrying: Carrying) -> dict[str, int]:
    """The differences at the end, by kind: of what HR has done and no cycle has taken up."""
    by_kind = dict.fromkeys(KINDS, 0)
    for i in np.flatnonzero((carrying.picked == NOT) & (structure.told < structure.end)).tolist():
        shape = structure.shapes[structure.shape[i]]
        if shape.kind == LEAVES:
            by_kind[ACTIVE] += 1
            continue
        by_kind[MISSING_USER] += shape.kind == JOINS
        by_kind[ATTRIBUTE] += int(structure.attributes[i])
        by_kind[MISSING_MEMBERSHIP] += sum(shape.adds)
        by_kind[EXTRA_MEMBERSHIP] += len(shape.adds) - sum(shape.adds)
    return by_kind
