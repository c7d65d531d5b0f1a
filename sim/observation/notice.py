"""What is known of an event at the moment when it becomes true, besides what it is.

Invariant: plain values. What the event does is the same whatever stands here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """How an event stands with HR and the directory when it becomes true."""

    done: bool
    """Whether the directory says so already."""
    scripted: bool = False
    """Whether the scenario's timeline, or a command from outside, asked for it."""
    reason: str | None = None
    known_at: int | None = None
    """When HR knows, in ms from the start; None: now."""
    beforehand: bool = False
    """Whether the directory was changed before the day."""
    silent: bool = False
    """Whether nobody will ever tell the directory."""
