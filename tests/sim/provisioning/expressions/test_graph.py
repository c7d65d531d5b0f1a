"""Expressions in the shape of Graph's job schema."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sim.provisioning.expressions import Context, keyed_draws, parse
from sim.provisioning.expressions.graph import (
    from_mapping_source,
    function_schemas,
    parse_response,
    to_mapping_source,
)
from sim.provisioning.expressions.tree import Attribute, Constant

CONTEXT = Context(lambda: datetime(2026, 1, 5, tzinfo=UTC), keyed_draws("graph"))
TEXT = 'Replace([preferredLanguage], "-", , , "_", , )'


def constant(text: str) -> dict[str, Any]:
    return {"expression": f'"{text}"', "name": text, "type": "Constant", "parameters": []}


def attribute(name: str) -> dict[str, Any]:
    return {"expression": f"[{name}]", "name": name, "type": "Attribute", "parameters": []}


def test_an_expression_is_parsed_as_in_microsofts_sample() -> None:
    """https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-parseexpression, with the parameter
    names of the function reference."""
    assert parse_response(TEXT, {"preferredLanguage": "EN-US"}, CONTEXT) == {
        "error": None,
        "evaluationSucceeded": True,
        "evaluationResult": ["EN_US"],
        "parsedExpression": {
            "expression": TEXT,
            "name": "Replace",
            "parameters": [
                {"key": "source", "value": attribute("preferredLanguage")},
                {"key": "oldValue", "value": constant("-")},
                {"key": "replacementValue", "value": constant("_")},
            ],
            "type": "Function",
        },
        "parsingSucceeded": True,
    }


def test_what_cannot_be_parsed_says_why() -> None:
    answer = parse_response("Joiin([a])", {}, CONTEXT)
    assert answer["error"]["message"] == "at 1: there is no function Joiin; did you mean Join?"
    assert not answer["parsingSucceeded"]


def test_without_a_test_object_nothing_is_evaluated() -> None:
    answer = parse_response("[mail]", None, CONTEXT)
    assert (answer["parsingSucceeded"], answer["evaluationSucceeded"], answer["error"]) == (True, False, None)


def test_what_has_no_value_for_the_test_object_says_why() -> None:
    answer = parse_response('IIF([a] = "x", 1, 2)', {}, CONTEXT)
    assert (answer["parsingSucceeded"], answer["evaluationSucceeded"]) == (True, False)
    assert answer["error"]["message"] == "at 1: IIF: the condition cannot be decided, [a] is null or empty"


def test_repeated_parameters_are_numbered() -> None:
    source = to_mapping_source(parse('Switch([IsSoftDeleted], , "False", "True", "True", "False")'))
    assert [each["key"] for each in source["parameters"]] == ["source", "key1", "value1", "key2", "value2"]


def test_microsofts_older_parameter_names_are_understood() -> None:
    """The sample calls oldValue Find and replacementValue Replacement."""
    source = {
        "type": "Function",
        "name": "Replace",
        "parameters": [
            {"key": "source", "value": attribute("preferredLanguage")},
            {"key": "Find", "value": constant("-")},
            {"key": "Replacement", "value": constant("_")},
        ],
    }
    assert from_mapping_source(source) == parse('Replace([preferredLanguage], "-", , , "_")')


def test_the_expression_counts_where_the_parameters_say_something_else() -> None:
    edited = to_mapping_source(parse("ToLower([mail])")) | {"expression": "ToUpper([mail])"}
    assert from_mapping_source(edited) == parse("ToUpper([mail])")


def test_attributes_and_constants_need_no_expression() -> None:
    assert from_mapping_source({"type": "Attribute", "name": "mail"}) == Attribute("mail")
    assert from_mapping_source({"type": "Constant", "name": "x y", "expression": "x y"}) == Constant("x y")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "a source is an object"),
        ({"type": "Attribute"}, "a source needs a name"),
        ({"type": "Thing", "name": "x"}, "a source's type is Attribute, Constant or Function, not Thing"),
        (
            {"type": "Function", "name": "ToLower", "parameters": [{"key": "sauce", "value": attribute("a")}]},
            "ToLower has no parameter sauce; its parameters are source, culture",
        ),
        ({"type": "Function", "name": "ToLower", "parameters": {}}, "expression|at 1|needs|list"),
    ],
)
def test_what_is_no_source_is_refused(source: Any, reason: str) -> None:
    if isinstance(source, dict) and source.get("parameters") == {}:
        source = source | {"parameters": {"key": 1}}
    with pytest.raises(ValueError, match=reason):
        from_mapping_source(source)


def test_functions_are_listed_as_in_microsofts_sample() -> None:
    """https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-functions"""
    schemas = {each["name"]: each for each in function_schemas()}
    assert schemas["Append"] == {
        "name": "Append",
        "parameters": [
            {"allowMultipleOccurrences": False, "name": "source", "required": True, "type": "String"},
            {"allowMultipleOccurrences": False, "name": "suffix", "required": True, "type": "String"},
        ],
    }
    assert schemas["Join"]["parameters"][1]["allowMultipleOccurrences"]
