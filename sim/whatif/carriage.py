"""When each change in the directory reaches the target, by arithmetic: cycles, pushes, tickets, retries.

Invariant: gates and tickets are those of the world with this seed and replication. What depends on how long requests
take, or on what else happens, is not covered, and is said not to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.provisioning.pace import Pace
from sim.provisioning.terms import pace_of
from sim.provisioning.ticketing.draws import SURVEYED, Draws
from sim.randomness import Ints, Streams
from sim.scenario import Scenario
from sim.scenario.faults import Fault
from sim.scenario.fields import Distribution
from sim.scenario.ticketing import Delay
from sim.scenario.workforce import Workforce
from sim.whatif.masks import MOST_BITS, grants_and_groups
from sim.workforce.plan import NEVER, EventKind

if TYPE_CHECKING:
    from sim.whatif.oracle import Lives

_AFTERWARDS: Final = NEVER - 1
"""When a change reaches the target whose cycle is beyond the end."""
_GOING: Final = (EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY, EventKind.ABSENCE)
_GONE: Final = (EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY)


@dataclass(frozen=True, slots=True)
class Carried:
    """By event of :class:`Lives`: when it reaches the target (NEVER: not at all), and what is held from then on."""

    at: Ints
    gives: Ints
    """A mask of grants."""


def not_covered(scenario: Scenario) -> str | None:
    """Why a scenario is beyond this arithmetic; None: it is not."""
    provisioning = scenario.provisioning
    if scenario.workforce is None:
        return "there is no workforce: everything that happens stands in the timeline"
    if scenario.timeline or scenario.before.people:
        return "people or events of the scenario's own words, which only a simulation lives through"
    if scenario.organisation.access.requests or scenario.organisation.access.exceptions:
        return "access on request, and exceptions to the policy, are decided person by person"
    if scenario.start_state == "empty" or scenario.target.set_up == "by_hand":
        return "an initial cycle takes time that hangs on every request of it; only start_state: in_sync is covered"
    if scenario.phases:
        return "phases"
    if provisioning.overrun == "after_end":
        return "gates that hang on the end of the cycle before (overrun: after_end)"
    if provisioning.deletion_threshold is not None:
        return "a deletion threshold, behind which cycles are held back until somebody looks"
    if scenario.target.limits != "none" or (scenario.faults and failing_share(scenario) is None):
        return "faults and limits other than a share of failing changes to users"
    if provisioning.scope == "all" or provisioning.on_leave == "delete":
        return "scope: all, or accounts that are deleted"
    ticket = provisioning.ticket
    if provisioning.strategy == "ticket" and (
        ticket.operators or ticket.review or ticket.leavers.overlooked or ticket.contractors.overlooked
    ):
        return "tickets that wait for operators, a review, or assignments that a worker overlooks"
    if grants_and_groups(scenario) > MOST_BITS:
        return f"more than {MOST_BITS} grants or groups"
    return None


def failing_share(scenario: Scenario) -> Fault | None:
    """The one fault of a scenario, if it lets a share of changes to users fail from the start on, and nothing else."""
    if len(scenario.faults) != 1:
        return None
    fault = scenario.faults[0]
    simple = (
        fault.kind == "server_error"
        and fault.operation == "update_user"
        and fault.started
        and fault.retry_after is None
        and fault.at == 0
        and fault.lasts is None
        and fault.times is None
        and fault.person is None
        and scenario.provisioning.retries.transient == "next_cycle"
    )
    return fault if simple else None


def gates(pace: Pace, end: int) -> Ints:
    """Every gate from 0 up to and without ``end``."""
    if pace.hours is None:
        return np.arange(pace.gate_after(-1), end, pace.interval, dtype=np.int64)
    found: list[int] = []
    now = -1
    while now < end:  # one stretch of one interval after the other
        interval, border = pace.hours.stretch(now + 1)
        first = (now - pace.phase % interval) // interval * interval + interval + pace.phase % interval
        found.extend(range(first, min(border, end), interval))
        now = border - 1
    return np.array(found, dtype=np.int64)


def gate_of(told: Ints, due: Ints, pace: Pace) -> Ints:
    """By the number of which gate each of these times is taken up; the number of gates for those behind the last."""
    if pace.hours is not None or not len(due):
        return np.searchsorted(due, told, side="left")
    found: Ints = np.clip(-((due[0] - told) // pace.interval), 0, len(due))
    return found


def carried_by(scenario: Scenario, seed: int, replication: int, lives: Lives) -> Carried:
    """When everything arrives."""
    provisioning = scenario.provisioning
    end = scenario.duration + scenario.drain
    if provisioning.strategy == "none":
        return Carried(np.full(len(lives.told), NEVER, dtype=np.int64), lives.grants)
    if provisioning.strategy == "event":
        told = lives.told
        return Carried(np.where(told < end, told + provisioning.push.delay, _AFTERWARDS), lives.grants)
    if provisioning.strategy == "ticket":
        return _by_ticket(scenario, Draws(seed, replication), lives)
    pace = pace_of(scenario, seed, replication)
    due = gates(pace, end)
    index = gate_of(lives.told, due, pace)
    fault = failing_share(scenario)
    if fault is not None:
        index = index + _failures(fault.share, Streams(seed, replication), lives)
    reached = np.append(due, _AFTERWARDS)
    at = reached[np.minimum(index, len(due))]
    if provisioning.runbook == "unassign_first":  # whoever goes is provisioned on demand
        at = np.where(np.isin(lives.kind, _GONE), np.where(lives.told < end, lives.told, at), at)
    return Carried(at, lives.grants)


def _failures(share: float, streams: Streams, lives: Lives) -> Ints:
    """How often a change to a user fails before it is through; the draws are this module's own."""
    draws = streams.stream("whatif/oracle/failures").random(len(lives.told))
    powers = np.array([share**k for k in range(1, 64)])
    times = np.searchsorted(-powers, -draws, side="left")  # how many powers of p lie above the draw: geometric
    return np.where(np.isin(lives.kind, _GOING), times, 0)


