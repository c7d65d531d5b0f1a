"""What every action of a timeline has: when it happens.

Invariant: nothing happens before the start; what was the case before it stands under `before`.
"""

from __future__ import annotations

from sim.scenario.fields import Part, Point


class Action(Part):
    """Something that happens at a point in time."""

    at: Point
