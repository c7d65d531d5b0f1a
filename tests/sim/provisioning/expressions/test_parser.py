"""What is wrong with an expression is said with its place, counted from 1, and a way out."""

from __future__ import annotations

import pytest

from sim.provisioning.expressions import ExpressionSyntaxError, compile_expression, parse, render
from sim.provisioning.expressions.tree import Attribute, Call, Comparison, Constant, Keyword, Omitted

WRONG = [
    ("", 1, "there is no expression"),
    ("   ", 4, "there is no expression"),
    ('Join(" ",   Joiin([a]))', 13, "there is no function Joiin; did you mean Join?"),
    ("switch([a], , 1, 2)", 1, "there is no function switch; did you mean Switch?"),
    ("Xyzzy()", 1, "there is no function Xyzzy"),
    ("    Left([a])", 5, "Left takes 2 arguments, 1 given"),
    ("Left([a], 1, 2)", 1, "Left takes 2 arguments, 3 given"),
    ("Guid(1)", 1, "Guid takes no arguments, 1 given"),
    ("Guid", 1, "Guid is not followed by its arguments in parentheses"),
    ("guid", 1, "guid is not followed by its arguments in parentheses; did you mean Guid?"),
    ("IIF([a] = 1, 2)", 1, "IIF takes 3 arguments, 2 given"),
    ('Join(" ")', 1, "Join takes at least 2 arguments, 1 given"),
    ('Switch([a], , "k", "v", "k")', 1, "Switch takes key and value in pairs after its first 2 arguments, 5 given"),
    ("Left(, 3)", 6, "Left needs its String"),
    ("Left([a], )", 11, "Left needs its NumChars"),
    ("department", 1, 'department stands alone; an attribute is written [department], a text "department"'),
    ("ToLower(department)", 9, 'department stands alone; an attribute is written [department], a text "department"'),
    ("ToLower([department)", 9, "the attribute's name is not closed with ]"),
    ("ToLower([])", 9, "an attribute is written like [department]"),
    ('ToLower("abc)', 9, 'the text is not closed with a quotation mark (")'),
    (r'ToLower("a\nb")', 11, r"a backslash stands before a backslash or a quotation mark: \\ or \""),
    ("ToLower([a]", 8, "the arguments of ToLower are not closed with )"),
    ("ToLower([a]))", 13, "the expression should end here, but ')' follows"),
    ("ToLower([a] [b])", 13, "a comma or ) should stand here, not '['"),
    (
        "ToLower(%)",
        9,
        "an [attribute], a \"text\", a number or a function should stand here, not '%'",
    ),
    ("ToLower(", 9, 'an [attribute], a "text", a number or a function should stand here, but the text ends'),
    ("Left([a], 1.5)", 11, "a number is a whole one of at most 19 digits"),
    ("BitAnd(&HXY, 1)", 8, "a hexadecimal number is written like &HF7, up to 15 digits"),
    ('[a] = "x"', 5, "a comparison stands inside IIF or CBool, not alone"),
    ('ToLower([a] = "x")', 13, "ToLower compares nothing; a comparison stands inside IIF or CBool"),
    ('IIF([a]="x" AND [b]="y", 1, 2)', 13, "conditions know no AND; put a second IIF inside the first"),
    ('IIF([a]="x" or [b]="y", 1, 2)', 13, "conditions know no OR; put a second IIF inside the first"),
    ('IIF([a]=, "x", "y")', 9, "an [attribute], a \"text\", a number or a function should stand here, not ','"),
    ('InStr("a", "b", 1, vbText)', 20, "InStr's compareType is vbTextCompare or vbBinaryCompare, not vbText"),
    ("Switch([manager], , 1, 2)", 8, "Switch: manager is a reference, and Switch compares texts"),
    ('DateAdd("days", 1, Now())', 9, "DateAdd: an interval is one of yyyy, m, d, ww, h, n, s (n is minutes), not days"),
    ('FormatDateTime([a], , "Q", "d")', 23, "FormatDateTime: there is no date format Q"),
    (
        'FormatDateTime([a], "AllowWhite", "d", "d")',
        21,
        "FormatDateTime: there is no date style AllowWhite; did you mean AllowInnerWhite?",
    ),
    (
        'Replace([a], , "(", , "x", , )',
        16,
        "Replace: the pattern is no regular expression: missing ), unterminated subpattern",
    ),
    ('Replace([a], , "(?<x>a)", "y", "z", , )', 27, "Replace: the pattern has no group y"),
    (
        'SingleAppRoleAssignment("Admin")',
        25,
        "SingleAppRoleAssignment: its argument is [appRoleAssignments] and nothing else",
    ),
    (
        "SelectUniqueValue([a], [b])",
        1,
        "SelectUniqueValue works in jobs from an HR system to Active Directory only, not in those to this target",
    ),
    (
        "ToLower(SelectUniqueValue([a], [b]))",
        9,
        "SelectUniqueValue stands outermost, never inside a function",
    ),
    ("SelectUniqueValue([a])", 1, "SelectUniqueValue takes at least 2 arguments, 1 given"),
]


@pytest.mark.parametrize(("text", "position", "cause"), WRONG)
def test_an_error_names_its_place_and_its_cause(text: str, position: int, cause: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression(text)
    assert (caught.value.position, caught.value.cause) == (position, cause)
    assert str(caught.value) == f"at {position}: {cause}"


def test_replace_says_which_arguments_go_together() -> None:
    with pytest.raises(ExpressionSyntaxError, match=r"^at 1: Replace: it takes oldValue with .*; given is oldValue$"):
        compile_expression('Replace([a], "x", , , , , )')


def test_an_expression_has_ten_thousand_characters_at_most() -> None:
    fits = 'ToLower("' + "a" * (10_000 - 11) + '")'
    assert len(fits) == 10_000
    assert compile_expression(fits).properties == ()
    with pytest.raises(ExpressionSyntaxError, match="at 10001: an expression has at most 10000 characters"):
        compile_expression(fits + " ")


def test_functions_can_be_nested_fifty_deep() -> None:
    compile_expression("ToLower(" * 50 + "[a]" + ")" * 50)
    with pytest.raises(ExpressionSyntaxError, match=r"^at 401: functions can be nested 50 deep here$"):
        compile_expression("ToLower(" * 51 + "[a]" + ")" * 51)


def test_the_tree_holds_what_the_text_says() -> None:
    tree = parse(r'Switch( [a b] , ,"\\ \"", &HF7,-3 , InStr("x", "y", , vbTextCompare))')
    assert tree == Call(
        "Switch",
        (
            Attribute("a b"),
            Omitted(),
            Constant('\\ "'),
            Constant(247),
            Constant(-3),
            Call("InStr", (Constant("x"), Constant("y"), Omitted(), Keyword("vbTextCompare"))),
        ),
    )
    assert render(tree) == r'Switch([a b], , "\\ \"", 247, -3, InStr("x", "y", , vbTextCompare))'


def test_a_comparison_is_written_with_or_without_spaces() -> None:
    expected = Call("IIF", (Comparison(Attribute("a"), "<>", Constant("x")), Constant(1), Constant(2)))
    assert parse('IIF([a]<>"x",1,2)') == parse('IIF([a] <> "x", 1, 2)') == expected


def test_an_attribute_or_a_constant_alone_is_an_expression() -> None:
    assert compile_expression("[mail]").properties == ("mail",)
    assert compile_expression('"x"').tree == Constant("x")


def test_an_expression_names_the_attributes_that_it_reads_once_and_in_order() -> None:
    assert compile_expression('IIF([b] = "x", Join(" ", [a], [b]), [c])').properties == ("b", "a", "c")
