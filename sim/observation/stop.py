"""One station of a person's way to the target.

Invariant: a value for whoever draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["done", "waiting", "working", "trouble", "idle"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One station of a lane: how things stand there, in a word and in lines."""

    title: str
    state: State
    word: str
    lines: tuple[str, ...]
