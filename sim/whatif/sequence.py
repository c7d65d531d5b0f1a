"""What the job sends about each kind of event, by the settings alone: how many requests, and which of them counts.

Invariant: nothing simulated enters. A cycle looks each user up and brings it up to date, then reads each group whose
members changed, then changes members, with removals before additions, for so they happen in the directory; see
:meth:`sim.provisioning.job.Job.work`.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sim.access.policy import AccessPolicy, Facts
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.terms import pace_of
from sim.scenario import Scenario
from sim.scenario.workforce import Workforce
from sim.setup_access import access_policy

_DISABLING: Final = 2
"""A look at the user, and the change that disables it."""
BUSY: Final = 0.2
"""From this share of busy time on a cycle may overrun, and forms without overrun are not asked."""
_YEAR: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Sequence:
    """By kind of event, on average over departments."""

    ahead: dict[str, float]
    """How many requests come before the one with which the latency ends."""
    requests: dict[str, float]
    """How many requests there are in all; the two latencies of a move have the same."""
    spacing: float
    """Seconds from one request to the next: the job's pace, or the target's time for an answer if that is longer."""


def sequence_of(scenario: Scenario) -> Sequence:
    """What the job sends about each kind of event of a scenario."""
    rows = scenario.provisioning.mappings.user_rows()
    looked_up = sum(1 for row in rows if row.match)
    written = "department" in AttributeMap(rows).columns
    policy = access_policy(scenario)
    joining = leaving_groups = entering = weights = moving = 0.0
    for weight, facts in _places(scenario):
        joining += weight * len(policy.groups(facts))
        weights += weight
    for weight, before, after in _moves(scenario, policy):
        leaving_groups += weight * len(before - after)
        entering += weight * len(after - before)
        moving += weight
    groups = joining / weights if weights else 0.0
    out, into = (leaving_groups / moving, entering / moving) if moving else (0.0, 0.0)
    created = looked_up + 1
    moved = 1 + written + out + into  # the user, and a look at each group
    ahead = {
        "joiner": created + 2 * groups - 1,
        "mover_revoke": moved + out - 1,
        "mover_grant": moved + out + into - 1,
        "leaver": _DISABLING - 1.0,
        "contractor_expiry": _DISABLING - 1.0,
    }
    requests = {
        "joiner": created + 2 * groups,
        "mover_revoke": moved + out + into,
        "mover_grant": moved + out + into,
        "leaver": float(_DISABLING),
        "contractor_expiry": float(_DISABLING),
    }
    return Sequence(ahead, requests, float(1 / pace_of(scenario, 0, 0).incremental))


def _places(scenario: Scenario) -> Iterator[tuple[float, Facts]]:
    """(weight, facts) of somebody of each department, employed or on contract."""
    workforce = scenario.workforce
    contractors = workforce.contractors if isinstance(workforce, Workforce) else 0.0
    for department in scenario.organisation.departments:
        for employment, share in (("employee", 1 - contractors), ("contractor", contractors)):
            if share:
                yield department.weight * share, Facts(department.name, employment)


def _moves(scenario: Scenario, policy: AccessPolicy) -> Iterator[tuple[float, frozenset[str], frozenset[str]]]:
    """(weight, groups before, groups afterwards) of every move of an employee between two departments."""
    departments = scenario.organisation.departments
    total = sum(each.weight for each in departments)
    for old in departments:
        for new in departments:
            if new is not old:
                before, after = (frozenset(policy.groups(Facts(each.name))) for each in (old, new))
                yield old.weight * new.weight / (total - old.weight), before, after


def same_everywhere(scenario: Scenario) -> bool:
    """Whether what is sent about an event does not hang on whom it is about: as many groups in every department, and
    no rule that asks for a role or an office."""
    policy = access_policy(scenario)
    if any(rule.role is not None or rule.location is not None for rule in scenario.organisation.access.birthright):
        return False
    counts = {len(policy.groups(facts)) for _, facts in _places(scenario)}
    changes = {(len(before - after), len(after - before)) for _, before, after in _moves(scenario, policy)}
    return len(counts) <= 1 and len(changes) <= 1


def rates_of(workforce: Workforce) -> dict[str, float]:
    """Events a second by kind, as many as the rates bring about in the beginning; whoever's contract ends is replaced.

    A move stands there once, under ``mover_grant``.
    """
    rates, size = workforce.rates, workforce.size
    employees, contractors = size * (1 - workforce.contractors), size * workforce.contractors
    ending = contractors / (workforce.contract.mean / 1000)
    return {
        "joiner": size * rates.joiners / _YEAR + ending,
        "mover_grant": employees * rates.movers / _YEAR,
        "leaver": employees * rates.leavers / _YEAR,
        "contractor_expiry": ending,
    }


def busy_share(scenario: Scenario, workforce: Workforce) -> float:
    """The share of the time in which the job works."""
    found = sequence_of(scenario)
    return found.spacing * sum(rate * found.requests[kind] for kind, rate in rates_of(workforce).items())
