"""Scoping filters as Graph's job schema holds them: an object mapping's ``scope``, and ``filterOperators``.

Invariant: filters go to Graph's shape and back without a change.
https://learn.microsoft.com/graph/api/resources/synchronization-filter
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.provisioning.scoping import TYPES, UNARY, Clause, ScopingFilter


def filter_operators() -> list[dict[str, Any]]:
    """The operators as Graph's ``schema/filterOperators`` lists them (filterOperatorSchema).
    https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-filteroperators"""
    return [
        {
            "name": name,
            "arity": "Unary" if name in UNARY else "Binary",
            "multivaluedComparisonType": "All",
            "supportedAttributeTypes": list(types),
        }
        for name, types in TYPES.items()
    ]


def filters_to_graph(filters: Sequence[ScopingFilter]) -> dict[str, Any]:
    """The filters as an object mapping's ``scope`` holds them.
    https://learn.microsoft.com/graph/api/resources/synchronization-filter"""
    groups = [
        {
            "name": each.title,
            "clauses": [
                {
                    "operatorName": clause.operator,
                    "sourceOperandName": clause.attribute,
                    "targetOperand": {"values": [] if clause.operand is None else [clause.operand]},
                }
                for clause in each.clauses
            ],
        }
        for each in filters
    ]
    return {"groups": groups, "inputFilterGroups": [], "categoryFilterGroups": []}


def filters_from_graph(scope: Any) -> tuple[ScopingFilter, ...]:
    """The way back; None is no filter. Raises ValueError, which says where, for what has not this shape."""
    if scope is None:
        return ()
    groups = _list(_dict(scope, "scope"), "groups", "scope")
    return tuple(_filter_from(group, f"scope.groups[{index}]") for index, group in enumerate(groups))


def _filter_from(group: Any, place: str) -> ScopingFilter:
    clauses = _list(_dict(group, place), "clauses", place)
    title = group.get("name")
    found: list[Clause] = []
    for index, clause in enumerate(clauses):
        where = f"{place}.clauses[{index}]"
        operand = _dict(clause, where).get("targetOperand")
        values = [] if operand is None else _list(_dict(operand, f"{where}.targetOperand"), "values", where)
        if len(values) > 1 or not all(isinstance(each, str) for each in values):
            raise ValueError(f"{where}.targetOperand.values holds one text at most")
        names = clause.get("sourceOperandName"), clause.get("operatorName")
        if not all(isinstance(name, str) for name in names):
            raise ValueError(f"{where} needs sourceOperandName and operatorName")
        found.append(Clause(str(names[0]), str(names[1]), values[0] if values else None))
    return ScopingFilter(title if isinstance(title, str) else "", tuple(found))


def _dict(given: Any, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError(f"{place} is an object")
    return given


def _list(given: dict[str, Any], key: str, place: str) -> list[Any]:
    found = given.get(key) or []
    if not isinstance(found, list):
        raise ValueError(f"{place}.{key} is a list")
    return found
