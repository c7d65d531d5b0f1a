"""From a frame to the lines that are shown, for any width: pure, and without any screen.

Invariant: computes nothing that is not in the frame. A style only underlines what a word or a symbol says already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from sim.observation.frame import Count, Frame
from sim.observation.lane import clock_text
from sim.observation.stop import Stop
from sim.observation.watch import Happening
from sim.time import counted, span_text

Span: TypeAlias = tuple[str, str]
"""A text and how it is shown: plain, strong, muted, ok, warn or bad."""
Line: TypeAlias = tuple[Span, ...]

PLAIN, STRONG, MUTED, OK, WARN, BAD = "plain", "strong", "muted", "ok", "warn", "bad"
SYMBOLS: Final = {"done": ("●", OK), "waiting": ("○", WARN), "working": ("▶", STRONG),
                  "trouble": ("■", BAD), "idle": ("·", MUTED)}  # fmt: skip
MARKS: Final = {
    "ORPHANED": ("■", BAD),
    "RETAINED": ("■", BAD),
    "WAITING": ("○", WARN),
    "works": ("●", OK),
    "SUSPENDED": ("·", MUTED),
}
FIRST: Final = "Nothing has happened yet."
WAITS: Final = {"hr": "HR", "cycle": "the cycle", "ticket": "a ticket"}
OPENING: Final = (
    "Everything here is simulated. The story begins by itself: space pauses it, n goes to the next event, ? explains "
    "the words and lists the keys."
)
CLOSING: Final = "The keys 1 to 5 look back, d shows the figures, q leaves."


def text_of(line: Line) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line)


def clipped(text: str, width: int) -> str:
    """A text that fits."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def wrapped(text: str, width: int, most: int) -> list[str]:
    """A sentence on at most so many lines; a word that is too long is broken after a hyphen, as far as it has any."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
            continue
        while len(word) > width and (at := word.rfind("-", 0, width) + 1) > 1:
            lines.append(word[:at])
            word = word[at:]
        lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :]).replace("- ", "-")]
    return [clipped(line, width) for line in lines]


# --- the top and the numbers -----------------------------------------------------------------------------


def when(frame: Frame, at: int) -> str:
    """A simulated instant: the day of the week, or the date where the run is longer than a week; and the time."""
    return clock_text(frame.start, at, frame.end)


def pace_text(frame: Frame) -> str:
    """How time passes."""
    if frame.ended:
        return "THE END"
    if frame.paused:
        return "PAUSED · space"
    if frame.speed == "story":
        return "story pace" if frame.factor == 1 else f"story pace ×{frame.factor:g}"
    return "as fast as possible" if frame.speed is None else f"×{frame.speed:g}"


def cycle_text(frame: Frame) -> str:
    """Where the provisioning job is."""
    cycle = frame.cycle
    if cycle.tickets is not None:
        return f"{counted(cycle.tickets, 'ticket')} open"
    if frame.ended:
        return f"{cycle.number} cycles"
    if cycle.phase == "initial":
        return f"initial cycle {cycle.done}/{cycle.total}"
    if cycle.phase == "running":
        return f"cycle {cycle.number} runs"
    if cycle.next_at is None:
        return "no cycles run" if cycle.phase == "off" else "waits for a change"
    if cycle.phase == "quarantine":
        return f"quarantine, tried in {span_text(cycle.next_at - frame.now)}"
    if cycle.next_at <= frame.now:
        return f"cycle {cycle.number + 1} begins"
    return f"cycle {cycle.number + 1} in {span_text(cycle.next_at - frame.now)}"


def header(frame: Frame, width: int) -> Line:
    """What runs, when, and how fast."""
    pace, cycle = pace_text(frame), cycle_text(frame)
    time = when(frame, frame.now)
    right = f"{time}  {cycle}  [{pace}]"
    left = f"{frame.scenario}  seed {frame.seed}  SIMULATED"
    room = width - len(right) - 2
    if room < len(left):
        left = f"{frame.scenario}  SIMULATED"
    if room < len(left):
        left = clipped("SIMULATED", max(room, 0))
    gap = " " * max(width - len(left) - len(right), 1)
    return ((left, MUTED), (gap, PLAIN), (time, STRONG), (f"  {cycle}  ", PLAIN), (f"[{pace}]", STRONG))


def banner_line(frame: Frame, width: int) -> Line:
    """What has to be seen until it is over."""
    return ((clipped(f"■ {frame.banner}", width), BAD),)


def caption_of(frame: Frame) -> str:
    """What is going on; at the very beginning and at the end, what can be done here."""
    if frame.now == 0:
        return OPENING
    if frame.ended:
        agree = sum(row.agrees for row in frame.results)
        told = f"{frame.caption} {agree} of {len(frame.results)} results agree." if frame.results else frame.caption
        return f"{told} {CLOSING}"
    return frame.caption


def numbers(frame: Frame, width: int) -> Line:
    """The counts that matter, each with its word; where there is little room, those that matter most."""
    for words, wide, users in ((LONG, True, True), (LONG, True, False), (LONG, False, False)):
        spans = _counts(frame, *words, wide=wide, users=users)
        if len(text_of(spans)) <= width:
            return spans
    shorter = (_counts(frame, *SHORT, wide=False, users=False, without=LEFT_OUT[:i]) for i in range(len(LEFT_OUT)))
    least = _counts(frame, *SHORT, wide=False, users=False, without=LEFT_OUT)
    return next((spans for spans in shorter if len(text_of(spans)) <= width), least)


LONG: Final = ("orphaned access", "waiting for access")
SHORT: Final = ("orphaned", "waiting")
LEFT_OUT: Final = ("residual sessions", "retained", "out of step", "usable")
"""What is left out first where there is too little room for everything."""


def _counts(frame: Frame, orphaned: str, waiting: str, *, wide: bool, users: bool, without: Sequence[str] = ()) -> Line:
    spans: list[Span] = []
    for label, value, more, style, symbol in (
        (orphaned, frame.orphaned.now, _of(frame.orphaned, wide), BAD, "■"),
        ("usable", frame.usable, "", BAD, "■"),
        ("retained", frame.retained if frame.retained or wide else None, "", BAD, "■"),
        ("residual sessions", frame.residual_sessions or (0 if wide else None), "", BAD, "■"),
        (waiting, frame.waiting.now, _of(frame.waiting, wide), WARN, "○"),
        ("out of step", frame.out_of_step, "", WARN, "≠"),
        ("active users in AWS", frame.active_users if users else None, "", PLAIN, ""),
    ):
        if value is None or label in without or (label == "residual sessions" and frame.residual_sessions is None):
            continue
        spans += [(" · ", MUTED)] if spans else []
        spans.append((f"{symbol} {label} {value}".strip() + more, style if value and symbol else PLAIN))
    return tuple(spans)


def _of(count: Count, wide: bool) -> str:
    """What is counted, and the most there were."""
    word = "person" if count.now == 1 else "people"
    return f" {word}, peak {count.peak}" if wide else f" {word}"


# --- the lane --------------------------------------------------------------------------------------------


def stops(frame: Frame) -> tuple[Stop, Stop, Stop, Stop]:
    """The lane's stations; before anybody's story, what can be said of the cycle and of AWS."""
    if frame.lane is not None:
        return frame.lane.stops
    cycle = frame.cycle
    job = Stop("Next cycle", "idle", "not running", ())
    if cycle.tickets is not None:
        job = Stop("Tickets", "idle", f"{cycle.tickets} open", ())
    if cycle.phase == "initial":
        job = Stop("Next cycle", "working", "initial cycle", (f"{cycle.done} of {cycle.total} objects",))
    elif cycle.phase == "running":
        job = Stop("Next cycle", "working", "running", ("sending",))
    elif cycle.phase == "quarantine" and cycle.next_at is not None:
        again = span_text(cycle.next_at - frame.now)
        job = Stop("Next cycle", "trouble", "in quarantine", (f"tried again in {again}",))
    elif cycle.phase == "waiting" and cycle.next_at is None:
        job = Stop("Next push", "idle", "at a change", ())
    elif cycle.next_at is not None:
        away = cycle.next_at - frame.now
        job = Stop("Next cycle", "idle", f"in {span_text(away)}" if away > 0 else "begins now", ())
    nothing = Stop("HR", "idle", "nothing yet", ())
    aws = Stop("AWS", "idle", f"users: {frame.active_users}", ("active in AWS",))
    return nothing, replace(nothing, title="Entra ID"), job, aws


def stop_title(stop: Stop) -> Line:
    """A station's state: a symbol and a word."""
    symbol, style = SYMBOLS[stop.state]
    return ((f"{symbol} {stop.word}", style),)


