"""What every action of a timeline has: when it happens, and what is said about it on a screen.

Invariant: nothing happens before the start; what was the case before it stands under `before`.
"""

from __future__ import annotations

from sim.scenario.fields import Part, Point, Text


class Action(Part):
    """Something that happens at a point in time.

    `caption`: what a screen says while it happens: who does what, where, and why; without it, a sentence of its own.
    """

    at: Point
    caption: Text | None = None
