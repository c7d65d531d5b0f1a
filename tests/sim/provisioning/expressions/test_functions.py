"""What the functions do beyond the documented examples: with null, at the edges, and with what does not fit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sim.ports import SourceValue
from sim.provisioning.expressions import (
    FUNCTIONS,
    NO_FLOW,
    Context,
    ExpressionError,
    ExprValue,
    compile_expression,
    keyed_draws,
)

SOURCE: dict[str, SourceValue] = {
    "null": None,
    "empty": "",
    "many": ("a", "", "b"),
    "one": ("a",),
    "none": (),
    "yes": True,
    "no": False,
    "text": "text",
    "appRoleAssignments": ("Admin", "Reader"),
}


def context(*key: object) -> Context:
    return Context(lambda: datetime(2026, 1, 5, 12, 30, tzinfo=UTC), keyed_draws("functions", *key))


def value_of(text: str) -> ExprValue:
    return compile_expression(text).evaluate(SOURCE, context())


NULLS: list[tuple[str, ExprValue]] = [
    ('Append([null], "x")', None),
    ('Append([text], "")', "text"),
    ("AppRoleAssignmentsComplex([appRoleAssignments])", ("Admin", "Reader")),
    ("BitAnd([null], 1)", None),
    ("CBool([null])", False),
    ("CDate([null])", None),
    ("CDate([empty])", None),
    ("Coalesce([null], [absent])", None),
    ('Coalesce([null], [absent], "d")', "d"),
    ('Coalesce([empty], "d")', ""),
    ('Coalesce([null], , "d")', "d"),
    ("ConvertToBase64([null])", None),
    ("ConvertToUTF8Hex([null])", None),
    ("Count([null])", "0"),
    ("CStr([null])", None),
    ('DateAdd("d", 1, [null])', None),
    ('DateAdd("d", [null], Now())', None),
    ('DateDiff("d", [null], Now())', None),
    ("DateFromNum([null])", None),
    ('FormatDateTime([null], , "yyyy", "yy")', None),
    ("IgnoreFlowIfNullOrEmpty([none])", NO_FLOW),
    ("IgnoreFlowIfNullOrEmpty([no])", False),
    ('InStr([null], "x")', "0"),
    ("IsNull([null])", True),
    ("IsNull([empty])", False),
    ("IsNullOrEmpty([null])", True),
    ("IsNullOrEmpty([none])", True),
    ("IsNullOrEmpty([no])", False),
    ("IsPresent([null])", False),
    ("IsPresent([text])", True),
    ("IsString([null])", False),
    ("IsString([text])", True),
    ("IsString([many])", False),
    ("Item([null], 1)", None),
    ('Join("-", [null], [empty])', ""),
    ('Join("-", [many], [null], "c")', "a-b-c"),
    ('Join([null], "a", "b")', "ab"),
    ("Left([null], 3)", ""),
    ("Mid([null], 1, 2)", None),
    ("NormalizeDiacritics([null])", None),
    ("Not([null])", True),
    ("NumFromDate([null])", None),
    ("PCase([null])", None),
    ("Redact([null])", None),
    ("RemoveDuplicates([null])", None),
    ('Replace([null], "a", , , "b", , )', None),
    ('Replace([null], "a", , , , , "xax")', None),
    ('Replace([null], , "a", , "b", , )', None),
    ('Replace([null], , "(?<g>a)", "g", "b", , )', None),
    ('Replace([null], , "(?<g>t.)", "g", , [text], )', "te"),
    ('Replace([null], , "(?<g>z)", "g", , [text], )', None),
    ('Replace([text], , "(?<g>z)", "g", , "z", )', "text"),
    ('Split([null], ",")', None),
    ("StripSpaces([null])", None),
    ('Switch([null], "d", "k", "v")', "d"),
    ('Switch([null], , "k", "v")', None),
    ('Switch([null], "d", "", "v")', "v"),
    ("ToLower([null])", None),
    ("ToUpper([null])", None),
    ('Word([null], 1, " ")', ""),
    ("[null]", None),
    ("[yes]", True),
]


@pytest.mark.parametrize(("text", "expected"), NULLS)
def test_null_and_empty_values_have_their_rule(text: str, expected: ExprValue) -> None:
    assert value_of(text) == expected


EDGES: list[tuple[str, ExprValue]] = [
    ("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", ("Admin", "Reader")),
    ("SingleAppRoleAssignment([appRoleAssignments])", "Admin"),
    ('CBool("0")', False),
    ("CBool(0)", False),
    ("CBool(-1)", True),
    ('CBool("False")', False),
    ("CBool([text])", True),
    ("CBool([yes])", True),
    ('CBool("1" < "1")', False),
    ("CBool(9 < 10)", True),
    ('CBool("9" < "10")', True),
    ('CBool("b" < "a")', False),
    ('CBool("ab" < "b")', True),
    ('CBool("a" = "A")', False),
    ('CBool(1 = "1")', True),
    ('CBool([yes] = "True")', True),
    ('CBool(CDate("2026-02-01") > CDate("2025-10-01"))', True),
    ("Count([many])", "3"),
    ("Count([text])", "1"),
    ("CStr(-7)", "-7"),
    ("CStr([yes])", "True"),
    ("CStr([one])", "a"),
    ('DateAdd("m", 1, "2027-01-31")', "2/28/2027 12:00:00 AM"),
    ('DateAdd("m", -1, "2027-03-31")', "2/28/2027 12:00:00 AM"),
    ('DateAdd("yyyy", 1, "2028-02-29")', "2/28/2029 12:00:00 AM"),
    ('DateAdd("h", 25, "1/1/2027 11:00:00 PM")', "1/3/2027 12:00:00 AM"),
    ('DateAdd("n", -1, "2027-01-01")', "12/31/2026 11:59:00 PM"),
    ('DateAdd("s", 1, "2027-01-01T00:00:59Z")', "1/1/2027 12:01:00 AM"),
    ('DateDiff("d", "2027-01-02T01:00:00Z", "2027-01-01T02:00:00Z")', "0"),
    ('DateDiff("ww", "2027-01-02", "2027-01-03")', "1"),
    ('DateDiff("ww", "2027-01-03", "2027-01-09")', "0"),
    ('DateDiff("yyyy", "2026-12-31", "2027-01-01")', "1"),
    ("NumFromDate(DateFromNum(129699324000000000))", "129699324000000000"),
    ('NumFromDate("1601-01-01T00:00:01Z")', "10000000"),
    ('InStr("abc", "d")', "0"),
    ('InStr("abc", "B", , vbTextCompare)', "2"),
    ('InStr("abc", "B")', "0"),
    ('InStr("abcabc", "a", 2)', "4"),
    ('InStr("abc", "a", 9)', "0"),
    ("Item([many], 3)", "b"),
    ("Item([many], 4)", None),
    ('Left("abc", 0)', ""),
    ('Left("abc", -1)', "abc"),
    ('Left("abc", 9)', "abc"),
    ('Mid("abc", 2, 9)', "bc"),
    ('Mid("abc", 9, 1)', ""),
    ('Not("True")', False),
    ('Not("False")', True),
    ('Not("anything")', True),
    ('PCase("o\'brien o-neil")', "O'brien O-Neil"),
    ('PCase("a-b c", " ")', "A-b C"),
    ('Replace("a.b.a", ".", , , "-", , )', "a-b-a"),
    ('Replace("aBb", "b", , , "", , )', "aB"),
    ('Replace("John Doe", , "(\\\\w+) (\\\\w+)", , "$2, $1", , )', "Doe, John"),
    ('Replace("a1b2", , "(?<n>\\\\d)", "n", "#", , )', "a#b#"),
    ('Split([text], "x")', ("te", "t")),
    ('Split(",a,,b,", ",")', ("a", "b")),
    ('StripSpaces(" a b ")', "ab"),
    ('Switch([yes], "d", "True", "t", "False", "f")', "t"),
    ('Switch("a", "d", "a", "first", "a", "second")', "first"),
    ('Switch("b", "d", [text], "x", ToLower("B"), "y")', "y"),
    ('Switch(1, "d", 1, "one")', "one"),
    ('ToUpper("straße i")', "STRAßE I"),
    ('ToUpper("i", "tr-TR")', "İ"),
    ('ToLower("I", "tr-TR")', "ı"),
    ('ToLower("ÅI", "en-US")', "åi"),
    ('Word("a  b", 2, " ")', "b"),
    ('Word("a b", 0, " ")', ""),
    ('Word("a b", 3, " ")', ""),
    ('Word("a]b^c", 3, "^]")', "c"),
    ('Append(IgnoreFlowIfNullOrEmpty([null]), "x")', NO_FLOW),
    ('IIF([yes] = "True", IgnoreFlowIfNullOrEmpty([empty]), "x")', NO_FLOW),
    ('IIF([text] = "text", "x", Item([many], 0))', "x"),
    ("1000", "1000"),
]


@pytest.mark.parametrize(("text", "expected"), EDGES)
def test_functions_keep_their_rules_at_the_edges(text: str, expected: ExprValue) -> None:
    assert value_of(text) == expected


WRONG = [
    ('Append([many], "x")', "at 1: Append: one value is needed here, and there are 3"),
    ('ToLower(Left([text], "x"))', "at 9: Left: NumChars is a whole number, not 'x'"),
    ("Item([many], 0)", "at 1: Item: index counts values from 1, it cannot be 0"),
    ('Mid("a", 0, 1)', "at 1: Mid: start counts characters from 1, it cannot be 0"),
    ('Mid("a", 1, -1)', "at 1: Mid: length cannot be -1"),
    ('Mid("a", 1, [null])', "at 1: Mid: length is a whole number, not null"),
    (
        'CDate("tomorrow")',
        "at 1: CDate: 'tomorrow' is no date; write it like 2026-03-16T07:00:00Z or 3/16/2026 7:00:00 AM",
    ),
    ('CDate("2026-02-30")', "at 1: CDate: '2026-02-30' is no date"),
    ('DateAdd("yyyy", 9999, Now())', "at 1: DateAdd: the result is outside the years 1 to 9999"),
    (
        'FormatDateTime([text], , "yyyy-MM-dd", "d")',
        "at 1: FormatDateTime: 'text' is not in the form yyyy-MM-dd",
    ),
    ('Split([text], "")', "at 1: Split: the delimiter is empty"),
    ('ToUpper([text], "german")', "at 1: ToUpper: a culture is written like en-US or tr-TR, not 'german'"),
    ("RandomString(257, 1, 1, 1, 1)", "at 1: RandomString: Length is 1 to 256, not 257"),
    ("RandomString(3, 1, 1, 1, 1)", "at 1: RandomString: the minima add up to 4, more than the Length of 3"),
    (
        'RandomString(3, 1, 0, 0, 0, "0123456789")',
        "at 1: RandomString: CharactersToAvoid leaves nothing to choose for MinimumNumbers",
    ),
    ('CBool([null] < "a")', "at 14: <: null is neither more nor less than anything"),
    ('Replace([text], , [text], "g", "b", , )', "at 1: Replace: the pattern has no group 'g'"),
    ('Replace([text], , "(?<a>t)", [text], "b", , )', "at 1: Replace: the pattern has no group 'text'"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_what_has_no_value_names_the_function_that_failed(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value_of(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("letters", "plain"),
    [
        ("äàâãåáąăāǟǡ", "a" * 11),
        ("æǣÆǢ", "aeaeAEAE"),
        ("øœØŒß", "oeoeOEOEss"),
        ("öòőõôóōȫ", "o" * 8),
        ("üùûúůűūǖ", "u" * 8),
        ("łŁıİ", "lLiI"),
        ("ŠśșşČçďėęğñńřťżŻÿ", "SsssCcdeegnnrtzZy"),
        ("Ā́n̄", "An"),
        ("日本 Ж", "日本 Ж"),
    ],
)
def test_letters_lose_their_marks(letters: str, plain: str) -> None:
    assert compile_expression("NormalizeDiacritics([n])").evaluate({"n": letters}, context()) == plain


def test_a_redacted_value_reaches_the_target_and_not_the_log() -> None:
    expression = compile_expression('Append(Redact([text]), "!")')
    value = expression.evaluate(SOURCE, context())
    assert value == "text!"
    assert expression.shown(value) == "[Redact]"
    assert expression.shown(None) is None
    assert compile_expression("[text]").shown("text") == "text"


def test_chance_follows_from_the_key() -> None:
    expression = compile_expression('Join(" ", Guid(), Guid(), RandomString(10, 2, 2, 2, 1, "?,"))')
    assert expression.varies
    first = expression.evaluate(SOURCE, context("id-1"))
    assert first == expression.evaluate(SOURCE, context("id-1"))
    assert first != expression.evaluate(SOURCE, context("id-2"))
    one, two, _ = str(first).split(" ")
    assert one != two


def test_a_guid_is_a_version_4_uuid() -> None:
    import re

    guid = value_of("Guid()")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", str(guid))


def test_a_random_string_has_what_was_asked_for() -> None:
    for number in range(50):
        drawn = compile_expression('RandomString(10, 2, 2, 2, 1, "?,")').evaluate(SOURCE, context(number))
        text = str(drawn)
        assert len(text) == 10
        assert sum(each.isdigit() for each in text) >= 2
        assert sum(each.isupper() for each in text) >= 2
        assert sum(each.islower() for each in text) >= 1
        assert sum(not each.isalnum() for each in text) >= 2
        assert not set("?,") & set(text)
        assert set(str(compile_expression("RandomString(6,3,0,0,3)").evaluate({}, context(number)))) <= set(
            "0123456789abcdefghijklmnopqrstuvwxyz"
        )


def test_the_app_role_functions_say_how_other_roles_in_the_target_fare() -> None:
    roles = {name: compile_expression(f"{name}([appRoleAssignments])").roles for name in FUNCTIONS if "AppRole" in name}
    assert roles == {
        "AppRoleAssignmentsComplex": "add",
        "AssertiveAppRoleAssignmentsComplex": "replace",
        "SingleAppRoleAssignment": None,
    }


def test_the_catalogue_has_every_documented_function() -> None:
    names = """Append AppRoleAssignmentsComplex AssertiveAppRoleAssignmentsComplex BitAnd CBool CDate Coalesce
    ConvertToBase64 ConvertToUTF8Hex Count CStr DateAdd DateDiff DateFromNum FormatDateTime Guid
    IgnoreFlowIfNullOrEmpty IIF InStr IsNull IsNullOrEmpty IsPresent IsString Item Join Left Mid NormalizeDiacritics
    Not Now NumFromDate PCase RandomString Redact RemoveDuplicates Replace SelectUniqueValue SingleAppRoleAssignment
    Split StripSpaces Switch ToLower ToUpper Word"""
    assert set(FUNCTIONS) == set(names.split())
    assert all(function.description.endswith(".") for function in FUNCTIONS.values())
