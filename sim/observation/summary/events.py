"""The part of the summary about lifecycle events and how long they took to arrive in the target.

Invariant: what has not come to an end is censored: counted with its age, and in no mean and no quantile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.observation.events import Events
from sim.observation.latency import Latencies, LatencyRow
from sim.observation.statistics import FEW, Millisecs, mean_seconds, quantiles, seconds
from sim.observation.words import (
    CONTRACTOR_EXPIRY,
    EVENTS,
    HOPS,
    JOINER,
    LATENCIES,
    LEAVER,
    MOVER_GAP,
    MOVER_GRANT,
    MOVER_OVERLAP,
    MOVER_REVOKE,
)

ALL: Final = "all"
BLIND: Final = ("sign_in_blocked", "last_usable", "last_session_ended", "last_session_at_worst")
"""What only a model of sign-ins and sessions can measure."""
FIRST: Final = (JOINER, MOVER_GRANT, MOVER_REVOKE, MOVER_OVERLAP, MOVER_GAP, LEAVER, CONTRACTOR_EXPIRY)
ROWS: Final = (ALL, *FIRST, *BLIND, *(kind for kind in LATENCIES if kind not in FIRST))
"""The rows of ``latency`` in their order."""
AGES: Final = 100
"""How many ages of what is not finished are listed, the oldest first."""
_NO_HOPS: Final = dict.fromkeys((f"{hop}_s" for hop in HOPS), None)


def events_block(events: Events, open_latencies: Iterable[LatencyRow]) -> dict[str, int]:
    """Events by kind, and those that the timeline or a command asked for whose end state was reached in full."""
    unfinished = {row[1] for row in open_latencies}
    validated = sum(event not in unfinished for event in events.latencies.validated)
    return {**{kind: events.counts.get(kind, 0) for kind in EVENTS}, "validated": validated}


def latency_block(
    latencies: Latencies, open_latencies: Sequence[LatencyRow], doors: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Every row of ``latency``; ``doors``: those of the doors, where there are sessions."""
    ages: dict[str, list[int]] = {}
    for row in open_latencies:
        ages.setdefault(row[0], []).append(row[5])
    block: dict[str, Any] = {}
    for name in ROWS:
        if name in BLIND:
            unknown = dict.fromkeys(("n", "censored", *_FIGURES), None) | {"hops": dict(_NO_HOPS)}
            block[name] = unknown if doors is None else doors[name]
            continue
        kinds = LATENCIES if name == ALL else (name,)
        # copies: an array that numpy looks into cannot grow
        finished = [np.array(latencies.done.get(kind, ()), np.int64) for kind in kinds]
        values = np.concatenate(finished)
        hops = None
        if name not in (MOVER_OVERLAP, MOVER_GAP):
            hops = [sum(column) for column in zip(*(latencies.hop_sums.get(k, _ZEROS) for k in kinds), strict=True)]
        block[name] = latency_row(values, hops, [age for kind in kinds for age in ages.get(kind, ())])
    return block


_FIGURES: Final = ("mean_s", "p50_s", "p95_s", "p99_s", "max_s")
_ZEROS: Final = (0,) * len(HOPS)


def latency_row(values: Millisecs, hops: Sequence[int] | None, ages: Sequence[int]) -> dict[str, Any]:
    """One row, from finished latencies, their hops' sums, and the ages of what is not finished; all in ms."""
    n, censored = len(values), len(ages)
    few = n < FEW
    found = [None] * 3 if few else quantiles(values, (50, 95, 99))
    row: dict[str, Any] = {
        "n": n,
        "censored": censored,
        "mean_s": mean_seconds(int(values.sum()), n),
        **{f"p{percent}_s": seconds(value) for percent, value in zip((50, 95, 99), found, strict=True)},
        "max_s": seconds(int(values.max())) if n else None,
        "hops": dict(_NO_HOPS),
    }
    if hops is not None:
        row["hops"] = {f"{hop}_s": mean_seconds(total, n) for hop, total in zip(HOPS, hops, strict=True)}
    if few:
        row["durations_s"] = [seconds(value) for value in sorted(values.tolist())]
    if censored:
        row["censored_s"] = [seconds(age) for age in sorted(ages, reverse=True)[:AGES]]
        if censored * 100 > n + censored:
            row["biased"] = True
    return row