def stop_lines(stop: Stop, width: int, height: int) -> list[Line]:
    """What a station shows."""
    lines: list[Line] = [((clipped(text_of(stop_title(stop)), width), SYMBOLS[stop.state][1]),)]
    before = ""
    for text in stop.lines:
        mark, _, rest = text.partition(": ")
        if rest and mark in MARKS:
            symbol, style = MARKS[mark]
            if mark != before:  # one heading for all of a kind that follow one another
                lines.append(((clipped(f"{symbol} {mark}", width), style),))
            before = mark
            lines += [((f"  {part}", PLAIN),) for part in wrapped(rest, width - 2, 3)]
        else:
            lines += [((part, PLAIN),) for part in wrapped(text, width, 3)]
    if len(lines) > height:
        lines = [*lines[: height - 1], ((f"and {len(lines) - height + 1} more", MUTED),)]
    return lines


# --- the feed --------------------------------------------------------------------------------------------


def feed_row(frame: Frame, row: Happening, width: int, who_width: int) -> list[Line]:
    """One happening: when, who, what, and what comes next; what is too long goes on below, and no word is lost."""
    time = f"{when(frame, row.at)}  "
    room = max(width - len(time) - who_width, 8)
    waits = WAITS.get(row.waiting_for, row.waiting_for)
    tail = f"  ○ waits for {waits}" if waits else ""
    if len(row.what) + len(tail) > room:
        tail = f"  ○ {waits}" if waits and len(row.what) + len(waits) + 4 <= room else ""  # it stands on the lane, too
    first, *more = wrapped(row.what, room, 9) or [""]
    head: Line = ((time, MUTED), (f"{clipped(row.who, who_width - 1):{who_width}}", STRONG), (first, PLAIN))
    lines = [head, *[((" " * (len(time) + who_width) + text, PLAIN),) for text in more]]
    return [*lines[:-1], (*lines[-1], (tail, WARN))]


def feed_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """The latest happenings, the newest first."""
    if not frame.feed:
        return [((clipped(FIRST, width), MUTED),)]
    if height <= 0:
        return []
    rows = frame.feed[: -height - 1 : -1]
    who_width = min(max(len(row.who) for row in rows) + 2, 24 if width >= 72 else max(12, width // 5))
    return [line for row in rows for line in feed_row(frame, row, width, who_width)][:height]
