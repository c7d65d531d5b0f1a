"""In what order a schedule's events come to pass, and HR's acts with them, where several fall on one millisecond.

Invariant: the order is that of the world's feeders (:mod:`sim.workforce.lifecycle`): at equal times whoever was put on
the queue first comes first.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from sim.workforce.plan import NEVER, EventKind
from sim.workforce.schedule import Schedule

Rows = NDArray[np.intp]


def handed_out(schedule: Schedule) -> tuple[Rows, NDArray[np.bool_]]:
    """The schedule's rows in the order of the feeders; of each whether it becomes true then, or HR acts on it late."""
    late = _late(schedule)
    feeds = [(np.flatnonzero(schedule.kind == kind), schedule.at, True) for kind in EventKind]
    after = schedule.directory_order()
    feeds.append((after[late[after]], schedule.directory_at, False))
    feeds = [feed for feed in feeds if len(feed[0])]
    times = np.concatenate([column[rows] for rows, column, _ in feeds]) if feeds else np.empty(0, np.int64)
    rows = np.concatenate([rows for rows, _, _ in feeds]) if feeds else np.empty(0, np.intp)
    becomes = np.concatenate([np.full(len(rows), true) for rows, _, true in feeds]) if feeds else np.empty(0, bool)
    if len(np.unique(times)) == len(times):
        order = np.argsort(times)
    else:
        order = _merged([column[rows].tolist() for rows, column, _ in feeds])
    return rows[order], becomes[order]


def order_of(schedule: Schedule, rows: Rows, becomes: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """The rows as they become true, and as HR acts on them in the directory; from :func:`handed_out`."""
    return rows[becomes], rows[~becomes | ~_late(schedule)[rows]]


def _late(schedule: Schedule) -> NDArray[np.bool_]:
    late: NDArray[np.bool_] = (schedule.directory_at > schedule.at) & (schedule.directory_at < NEVER)
    return late


def _merged(feeds: list[list[int]]) -> Rows:
    """Positions in the feeds laid end to end, in the order in which their feeders hand them out."""
    offsets = np.cumsum([0, *map(len, feeds)]).tolist()
    queue: list[tuple[int, int, int, int]] = []
    put = 0
    for number, feed in enumerate(feeds):
        heappush(queue, (feed[0], put, number, 0))
        put += 1
    order: list[int] = []
    while queue:
        time, _, number, i = heappop(queue)
        feed, offset = feeds[number], offsets[number]
        while i < len(feed) and feed[i] == time:
            order.append(offset + i)
            i += 1
        if i < len(feed):
            heappush(queue, (feed[i], put, number, i))
            put += 1
    return np.array(order, dtype=np.intp)
