"""From the faults of a scenario to the rules of its services, and from what somebody sends over HTTP to another rule.

Invariant: what comes over HTTP is read exactly as a scenario file is, with the same sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any

from pydantic import ValidationError

from mockservices.clock import Clock, Millis
from mockservices.faults import WAIT, Faults, Rule, aws_limits
from sim.scenario import Scenario
from sim.scenario.errors import dotted
from sim.scenario.fault_references import fault_name, names_of_group, names_of_person, unknown_in
from sim.scenario.faults import Fault, answer_of
from sim.scenario.references import known_groups
from sim.scenario.sentences import problems_of


def rule_of(scenario: Scenario, fault: Fault, name: str) -> Rule:
    """The rule that a fault of the file stands for."""
    objects: frozenset[str] = frozenset()
    if fault.person is not None:
        objects = names_of_person(scenario, fault.person)
    elif fault.group is not None:
        objects = names_of_group(scenario, fault.group)
    rate = None if fault.rate is None else Fraction(str(fault.rate))
    retry_after = None if fault.retry_after is None else fault.retry_after // 1000
    if rate is not None and retry_after is None:
        retry_after = WAIT
    burst = fault.burst if fault.burst is not None else 1 if rate is None else max(1, ceil(rate))
    return Rule(
        name=name,
        kind=fault.kind,
        service=fault.service,
        operation=fault.operation,
        at=fault.at if fault.started else None,
        lasts=fault.lasts,
        share=Fraction(str(fault.share)),
        times=fault.times,
        objects=objects,
        status=answer_of(fault),
        retry_after=retry_after,
        rate=rate,
        burst=burst,
        delay=Millis(0) if fault.delay is None else fault.delay,
    )


def faults_of(scenario: Scenario, clock: Clock, seed: int, replication: int) -> Faults:
    """All that goes wrong in a world when it begins."""
    faults = Faults(
        clock,
        f"{seed}/{replication}",
        request_time=scenario.target.request_time,
        time_out=scenario.provisioning.request_timeout,
        limits=aws_limits() if scenario.target.limits == "aws" else None,
    )
    for position, fault in enumerate(scenario.faults):
        faults.add(rule_of(scenario, fault, fault_name(fault, position)))
    return faults


def read_fault(scenario: Scenario, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the action ``faults.add`` for a fault as a scenario file would hold it.

    Without ``at`` it begins when it is added. ``ValueError`` with a sentence for the caller.
    """
    try:
        fault = Fault.model_validate(values, context={"start": scenario.start})
    except ValidationError as error:
        problem = problems_of(error, Fault, dict(values))[0]
        raise ValueError(": ".join(part for part in (dotted(problem.path), problem.sentence) if part)) from None
    unknown = unknown_in(scenario, fault, known_groups(scenario))
    if unknown is not None:
        raise ValueError(": ".join(unknown))
    arguments = rule_of(scenario, fault, fault.name or "").arguments()
    if "at" not in values:
        arguments["at"] = None
    return {**arguments, "start": fault.started and "at" not in values}
