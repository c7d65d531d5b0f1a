"""Commands: everything that enters a world from outside, in order, so that a replay can let it enter again.

Invariant: a command holds plain JSON values and its position (time, seq); nothing of the wall clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockservices.clock import Millis

HTTP, SCREEN = "http", "screen"
PACING = frozenset({"clock.pause", "clock.resume", "clock.advance", "clock.pace", "clock.step"})
"""Commands that move time and change nothing else; a replay passes over them."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command as the log keeps it."""

    seq: int
    at: Millis
    origin: str
    action: str
    arguments: Mapping[str, Any]
