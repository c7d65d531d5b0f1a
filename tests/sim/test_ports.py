"""A request's path is what a server sees of it."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.ports import Request
from sim.provisioning import requests


@given(st.text(st.characters(codec="utf-8")))
@example("ann.example@contoso.example")
@example('a"b\\c')
def test_a_filter_is_quoted_as_urllib_quotes_it(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    path = requests.find_user("userName", name).path
    assert path == "/Users?filter=" + quote(f'userName eq "{escaped}"', safe="")
    assert unquote(path.partition("=")[2]) == f'userName eq "{escaped}"'


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (requests.get_user("u1"), "GET /Users/u1"),
        (requests.get_group("g1"), "GET /Groups/g1?excludedAttributes=members"),
        (
            requests.find_group("A B"),
            "GET /Groups?excludedAttributes=members&filter=displayName%20eq%20%22A%20B%22",
        ),
        (requests.create("User", {}), "POST /Users"),
        (requests.create("Group", {}), "POST /Groups"),
        (requests.patch("User", "u1", ()), "PATCH /Users/u1"),
        (requests.delete("Group", "g1"), "DELETE /Groups/g1"),
    ],
)
def test_methods_and_paths_are_those_of_entra(request_: Request, line: str) -> None:
    assert f"{request_.method} {request_.path}" == line


def test_equal_requests_of_different_kinds_differ() -> None:
    read: Request = requests.get_user("u1")
    assert read != requests.delete("User", "u1")
