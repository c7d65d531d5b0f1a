"""What can be wrong with an expression: as text, and for one object.

Invariant: both kinds say where (the first column is 1) and why, in one sentence that can be shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ExpressionSyntaxError(ValueError):
    """The text is no expression. ``position`` counts characters from 1; ``cause`` is the sentence without it."""

    def __init__(self, position: int, cause: str) -> None:
        super().__init__(f"at {position}: {cause}")
        self.position = position
        self.cause = cause


class ExpressionError(ValueError):
    """The expression has no value for this object. ``position`` is that of the function that failed, 0 if none did."""

    def __init__(self, cause: str, position: int = 0) -> None:
        super().__init__(f"at {position}: {cause}" if position else cause)
        self.position = position
        self.cause = cause

    def within(self, name: str, position: int) -> ExpressionError:
        """The same, failing in this function; itself when it is known already where it failed."""
        return self if self.position else ExpressionError(f"{name}: {self.cause}", position)


def suggestion(name: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for the nearest valid spelling, nothing when none is near."""
    names = sorted(known)
    by_lower = {candidate.lower(): candidate for candidate in names}
    near = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean {by_lower[near[0]]}?" if near else ""
