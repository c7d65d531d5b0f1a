"""Figures of what the doors let through: levels, sums and latencies from what is kept.

Invariant: sums are whole milliseconds. As everywhere, what begins and ends in one instant was never there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.observation.reach.reach import Picture
from sim.observation.reach.rows import USABLE, USABLE_AT_WORST, USABLE_PRIVILEGED, ClosingRow, UsableRow
from sim.observation.statistics import hours, ratio
from sim.observation.summary.events import BLIND, latency_row
from sim.observation.words import CAUSES


@dataclass(frozen=True, slots=True)
class Counted:
    """A number over time."""

    now: int
    peak: int
    sum_ms: int


def count(spans: Iterable[tuple[int, int]], at: int, begin: int | None = None) -> Counted:
    """How many of these last at ``at``, and at the end of any instant since ``begin`` at most, and how long they
    last together in between. A stretch with a beginning ends before anything happens at ``at``, as phases do."""
    first = 0 if begin is None else begin
    cut = [(max(since, first), until) for since, until in spans if since < at and until > max(since, first)]
    if not cut:
        return Counted(0, 0, 0)
    times = np.array(cut, dtype=np.int64)
    starts, ends = times[:, 0], times[:, 1]
    over = ends[ends <= at] if begin is None else ends[ends < at]
    edges, places = np.unique(np.concatenate((starts, over)), return_inverse=True)
    change = np.zeros(len(edges), dtype=np.int64)
    np.add.at(change, places[: len(starts)], 1)
    np.add.at(change, places[len(starts) :], -1)
    levels = np.cumsum(change)
    return Counted(int(levels[-1]), int(levels.max()), int((np.minimum(ends, at) - starts).sum()))


def usable_figures(rows: Sequence[UsableRow] | None, at: int, begin: int | None = None) -> dict[str, Any]:
    """``orphaned_access.usable`` up to ``at``, of a phase from ``begin`` on; all null where there are no sessions."""
    if rows is None:
        return dict.fromkeys(_USABLE, None)
    people, worst, privileged = (
        count(((row.since, row.until) for row in rows if row.state == state), at, begin)
        for state in (USABLE, USABLE_AT_WORST, USABLE_PRIVILEGED)
    )
    return {
        "now": people.now,
        "peak": people.peak,
        "mean": ratio(people.sum_ms, at - (begin or 0)),
        "person_hours": hours(people.sum_ms),
        "person_hours_at_worst": hours(worst.sum_ms),
        "privileged_now": privileged.now,
        "privileged_person_hours": hours(privileged.sum_ms),
    }


_USABLE: Final = (
    "now", "peak", "mean", "person_hours", "person_hours_at_worst", "privileged_now", "privileged_person_hours",
)  # fmt: skip


def usable_by_cause(rows: Sequence[UsableRow] | None, at: int, begin: int = 0) -> Mapping[str, float | None]:
    """Person-hours of usable access by cause."""
    if rows is None:
        return dict.fromkeys(CAUSES, None)
    sums = dict.fromkeys(CAUSES, 0)
    for row in rows:
        if row.state == USABLE and row.cause is not None:
            sums[row.cause] += max(0, min(row.until, at) - max(row.since, begin))
    return {cause: hours(ms) for cause, ms in sums.items()}


def residual_block(picture: Picture | None) -> dict[str, Any]:
    """``residual_sessions``."""
    if picture is None:
        return {"now": None, "peak": None, "session_hours": None}
    counted = count(((row.since, row.until) for row in picture.residual), picture.at)
    return {"now": counted.now, "peak": counted.peak, "session_hours": hours(counted.sum_ms)}


def door_rows(closings: Sequence[ClosingRow], at: int) -> dict[str, dict[str, Any]]:
    """How long after they left the doors of people closed, as rows of ``latency``."""
    rows = {}
    for position, name in enumerate(BLIND, start=4):
        values = [row[position] for row in closings]
        finished = np.array([value for value in values if value is not None], dtype=np.int64)
        ages = [at - row.start for row in closings if row[position] is None]
        rows[name] = latency_row(finished, None, ages)
    return rows
