"""Patterns in .NET's spelling mean the same here, and none can stop a run."""

from __future__ import annotations

import re

import pytest

from sim.provisioning.expressions.dotnet_regex import compile_regex, expand, replace_group


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?<area>\d{3})-\k<area>", "123-123"),
        (r"(?'a'x)\k'a'", "xx"),
        (r"^[^\]a-z]+\z", "AB]".replace("]", "C")),
        (r"[[a]+", "[a"),
        (r"(?i)abc", "ABC"),
        (r"(?:ab)+c", "ababc"),
        (r"(Sales|IT)+", "SalesIT"),
        (r"a(?=b)b(?<=b)", "ab"),
        (r"\@domain", "@domain"),
        (r"{x}", "{x}"),
        (r"x{2,3}?", "xx"),
        (r"(?<Suffix>@(.)*)", "@contoso.com"),
    ],
)
def test_a_dotnet_pattern_matches_as_there(pattern: str, text: str) -> None:
    assert compile_regex(pattern).pattern.fullmatch(text)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+)+b", "repeats something that itself varies"),
        ("((a|b*)c?)*", "repeats something that itself varies"),
        ("(a|a)*b", "repeats something that itself varies"),
        ("(a|ab){2,}", "repeats something that itself varies"),
        ("(?:a*){20}", "repeats something that itself varies"),
        (r"\p{L}+", "uses Unicode categories"),
        ("a++", "has two repetitions in a row"),
        ("((a|a))*b", "repeats something that itself varies"),
        ("a*b*c*d*e*f*g*", "has more than 6 repetitions"),
        ("(?P<a>x)", "has a group that is not known here"),
        ("a**", "is no regular expression: multiple repeat"),
        ("[a", r"has a \[ that is not closed"),
        ("(a", "is no regular expression"),
        ("a\\", "ends in a backslash"),
        ("[a-z-[aeiou]]", "has a character class that is not known here"),
        ("(?>a)", "has a group that is not known here"),
        ("a" * 257, "has 257 characters, at most 256 are allowed"),
    ],
)
def test_what_is_dear_or_unknown_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        compile_regex(pattern)


def test_long_texts_are_not_matched() -> None:
    assert compile_regex("a+").check("a" * 256)
    with pytest.raises(ValueError, match="meets a text of 257 characters, at most 256 are allowed"):
        compile_regex("a+").check("a" * 257)
    with pytest.raises(ValueError, match="meets a text of 33 characters, at most 32 are allowed"):
        compile_regex("a*b*c*d*e*f*").check("a" * 33)


def test_replacements_name_groups_as_dotnet_does() -> None:
    match = re.match(r"(?P<first>\w+) (\w+)", "John Doe")
    assert match
    assert expand("${first}.$2 $& $$ $9 ${none}", match) == "John.Doe John Doe $ $9 ${none}"


def test_a_group_is_replaced_in_every_match_and_nothing_else() -> None:
    assert replace_group(compile_regex(r"a(?<n>\d)?b").pattern, "n", "#", "a1b ab xa2b") == "a#b ab xa#b"
