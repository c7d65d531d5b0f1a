"""A bad scenario in one sentence: file, line, key, what is wrong, what is allowed.

Invariant: a `ScenarioError` is the only thing that reading a scenario raises, whatever the file holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from sim.errors import JmlabError

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a scenario: keys, and positions in lists."""


class ScenarioError(JmlabError):
    """A scenario cannot be read or contradicts itself; exit code 2."""

    def __init__(self, sentence: str, *, source: str, line: int | None = None, key: str | None = None) -> None:
        place = source if line is None else f"{source}:{line}"
        super().__init__(_on_one_line(": ".join(part for part in (place, key, sentence) if part)))
        self.sentence = sentence
        self.source = source
        self.line = line
        self.key = key


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a scenario, before the place has become a file and a line."""

    path: Path
    sentence: str


def dotted(path: Path) -> str:
    """A path as it is written on the command line: ``timeline.0.at``."""
    return ".".join(str(step) for step in path)


def listed(allowed: Iterable[str], word: str = "or") -> str:
    """``a, b or c``."""
    words = list(allowed)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {word} {words[-1]}" if words else "nothing"


def nearest(word: str, allowed: Iterable[str]) -> str:
    """`` (did you mean 'interval'?)`` for the valid word spelt most like the given one, or nothing."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(allowed, reverse=True)}
    found = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f" (did you mean '{by_folded[found[0]]}'?)" if found else ""


def _on_one_line(text: str) -> str:
    """The text with whatever a terminal would not print as a character spelt out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
