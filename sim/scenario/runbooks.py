"""Runbooks: several ways to act in the same story, one of which is followed in a run.

Invariant: what is followed is part of the timeline like anything else; the others leave no trace but their text.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import StringConstraints

from sim.scenario.errors import listed, nearest
from sim.scenario.fields import Part, Text, wrong
from sim.scenario.ticketing import Strategy
from sim.scenario.timeline import TimelineAction
from sim.time import clipped

RunbookName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]


class Runbook(Part):
    """One way to act.

    `timeline`: what is done, beside the scenario's own timeline. `strategy`: how changes are carried to the target when
    this is followed; left out, as `provisioning` has it.
    """

    title: Text
    timeline: tuple[TimelineAction, ...] = ()
    strategy: Strategy | None = None


def check_choice(runbook: str | None, runbooks: dict[str, Runbook]) -> None:
    """Refuses a scenario that does not say which of its runbooks is followed, or names one that it does not have."""
    names = list(runbooks)
    if not names:
        if runbook is not None:
            raise wrong("this scenario has no runbooks; leave it out, or describe some under runbooks", "runbook")
    elif runbook is None:
        raise wrong(f"say which runbook is followed; write runbook: {names[0]}", "runbooks")
    elif runbook not in names:
        raise wrong(
            f"unknown runbook '{clipped(runbook)}'; allowed: {listed(names)}{nearest(runbook, names)}", "runbook"
        )
