"""What is wrong with somebody's own file, in one sentence: file, line, column, what is allowed.

Invariant: a sentence quotes a cell only when it is close to a word that is allowed there. A file whose columns have
slipped holds names where a kind should stand, and names are nobody's business unless the scenario says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.errors import ScenarioError, listed, nearest
from sim.time import clipped


@dataclass(frozen=True, slots=True)
class Origin:
    """Where own data come from: the name that sentences give it, and the file or what a journal kept of it."""

    shown: str
    path: Path | None = None
    content: bytes | None = None

    def refusal(self, sentence: str, line: int | None = None, column: str | None = None) -> ScenarioError:
        """The error that says so."""
        return ScenarioError(sentence, source=self.shown, line=line, key=column)


def no_such(what: str, word: str, allowed: Iterable[str]) -> str:
    """A sentence about a word that is none of those allowed; quoted only when one of them is close."""
    words = list(allowed)
    near = nearest(word, words)
    quoted = f"'{clipped(word)}' is no {what}" if near else f"this is no {what}"
    return f"{quoted}; allowed: {listed(words)}{near}"
