"""Scoping filters as the job and its observers apply them, to objects as the directory keeps them.

Invariant: a filter is compiled once and judges one object by its own attributes, nothing else.
https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockservices.graph.source_attributes import SourceAttribute
from sim.ports import SourceValue
from sim.provisioning.scoping import Scope, compile_scope
from sim.provisioning.scoping_schema import filters_from_graph


class ScopingFilter:
    """Compiled filters, and where the directory keeps what they read."""

    __slots__ = ("_places", "_scope", "columns")

    def __init__(self, scope: Scope, known: Mapping[str, SourceAttribute]) -> None:
        self._scope = scope
        self._places = tuple(
            (name, known[name].property or name if name in known else name, name in known and known[name].first)
            for name in scope.properties
        )
        self.columns = tuple(dict.fromkeys(column for _, column, _ in self._places))
        """What has to be read of an object, by Graph's names."""

    def _read(self, attributes: Mapping[str, SourceValue]) -> dict[str, SourceValue]:
        found: dict[str, SourceValue] = {}
        for name, column, first in self._places:
            value = attributes.get(column)
            found[name] = value[0] if first and isinstance(value, tuple) and value else value
        return found

    def judge(self, attributes: Mapping[str, SourceValue]) -> bool:
        """Whether an object passes, by its properties in Graph's names."""
        return self._scope.judge(self._read(attributes))

    def explain(self, attributes: Mapping[str, SourceValue]) -> dict[str, bool]:
        """How each clause came out, as ``ScopeEvaluationResult`` shows it."""
        return self._scope.explain(self._read(attributes))


def filter_of(scope: Mapping[str, Any] | None, known: Mapping[str, SourceAttribute]) -> ScopingFilter | None:
    """The filter that an object mapping's ``scope`` stands for; None: everything passes.

    ``known``: the attributes of the source, by the names that filters have for them. Raises ValueError for no filter.
    """
    compiled = compile_scope(filters_from_graph(scope))
    return ScopingFilter(compiled, known) if compiled.filters else None
