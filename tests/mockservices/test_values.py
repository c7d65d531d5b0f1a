"""Values are compared by what they hold, and what is done with them at a glance is done right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.values import folded, value, values_of


@value
class Pair:
    """Two of a kind."""

    left: str
    right: int = 0


@value
class Other:
    """Two of another kind."""

    left: str
    right: int = 0


def test_values_are_equal_when_kind_and_content_are() -> None:
    assert Pair("a", 1) == Pair("a", 1)
    assert hash(Pair("a", 1)) == hash(Pair("a", 1))
    assert Pair("a", 1) != Pair("a", 2)
    other: object = Other("a", 1)
    assert other != Pair("a", 1)


def test_a_value_holds_its_fields_and_nothing_else() -> None:
    with pytest.raises(AttributeError):
        object.__setattr__(Pair("a"), "more", 1)


@given(st.text())
def test_folding_is_lower_case(text: str) -> None:
    assert folded(text) == text.lower()


def test_no_copy_is_made_of_what_is_folded_already() -> None:
    text = "ann." + "example"
    assert folded(text) is text


@pytest.mark.parametrize("names", [(), ("a",), ("a", "b"), ("b", "a", "b")])
def test_several_keys_are_read_in_their_order(names: tuple[str, ...]) -> None:
    held = {"a": 1, "b": 2}
    assert values_of(names)(held) == tuple(held[name] for name in names)


@pytest.mark.parametrize("names", [("c",), ("a", "c")])
def test_a_key_that_is_missing_is_an_error(names: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        values_of(names)({"a": 1})