def _by_ticket(scenario: Scenario, draws: Draws, lives: Lives) -> Carried:
    """Each ticket's own delay, forgetting and keeping, as the desk draws them."""
    settings = scenario.provisioning.ticket
    joiners, movers, leavers, contractors = settings.joiners, settings.movers, settings.leavers, settings.contractors
    changes = lives.grants != lives.before
    at, gives = np.full(len(lives.told), NEVER, dtype=np.int64), lives.grants.copy()
    number: dict[int, int] = {}
    rows = np.flatnonzero(changes & (lives.told < scenario.duration + scenario.drain))
    columns = (lives.person, lives.told, lives.grants, lives.before, lives.contractor)
    for row, person, told, after, before, contractor in zip(
        rows.tolist(), *(column[rows].tolist() for column in columns), strict=True
    ):
        change = number[person] = number.get(person, 0) + 1
        gone = contractors if contractor else leavers
        kind = gone if after == 0 else movers if before else joiners
        if draws.strikes(kind.forgotten, person, change, "forgotten"):
            continue
        at[row] = told + draws.lasts(settings.delay if kind.delay is None else kind.delay, person, change, "delay")
        if kind is movers and draws.strikes(movers.keeps, person, change, "keeps"):
            gives[row] |= before
    return Carried(at, gives)


def mean_delay(delay: Delay) -> float:
    """The mean of a ticket's delay, in ms."""
    return (delay.low + delay.high) / 2 if isinstance(delay, Distribution) else float(SURVEYED.mean())


def generated(scenario: Scenario) -> Workforce | None:
    """The scenario's generated workforce; None when it has none, or one of its own file."""
    return scenario.workforce if isinstance(scenario.workforce, Workforce) else None
