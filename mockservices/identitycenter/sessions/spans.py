"""Sets of instants: what the doors reckon with.

Invariant: a :data:`Spans` is sorted, its half-open spans ``[start, end)`` are not empty and neither touch nor overlap.
Simulated milliseconds; ``ALWAYS`` and ``NEVER_ENDS`` stand for what began before every time and has no known end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from mockservices.clock import Millis

Span: TypeAlias = tuple[int, int]
Spans: TypeAlias = tuple[Span, ...]

ALWAYS = Millis(-(1 << 62))
NEVER_ENDS = Millis(1 << 62)
EMPTY: Spans = ()
EVERYTHING: Spans = ((ALWAYS, NEVER_ENDS),)


def union(*sets: Iterable[Span]) -> Spans:
    """The instants that are in any of the sets, whose spans may come in any order."""
    given = [span for spans in sets for span in spans if span[0] < span[1]]
    if len(given) < 2:
        return tuple(given)
    given.sort()
    merged: list[Span] = []
    for start, end in given:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(first: Spans, second: Spans) -> Spans:
    """The instants that are in both."""
    if not first or not second:
        return EMPTY
    if first in (EVERYTHING, second):
        return second
    if second == EVERYTHING:
        return first
    if len(first) == len(second) == 1:  # as nearly always
        (start, end), (other, stop) = first[0], second[0]
        span = (start if start > other else other, end if end < stop else stop)  # noqa: FURB136 - the quicker way
        return (span,) if span[0] < span[1] else EMPTY
    both: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        (start, end), (other, stop) = first[i], second[j]
        begin = max(other, start)
        if end < stop:
            i += 1
        else:
            j += 1
            end = stop
        if begin < end:
            both.append((begin, end))
    return tuple(both)


def difference(first: Spans, second: Spans) -> Spans:
    """The instants of ``first`` that are not in ``second``."""
    return intersection(first, complement(second))


def complement(spans: Spans) -> Spans:
    """Every other instant."""
    if not spans:
        return EVERYTHING
    others: list[Span] = []
    reached: int = ALWAYS
    for start, end in spans:
        if reached < start:
            others.append((reached, start))
        reached = end
    if reached < NEVER_ENDS:
        others.append((reached, NEVER_ENDS))
    return tuple(others)


def covering(spans: Iterable[Span], at: int) -> Span | None:
    """The span in which an instant lies."""
    for span in spans:
        if span[0] <= at < span[1]:
            return span
    return None


def end_after(spans: Iterable[Span], at: int) -> Millis | None:
    """When the span in which an instant lies ends; None when it lies in none, ``NEVER_ENDS`` when no end is known."""
    span = covering(spans, at)
    return None if span is None else Millis(span[1])


def length(spans: Iterable[Span]) -> Millis:
    """How long all of them last together."""
    return Millis(sum(end - start for start, end in spans))
