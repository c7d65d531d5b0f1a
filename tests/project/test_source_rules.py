"""The house rules that no linter knows: they are read off the source text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("mockservices", "sim", "tui") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE = 400
EXCUSE = re.compile(r"#\s*(?:noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*|type:\s*ignore\[[\w,\s-]+\])(?P<reason>.*)$")


def found(pattern: str, files: Iterable[Path]) -> list[str]:
    """Where the pattern occurs, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


def test_no_scenario_is_known_to_the_code_by_name() -> None:
    assert found(r"(?i)idsentinel|case[-_]study", CODE) == []


def test_modules_are_short_enough_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_every_excuse_to_a_checker_has_its_reason_beside_it() -> None:
    unexplained = []
    for path in [*CODE, *TESTS]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            excuse = EXCUSE.search(line)
            if excuse is not None and re.search(r"[a-z]{2,}", EXCUSE.sub(r"\g<reason>", excuse["reason"])) is None:
                unexplained.append(f"{path.relative_to(ROOT)}:{number}")
    assert unexplained == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    assert found(r"\b(?:T[O]DO|FIXM[E]|X[X]X)\b", [*CODE, *TESTS]) == []


def test_no_test_sleeps() -> None:
    assert found(r"\b(?:time|asyncio)\.slee[p]\((?!0\))", TESTS) == []
