"""Whoever watches is told in words what is under way."""

from __future__ import annotations

import pytest

from sim.whatif.laboratory import label


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("", "3 variants"),
        ("search/17m", "trying 17m"),
        ("search/notice-from-HR-at-once", "trying notice from HR at once"),
        ("sensitivity", "sensitivity, 3 variants"),
    ],
)
def test_the_part_of_the_work_is_named(part: str, words: str) -> None:
    assert label(part, 3) == words
