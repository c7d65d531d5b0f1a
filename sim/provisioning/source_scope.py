"""A scoping filter as it is asked about objects of the source, which have Graph's names for what it calls otherwise.

Invariant: a filter reads the same values as a mapping would; judging an object reads nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from mockservices.graph.errors import bad_request
from mockservices.graph.source_attributes import SourceAttribute
from sim.ports import SourceValue
from sim.provisioning.scoping import ScopingFilter, compile_scope
from sim.provisioning.scoping_schema import filters_from_graph

Source: TypeAlias = Mapping[str, SourceValue]


class SourceScope:
    """Compiled scoping filters over what ports show of objects."""

    __slots__ = ("_read", "_scope", "columns", "filters")

    def __init__(self, filters: Sequence[ScopingFilter], sources: Mapping[str, SourceAttribute]) -> None:
        """Raises ``scoping.ScopeError`` for what the portal would not take either."""
        self._scope = compile_scope(filters)
        self.filters = self._scope.filters
        self._read = tuple((name, _column(name, sources), _first(name, sources)) for name in self._scope.properties)
        self.columns = tuple(column for _, column, _ in self._read)
        """What has to be asked for in Graph."""

    @property
    def everybody(self) -> bool:
        """Whether there is no filter."""
        return not self.filters

    def judge(self, source: Source) -> bool:
        """Whether an object passes: all clauses of any filter hold, or there is none."""
        return self.everybody or self._scope.judge(self._seen(source))

    def explain(self, source: Source) -> dict[str, bool]:
        """How each clause came out, as ``ScopeEvaluationResult`` shows it."""
        return self._scope.explain(self._seen(source))

    def _seen(self, source: Source) -> dict[str, SourceValue]:
        return {name: _one(source.get(column)) if first else source.get(column) for name, column, first in self._read}


def _column(name: str, sources: Mapping[str, SourceAttribute]) -> str:
    known = sources.get(name)
    return (known.property or name) if known is not None else name


def _first(name: str, sources: Mapping[str, SourceAttribute]) -> bool:
    known = sources.get(name)
    return known is not None and known.first


def _one(value: SourceValue) -> SourceValue:
    return (value[0] if value else None) if isinstance(value, tuple) else value


def read_filters(scope: Any, sources: Mapping[str, SourceAttribute]) -> tuple[ScopingFilter, ...]:
    """The filters in an object mapping's ``scope``; 400 that says where one is wrong."""
    try:
        compiled = SourceScope(filters_from_graph(scope), sources)
    except ValueError as error:
        raise bad_request(f"The scoping filter is not valid: {error}.") from None
    for each in compiled.filters:
        for clause in each.clauses:
            if clause.attribute not in sources:
                raise bad_request(f"The scoping filter reads the attribute '{clause.attribute}', which does not exist.")
    return compiled.filters
