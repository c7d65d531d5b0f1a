"""Scoping filters in the shape of Graph's job schema."""

from __future__ import annotations

from typing import Any

import pytest

from sim.provisioning.scoping import OPERATORS, Clause, ScopingFilter
from sim.provisioning.scoping_schema import filter_operators, filters_from_graph, filters_to_graph

FILTERS = (
    ScopingFilter("Sales", (Clause("department", "EQUALS", "Sales"), Clause("mail", "IS NOT NULL"))),
    ScopingFilter("Rome", (Clause("city", "EQUALS", "Rome"),)),
)


def test_filters_come_back_from_graphs_shape() -> None:
    shape = filters_to_graph(FILTERS)
    assert shape["groups"][0]["clauses"][0] == {
        "operatorName": "EQUALS",
        "sourceOperandName": "department",
        "targetOperand": {"values": ["Sales"]},
    }
    assert filters_from_graph(shape) == FILTERS
    assert filters_from_graph(None) == ()


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ([], "scope is an object"),
        ({"groups": {}, "x": 1} | {"groups": "x"}, r"scope\.groups is a list"),
        ({"groups": [{"clauses": [1]}]}, r"scope\.groups\[0\]\.clauses\[0\] is an object"),
        ({"groups": [{"clauses": [{}]}]}, r"scope\.groups\[0\]\.clauses\[0\] needs sourceOperandName and operatorName"),
        (
            {"groups": [{"clauses": [{"targetOperand": {"values": ["a", "b"]}}]}]},
            r"scope\.groups\[0\]\.clauses\[0\]\.targetOperand\.values holds one text at most",
        ),
    ],
)
def test_what_is_no_filter_says_where(scope: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        filters_from_graph(scope)


def test_operators_are_listed_as_in_microsofts_sample() -> None:
    """https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-filteroperators"""
    listed = {each["name"]: each for each in filter_operators()}
    assert tuple(listed) == OPERATORS
    assert listed["EQUALS"] == {
        "name": "EQUALS",
        "arity": "Binary",
        "multivaluedComparisonType": "All",
        "supportedAttributeTypes": ["String", "Integer"],
    }
    assert listed["IS NULL"]["arity"] == "Unary"
