"""Which values the provisioning log does not show.

Invariant: decided by the mapping alone; the target gets the value itself.
https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data
"""

from __future__ import annotations

from functools import lru_cache

from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.expressions import compile_expression


@lru_cache(maxsize=16)
def redacted_paths(mappings: tuple[AttributeMapping, ...]) -> frozenset[str]:
    """Paths of the target that an expression with ``Redact`` fills."""
    marked = [m for m in mappings if m.expression is not None and "redact" in m.expression.lower()]
    return frozenset(str(m.target) for m in marked if compile_expression(str(m.expression)).redacts)
