"""What a scenario says and nobody will see: allowed, since a run may be cut short, but hardly meant in a file.

Invariant: a remark changes nothing; what must not be is a problem, see :mod:`sim.scenario.references`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.models import Scenario
from sim.scenario.workforce import Workforce
from sim.time import DAY, counted


def remarks(scenario: Scenario) -> tuple[str, ...]:
    """A sentence for each thing that lies after the end of the run, in the order of the file."""
    return tuple(_after_the_end(scenario))


def _after_the_end(scenario: Scenario) -> Iterator[str]:
    end = scenario.duration
    if isinstance(scenario.workforce, Workforce):
        for position, bulk in enumerate(scenario.workforce.bulk):
            if bulk.at >= end:
                advice = f"duration: {bulk.at // DAY + 1}d or more would show it"
                yield f"workforce.bulk.{position}: this {bulk.kind} lies after the end of the run; {advice}"
    late = [action.at for action in scenario.timeline if action.at >= end]
    if late:
        lie = "lies" if len(late) == 1 else "lie"
        advice = f"duration: {max(late) // DAY + 1}d or more would show {'it' if len(late) == 1 else 'them'}"
        yield f"{counted(len(late), 'action')} of the timeline {lie} after the end of the run; {advice}"
