"""The dashboard's figures in lines of text: counts over time, how far out of step AWS was, how long things took.

Invariant: pure: from a frame and a size. No figure is cut: what does not fit is left out whole, and stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sim.observation.frame import Durations, Frame
from sim.observation.lane import MONTHS
from sim.observation.watch import CyclePoint, Points
from sim.time import DAY, span_text
from tui.presenters import MUTED, PLAIN, STRONG, WARN, Line, clipped, cycle_text, when

KINDS: Final = {
    "joiner": "joiners",
    "mover_grant": "movers, new access",
    "mover_revoke": "movers, old access",
    "leaver": "leavers",
    "contractor_expiry": "contracts ended",
    "rehire": "rehires",
    "absence": "leaves of absence",
    "return": "returns",
}
MONTHS_11: Final = 330 * DAY
BLOCKS: Final = " ▁▂▃▄▅▆▇█"


def columns(points: Points, end: int, now: int, width: int) -> list[int | None]:
    """The most there were in each of so many equal stretches from 0 to ``end``; None: not there yet."""
    found: list[int | None] = []
    at, count = 0, 0
    for i in range(width):
        first, last = end * i // width, end * (i + 1) // width
        if first > now:
            found.append(None)
            continue
        most = count
        while at < len(points) and points[at][0] < last:
            count = points[at][1]
            most = max(most, count) if points[at][0] > first or at == 0 else count
            at += 1
        found.append(most)
    return found


def bars(values: Sequence[int | None], height: int, top: int) -> list[str]:
    """Values as columns of blocks; where there is no value there is nothing, and 0 is a dot on the base line."""
    rows = []
    for row in range(height, 0, -1):
        cells = []
        for value in values:
            eighths = 0 if value is None else round(value * height * 8 / top) - (row - 1) * 8
            if value and row == 1:
                eighths = max(eighths, 1)
            cells.append(BLOCKS[min(max(eighths, 0), 8)] if eighths > 0 else "·" if value == 0 and row == 1 else " ")
        rows.append("".join(cells))
    return rows


def _axis(frame: Frame, at: int) -> str:
    """An end of the time axis: with the year where both ends would have the same day and month."""
    if frame.end < MONTHS_11:
        return when(frame, at)
    day = frame.start + timedelta(milliseconds=at)
    return f"{day:%d} {MONTHS[day.month - 1]} {day.year}"


def chart(frame: Frame, points: Points, width: int, height: int, style: str) -> list[Line]:
    """A count over simulated time, its scale at the left and the time below."""
    top = max([count for _, count in points] + [1])
    margin = len(str(top)) + 1
    room = max(width - margin, 4)
    rows = bars(columns(points, max(frame.end, 1), frame.now, room), max(height - 1, 1), top)
    lines: list[Line] = []
    for i, row in enumerate(rows):
        scale = str(top) if i == 0 else "0" if i == len(rows) - 1 else ""
        lines.append(((f"{scale:>{margin - 1}} ", MUTED), (row, style)))
    left, right = _axis(frame, 0), _axis(frame, frame.end)
    if height > 1:
        lines.append(((" " * margin + left + right.rjust(max(room - len(left), len(right) + 1)), MUTED),))
    return lines


def orphaned_title(frame: Frame, width: int = 99) -> str:
    """People with access that is not theirs, who of them could use it, who was retained, toxic pairs, and the most
    there were if there is room: that stands at the top of the scale, too."""
    usable = "" if frame.usable is None else f", usable {frame.usable}"
    toxic = "" if frame.toxic is None else f", toxic {frame.toxic}"
    peak = f", peak {frame.orphaned.peak}" if frame.usable is None else ""
    head = f"■ Orphaned {frame.orphaned.now}{usable}, retained {frame.retained}"
    return next((t for t in (f"{head}{peak}{toxic}", f"{head}{toxic}") if len(t) <= width), head)


def waiting_title(frame: Frame, width: int = 99) -> str:
    """People who wait for access, and the most there were if there is room."""
    head = f"○ Waiting for access {frame.waiting.now}"
    whole = f"{head}, peak {frame.waiting.peak}"
    return whole if len(whole) <= width else head


def out_of_step_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """How far out of step AWS was around the latest cycles; where none ever ran or will, what there is instead."""
    if not frame.divergence and frame.cycle.carrier in ("ticket", "nothing"):
        return [((cycle_text(frame), MUTED),)]
    return divergence_lines(frame.divergence, width, height)


def divergence_lines(points: Sequence[CyclePoint], width: int, height: int) -> list[Line]:
    """Differences just before each of the latest cycles, and what was left after."""
    if not points:
        return [(("no cycle yet", MUTED),)]
    top = max([point.before for point in points] + [1])
    margin = len(str(top)) + 1
    shown = list(points)[-max(width - margin, 4) :]
    rows = bars([point.before for point in shown], max(height - 2, 1), top)
    lines: list[Line] = []
    for i, row in enumerate(rows):
        scale = str(top) if i == 0 else "0" if i == len(rows) - 1 else ""
        lines.append(((f"{scale:>{margin - 1}} ", MUTED), (row, WARN)))
    last = shown[-1]
    if height > 1:
        lines.append(((f"cycles {shown[0].number} to {last.number}, just before each", MUTED),))
    if height > 2:
        lines.append(((f"the last: {last.before} before, {last.after} after", PLAIN),))
    return lines


def seconds_text(seconds: float | None) -> str:
    """A duration of a table."""
    return "–" if seconds is None else span_text(round(seconds * 1000))


def duration_lines(rows: Sequence[Durations], width: int, height: int) -> list[Line]:
    """How long it took, kind by kind: the durations themselves while they are few."""
    if not rows:
        return [(("nothing has arrived yet", MUTED),)]
    lines: list[Line] = []
    for row in rows:
        name = KINDS.get(row.kind, row.kind)
        waiting = f" ○ {row.open} open" if row.open else ""
        label = f"{name} ({row.n}) "
        what = _lasted(row, max(width - len(label) - len(waiting), 6))
        lines.append(((label, STRONG), (what, PLAIN), (waiting, WARN)))
    return lines[:height]


def _lasted(row: Durations, room: int) -> str:
    """As many durations as there is room for, each of them whole; of percentiles the median before the longest."""
    if row.values_s is None:
        p50, p95, most = (seconds_text(value) for value in (row.p50_s, row.p95_s, row.max_s))
        wanted = [f"p50 {p50}, p95 {p95}, max {most}", f"p50 {p50}, max {most}", f"p50 {p50}"]
    else:
        values = [seconds_text(value) for value in row.values_s]
        fewer = (f"{', '.join(values[:some])}, …" for some in range(len(values) - 1, 0, -1))
        wanted = [", ".join(values) or "–", *fewer]
    return next((text for text in wanted if len(text) <= room), clipped(wanted[-1], room))
