"""Pages by key: complete, without repetition, whatever happens in between."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.identitycenter.errors import AwsError
from mockservices.identitycenter.paging import Key, after, page

KEYS = st.lists(st.tuples(st.integers(min_value=-1), st.integers(min_value=-1)), unique=True).map(sorted)


@given(keys=KEYS, size=st.integers(min_value=1, max_value=100))
def test_pages_add_up_to_everything_once(keys: list[Key], size: int) -> None:
    seen: list[Key] = []
    token: str | None = None
    while True:
        found, more = page("List", token, size, ((key, key) for key in keys))
        seen += found
        assert len(found) <= size
        token = more.get("NextToken")
        if token is None:
            break
    assert seen == keys


@given(token=st.text())
def test_any_text_is_a_token_or_refused(token: str) -> None:
    key: Key = ()
    with suppress(AwsError):
        key = after("List", token)
    assert all(type(part) is int for part in key)


def test_what_is_deleted_between_two_pages_shifts_nothing() -> None:
    items = [((i,), i) for i in range(6)]
    _, more = page("List", None, 2, items)
    assert page("List", more["NextToken"], 2, items[2:])[0] == [2, 3]
    assert page("List", more["NextToken"], 2, items[3:])[0] == [3, 4]


def test_the_last_page_has_no_token_even_when_it_is_full() -> None:
    assert page("List", None, 2, [((0,), "a"), ((1,), "b")]) == (["a", "b"], {})


def test_a_token_is_good_for_its_own_operation_only() -> None:
    _, more = page("ListUsers", None, 1, [((0,), "a"), ((1,), "b")])
    assert after("ListUsers", more["NextToken"]) == (0,)
    with pytest.raises(AwsError, match="NextToken"):
        after("ListGroups", more["NextToken"])
