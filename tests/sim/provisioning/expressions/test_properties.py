"""Whatever the expression and the object: the text comes back, and nothing but an ExpressionError is raised."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ports import SourceValue
from sim.provisioning.expressions import (
    FUNCTIONS,
    NO_FLOW,
    Context,
    ExpressionError,
    ExpressionSyntaxError,
    compile_expression,
    compile_tree,
    keyed_draws,
    parse,
    render,
)
from sim.provisioning.expressions.catalogue import Function
from sim.provisioning.expressions.graph import from_mapping_source, parse_response, to_mapping_source
from sim.provisioning.expressions.tree import Attribute, Call, Comparison, Constant, Keyword, Node, Omitted

NAMES = st.sampled_from(["mail", "surname", "IsSoftDeleted", "roles", "date", "appRoleAssignments", "absent"])
TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "1",
        "-3",
        "yyyy",
        "d",
        "ww",
        "yyyy-MM-dd",
        "M/d/yyyy h:mm:ss tt",
        "3/16/2026 7:00:00 AM",
        "2026-03-16T07:00:00Z",
        "(?<a>x+)y",
        "a",
        "True",
        "a,b, c",
        "ß İ ı Ø",
        ".*",
        "[a-z]+",
        "${a}",
        "9" * 18,
    ]
)
ATTRIBUTES = st.builds(Attribute, NAMES)
CONSTANTS = st.builds(Constant, TEXTS | st.integers(-(10**18), 10**18))


def calls(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Calls with a right number of arguments of any kind."""

    def one(function: Function) -> st.SearchStrategy[Node]:
        repeats = st.integers(1, 2) if function.repeating else st.just(0)
        return repeats.flatmap(lambda times: arguments(function, times))

    def arguments(function: Function, times: int) -> st.SearchStrategy[Node]:
        parameters = [each for each in function.parameters if not each.repeats]
        parameters += list(function.repeating) * max(times, function.least // max(1, len(function.repeating)))
        parts: list[st.SearchStrategy[Node]] = []
        for parameter in parameters:
            part = children
            if parameter.name == "appRoleAssignments":
                part = st.just(Attribute("appRoleAssignments"))
            if parameter.condition:
                part |= st.builds(Comparison, children, st.sampled_from(["=", "<>", ">", ">=", "<", "<="]), children)
            if parameter.keywords:
                part |= st.builds(Keyword, st.sampled_from(parameter.keywords))
            if not parameter.required:
                part |= st.just(Omitted())
            parts.append(part)
        return st.tuples(*parts).map(lambda given: Call(function.name, given))

    return st.sampled_from([each for each in FUNCTIONS.values() if each.name != "SelectUniqueValue"]).flatmap(one)


TREES: st.SearchStrategy[Node] = st.recursive(ATTRIBUTES | CONSTANTS, calls, max_leaves=8)
VALUES: st.SearchStrategy[SourceValue] = st.none() | st.booleans() | TEXTS | st.lists(TEXTS, max_size=3).map(tuple)
SOURCES = st.dictionaries(NAMES, VALUES)
CONTEXT = Context(lambda: datetime(2026, 1, 5, tzinfo=UTC), keyed_draws("properties"))


@given(TREES)
def test_the_text_of_a_tree_parses_to_the_tree(tree: Node) -> None:
    assert parse(render(tree)) == tree


def refusal(text: str) -> int | None:
    """Where the text is wrong, None when it is not."""
    try:
        compile_expression(text)
    except ExpressionSyntaxError as error:
        return error.position
    return None


@given(st.text(max_size=40) | st.text('[]"(),=<>&H1aJoin\\ ', max_size=40))
def test_any_text_compiles_or_is_refused_in_words(text: str) -> None:
    places = range(1, len(text) + 2)
    assert refusal(text) in (None, *places)


@settings(max_examples=300)
@given(TREES, SOURCES)
def test_evaluation_gives_a_source_value_or_an_expression_error(tree: Node, source: dict[str, SourceValue]) -> None:
    result: object = None
    with suppress(ExpressionSyntaxError, ExpressionError):
        result = compile_tree(tree).evaluate(source, CONTEXT)
    assert result is None or result is NO_FLOW or type(result) in (str, bool, tuple)


@given(TREES)
def test_a_tree_comes_back_from_graphs_shape(tree: Node) -> None:
    try:
        compile_tree(tree)
    except ExpressionSyntaxError:
        return
    assert from_mapping_source(to_mapping_source(tree)) == tree


@given(TREES, SOURCES)
def test_parse_expression_always_answers(tree: Node, source: dict[str, SourceValue]) -> None:
    answer = parse_response(render(tree), source, CONTEXT)
    assert answer["evaluationSucceeded"] <= answer["parsingSucceeded"]
    assert (answer["error"] is None) == answer["evaluationSucceeded"]
