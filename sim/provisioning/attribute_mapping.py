"""One row of a mapping: from where an attribute of the target gets its value, and when.

Invariant: a value; nothing is compiled or looked up here. Sources are named as the synchronization schema names them.
https://learn.microsoft.com/graph/api/resources/synchronization-attributemapping
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mockservices.scim.operations import Path

Apply: TypeAlias = Literal["always", "on_create"]
ALWAYS: Apply = "always"
ON_CREATE: Apply = "on_create"


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """A direct mapping, or one with a constant, an expression or no source at all.

    Without a source the target's value is left alone, and ``default`` fills it while it is empty.
    """

    source: str | None
    """The attribute of the source; None where the value is a constant, an expression's, or nothing's."""
    target: Path
    constant: str | None = None
    expression: str | None = None
    match: int = 0
    """Matching precedence, the lowest first; 0: nothing is looked up by it."""
    apply: Apply = ALWAYS
    """Whenever the source changes, or when an object is created only (``ObjectAddOnly``)."""
    default: str | None = None
    """What a new object gets where the source is null."""
    case_exact: bool = False
    """Whether values that differ in letter case only are different."""
    basis: str = field(default="", compare=False)
    """How well the row is known: D the documented default of SCIM applications, E a documented expression, I inferred
    from the names; empty: set by somebody."""

    @property
    def unmapped(self) -> bool:
        """Whether there is no source."""
        return self.source is None and self.constant is None and self.expression is None
