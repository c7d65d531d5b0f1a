"""Scoping filters: each operator, the null rules, and what cannot be filtered on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ports import SourceValue
from sim.provisioning.scoping import (
    EVERYTHING,
    OPERATORS,
    Clause,
    ScopeError,
    ScopingFilter,
    compile_scope,
    operator_named,
)

UNARY = ("IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL")


def judged(operator: str, operand: str | None, value: SourceValue) -> bool:
    return compile_scope([ScopingFilter("t", (Clause("a", operator, operand),))]).judge({"a": value})


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        ("EQUALS", "sales", "sales", True),
        ("EQUALS", "sales", "Sales", False),
        ("EQUALS", "True", True, True),
        ("EQUALS", "true", True, True),
        ("EQUALS", "true", False, False),
        ("NOT EQUALS", "sales", "Sales", True),
        ("NOT EQUALS", "sales", "sales", False),
        ("NOT EQUALS", "true", True, False),
        ("Includes", "ale", "Sales", True),
        ("Includes", "ALE", "Sales", False),
        ("ENDS_WITH", "@contoso.com", "ann@contoso.com", True),
        ("ENDS_WITH", "@Contoso.com", "ann@contoso.com", False),
        ("&", "Sales, Marketing", "Sales", True),
        ("&", "Sales", "Sales, Marketing", False),
        ("!&", "Sales, Marketing", "Sales", False),
        ("!&", "Sales, Marketing", "Legal", True),
        ("Greater_Than", "10", "11", True),
        ("Greater_Than", "10", "10", False),
        ("Greater_Than", "10", "9", False),
        ("Greater_Than", "10", "eleven", False),
        ("Greater_Than", "10", "11.5", False),
        ("Greater_Than_OR_EQUALS", "10", "10", True),
        ("Greater_Than_OR_EQUALS", "10", "9", False),
        ("IS TRUE", None, True, True),
        ("IS TRUE", None, "True", True),
        ("IS TRUE", None, False, False),
        ("IS TRUE", None, "yes", False),
        ("IS FALSE", None, False, True),
        ("IS FALSE", None, True, False),
        ("IS NULL", None, "x", False),
        ("IS NULL", None, False, False),
        ("IS NOT NULL", None, "x", True),
        ("IS NOT NULL", None, False, True),
        ("REGEX MATCH", r".*\@domain.com", "ann@domain.com", True),
        ("REGEX MATCH", r".*\@domain.com", "ann@other.com", False),
        ("REGEX MATCH", "([1-9][0-9])", "10", True),
        ("REGEX MATCH", "([1-9][0-9])", "99", True),
        ("REGEX MATCH", "([1-9][0-9])", "9", False),
        ("REGEX MATCH", "([1-9][0-9])", "100", False),
        ("REGEX MATCH", "sales", "SALES", False),
        ("REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", "1500000", True),
        ("REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", "2000000", False),
        ("NOT REGEX MATCH", r".*\@domain.com", "ann@domain.com", False),
        ("NOT REGEX MATCH", r".*\@domain.com", "ann@other.com", True),
        ("REGEX MATCH", ".*", "a" * 2000, False),
        ("EQUALS", "a", ("a",), False),
    ],
)
def test_an_operator_judges(operator: str, operand: str | None, value: SourceValue, expected: bool) -> None:
    assert judged(operator, operand, value) is expected


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("nothing", [None, "", ()])
def test_a_clause_about_nothing_does_not_hold_unless_it_is_is_null(operator: str, nothing: SourceValue) -> None:
    assert judged(operator, None if operator in UNARY else "1", nothing) is (operator == "IS NULL")


def test_clauses_of_a_filter_hold_together_and_one_filter_is_enough() -> None:
    """Microsoft's example (New York, Engineering, an id in a range, some job title); or anybody in Rome."""
    scope = compile_scope(
        [
            ScopingFilter(
                "New York engineers",
                (
                    Clause("state", "EQUALS", "New York"),
                    Clause("department", "EQUALS", "Engineering"),
                    Clause("employeeId", "Greater_Than_OR_EQUALS", "1000000"),
                    Clause("employeeId", "REGEX MATCH", "1[0-9]{6}|2000000"),
                    Clause("jobTitle", "IS NOT NULL"),
                ),
            ),
            ScopingFilter("Rome", (Clause("city", "equals", "Rome"),)),
        ]
    )
    engineer = {"state": "New York", "department": "Engineering", "employeeId": "1234567", "jobTitle": "Engineer"}
    assert scope.judge(engineer)
    assert not scope.judge(engineer | {"jobTitle": ""})
    assert not scope.judge(engineer | {"employeeId": "2000001"})
    assert scope.judge({"city": "Rome"})
    assert not scope.judge({})
    assert scope.properties == ("state", "department", "employeeId", "jobTitle", "city")


def test_without_filters_everything_is_in_scope() -> None:
    assert EVERYTHING.judge({})
    assert compile_scope([]).judge({})
    assert compile_scope([]).explain({}) == {}


def test_a_regex_can_be_searched_for_instead() -> None:
    filters = [ScopingFilter("t", (Clause("a", "regex_match", "[1-9][0-9]"),))]
    assert not compile_scope(filters).judge({"a": "x100"})
    assert compile_scope(filters, regex_whole=False).judge({"a": "x100"})


