"""The numbers of a summary, by key with dots.

Invariant: in the summary's order; what there was nothing of is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Figures: TypeAlias = dict[str, float]

_NOT_FIGURES: Final = frozenset({"wall_s", "seed", "simulated", "duration_s", "assumptions", "results", "phases"})


def figures(summary: Mapping[str, Any]) -> Figures:
    """Every number of a summary by its key with dots, in the summary's order."""
    found: Figures = {}

    def walk(value: Any, key: str) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if key or name not in _NOT_FIGURES:
                    walk(inner, f"{key}.{name}" if key else str(name))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[key] = value

    walk(summary, "")
    return found