def test_the_outcome_is_explained_clause_by_clause() -> None:
    scope = compile_scope(
        [
            ScopingFilter("Sales", (Clause("department", "equals", "Sales"), Clause("mail", "is_not_null"))),
            ScopingFilter("", (Clause("accountEnabled", "is_true"),)),
        ]
    )
    assert scope.explain({"department": "Sales", "accountEnabled": False}) == {
        "Sales.department EQUALS 'Sales'": True,
        "Sales.mail IS NOT NULL": False,
        "Filter 2.accountEnabled IS TRUE": False,
    }


@pytest.mark.parametrize(
    ("spelling", "operator"),
    [
        ("equals", "EQUALS"),
        ("Not_Equals", "NOT EQUALS"),
        ("is_null", "IS NULL"),
        ("is not null", "IS NOT NULL"),
        ("regex_match", "REGEX MATCH"),
        ("not_regex_match", "NOT REGEX MATCH"),
        ("greater_than", "Greater_Than"),
        ("Greater_Than_OR_EQUALS", "Greater_Than_OR_EQUALS"),
        ("ends_with", "ENDS_WITH"),
        ("contained_in", "&"),
        ("not_contained_in", "!&"),
        *((name, name) for name in OPERATORS),
    ],
)
def test_operators_are_known_in_the_portals_spelling_and_in_the_scenarios(spelling: str, operator: str) -> None:
    assert operator_named(spelling) == operator


@pytest.mark.parametrize(
    ("clause", "cause"),
    [
        (Clause("a", "EQUAL", "x"), "there is no operator EQUAL; did you mean EQUALS?"),
        (Clause("a", "regexmach", "x"), "there is no operator regexmach; did you mean REGEX MATCH?"),
        (Clause("members", "Includes", "x"), "members refers to other objects, and scoping filters cannot follow"),
        (Clause("manager", "IS NULL"), "manager refers to other objects"),
        (Clause("IsMemberOf", "EQUALS", "x"), "IsMemberOf refers to other objects"),
        (Clause("appRoleAssignments", "IS NULL"), "appRoleAssignments can have several values"),
        (Clause("proxyAddresses", "Includes", "x"), "proxyAddresses can have several values"),
        (Clause("userType", "EQUALS", "Guest"), "scoping filters cannot tell members from guests"),
        (Clause("employeeHireDate", "IS NULL"), "employeeHireDate is a date"),
        (Clause("createdDateTime", "EQUALS", "x"), "createdDateTime is a date"),
        (Clause("", "EQUALS", "x"), "a clause names the attribute that it is about"),
        (Clause("a", "EQUALS"), "EQUALS needs a value to compare with; for an empty attribute there is IS NULL"),
        (Clause("a", "IS NULL", "x"), "IS NULL takes no value"),
        (Clause("a", "Greater_Than", "ten"), "Greater_Than compares whole numbers, and 'ten' is none"),
        (Clause("a", "REGEX MATCH", "("), "the pattern is no regular expression"),
        (Clause("a", "REGEX MATCH", "(a+)+"), "the pattern repeats something that itself varies"),
    ],
)
def test_what_cannot_be_filtered_on_is_refused_in_one_sentence(clause: Clause, cause: str) -> None:
    with pytest.raises(ScopeError) as caught:
        compile_scope([ScopingFilter("t", (Clause("a", "IS NULL"), clause))])
    assert str(caught.value).startswith(f"filter 1, clause 2: {cause}")
    assert (caught.value.filter, caught.value.clause) == (0, 1)


def test_an_unknown_operator_far_from_all_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"there is no operator zzz; there are &, !&, ENDS_WITH, EQUALS"):
        operator_named("zzz")


def test_a_filter_has_a_clause() -> None:
    with pytest.raises(ScopeError, match="filter 1: a scoping filter has at least one clause"):
        compile_scope([ScopingFilter("t", ())])


VALUES = st.none() | st.booleans() | st.text(max_size=5) | st.integers().map(str)
CLAUSES = st.one_of(
    st.builds(Clause, st.sampled_from("ab"), st.sampled_from(UNARY)),
    st.builds(
        Clause,
        st.sampled_from("ab"),
        st.sampled_from(["EQUALS", "NOT EQUALS", "Includes", "&", "!&", "ENDS_WITH"]),
        st.text(min_size=1, max_size=3),
    ),
)
FILTERS = st.lists(
    st.builds(ScopingFilter, st.text("t", min_size=1), st.lists(CLAUSES, min_size=1, max_size=3).map(tuple)), max_size=3
)


@given(FILTERS, st.dictionaries(st.sampled_from("ab"), VALUES))
def test_the_judgement_is_any_filter_of_all_clauses(
    filters: list[ScopingFilter], attributes: dict[str, SourceValue]
) -> None:
    alone = [
        all(compile_scope([ScopingFilter("t", (clause,))]).judge(attributes) for clause in each.clauses)
        for each in filters
    ]
    assert compile_scope(filters).judge(attributes) is (any(alone) if filters else True)
