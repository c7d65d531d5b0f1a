"""From a frame to the lines of what is looked at beside a person's way: pipeline, audit, results, chapters.

Invariant: computes nothing that is not in the frame. A style only underlines what a word or a symbol says already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sim.observation.frame import Frame
from sim.observation.scenes import SCENES, Scene
from sim.wording import result_text
from tui.presenters import BAD, MUTED, OK, PLAIN, STRONG, SYMBOLS, WARN, Line, Span, clipped, text_of, when, wrapped

NAMES: Final[dict[Scene, str]] = {
    "person": "person",
    "pipeline": "pipeline",
    "audit": "audit",
    "results": "results",
    "chapters": "chapters",
}
NO_AUDIT: Final = "No audit has been made yet: nobody has compared AWS with Entra."
NO_RESULTS: Final = "This scenario has no table of results."
NO_CHAPTERS: Final = "This scenario has no chapters: what happens is told as it happens."


def tabs(frame: Frame) -> str:
    """What else can be looked at, by key; what is shown stands in brackets."""
    words = [
        f"[{i} {NAMES[scene]}]" if scene == frame.scene else f"{i} {NAMES[scene]}" for i, scene in enumerate(SCENES, 1)
    ]
    return "  ".join([*words, "0 story"] if frame.chosen else words)


def chapter_line(frame: Frame, width: int) -> Line:
    """Which chapter it is; where there are none, what the scenario is about."""
    if frame.chapter is None:
        return ((clipped(frame.title, width), STRONG),)
    head = f"Chapter {frame.chapter.number} of {frame.chapter.of}: "
    return ((head, MUTED), (clipped(frame.chapter.title, width - len(head)), STRONG))


def panel_title(frame: Frame) -> str:
    """What the panel shows."""
    if frame.scene == "pipeline":
        return f"The pipeline: {sum(step.done for step in frame.pipeline)} of {len(frame.pipeline)} steps are done"
    if frame.scene == "audit":
        return _audit_title(frame)
    if frame.scene == "results" and not frame.results:
        return "Results"
    if frame.scene == "results":
        agree = sum(row.agrees for row in frame.results)
        so_far = "" if frame.ended else " so far"
        return f"Results: {agree} of {len(frame.results)} agree with what was reported{so_far}"
    return "What the story is about"


def panel_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """What the panel holds."""
    make = {
        "pipeline": pipeline_lines,
        "audit": audit_lines,
        "results": result_lines,
        "chapters": chapters_lines,
    }.get(frame.scene)
    return [] if make is None else [_fitted(line, width) for line in make(frame, width, height)]


# --- the pipeline ----------------------------------------------------------------------------------------


def pipeline_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """The checklist, a step a line; on few lines those around the first that is not done."""
    room = max((len(step.what) for step in frame.pipeline), default=0) + 2
    first = next((i for i, step in enumerate(frame.pipeline) if not step.done), len(frame.pipeline))
    start = max(min(first - height // 2, len(frame.pipeline) - height), 0)
    lines: list[Line] = []
    for step in frame.pipeline[start : start + height]:
        state, told = ("done", "done") if step.done else ("working", "now") if step.working else ("waiting", "to do")
        symbol, style = SYMBOLS[state]
        word = f"{symbol} {told:6}"
        detail = clipped(step.detail, max(width - len(word) - room, 4))
        lines.append(((word, style), (f"{step.what:{room}}"[: max(width - len(word), 0)], PLAIN), (detail, STRONG)))
    return lines


# --- the audit -------------------------------------------------------------------------------------------


def _audit_title(frame: Frame) -> str:
    found = frame.find
    if found is None:
        return "The audit"
    title = f"Audit: {found.found} stale assignments of {found.people} people"
    if found.removed:
        return f"{title}, {found.removed} removed"
    return f"{title}, {found.contractors} of them contractors'" if found.contractors else title


def audit_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """Whose access was found, what it is, since when, and whether it is gone."""
    found = frame.find
    if found is None:
        return [((NO_AUDIT, MUTED),)]
    if not found.rows:
        return [((f"Nobody has been disabled for more than {found.threshold_days} days and holds access.", OK),)]
    head = ("who", "access in AWS", "what became of it" if found.removed else "account disabled")
    cells = []
    for row in found.rows:
        since = f"{row.disabled_days} days{', contractor' if row.contractor else ''}"
        cells.append((row.person, row.grant, "removed" if row.removed else since))
    widths = _widths(cells, head, width)
    lines = [_row(("  ", *head), widths, MUTED)]
    for row, cell in zip(found.rows, cells, strict=True):
        lines.append(_row(("● " if row.removed else "■ ", *cell), widths, OK if row.removed else BAD))
    return _cut(lines, height)


def _widths(rows: Sequence[Sequence[str]], head: Sequence[str], width: int) -> list[int]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    over = sum(widths) + 2 * len(widths) - width
    widths[0] = max(widths[0] - max(over, 0), 8)
    return widths


def _row(cells: Sequence[str], widths: Sequence[int], style: str) -> Line:
    spans: list[Span] = [(cells[0], style)]
    last = len(widths) - 1
    for i, (cell, width) in enumerate(zip(cells[1:], widths, strict=True)):
        padded = f"{clipped(cell, width):{width}}" + ("" if i == last else "  ")
        spans.append((padded, MUTED if style == MUTED else PLAIN))
    return tuple(spans)


def _cut(lines: list[Line], height: int) -> list[Line]:
    """As many lines as there is room for; the last says how many more there are."""
    if len(lines) <= height:
        return lines
    return [
        *lines[: max(height - 1, 0)],
        ((f"and {len(lines) - height + 1} more; a taller terminal shows them", MUTED),),
    ]


# --- the results -----------------------------------------------------------------------------------------


def figure(value: Any) -> str:
    """A figure as the printed page has it; what is not measured is a dash."""
    return "–" if value is None else result_text(value)


def result_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """Every row: what was reported, what is measured here, and whether they agree; then what the figures say."""
    if not frame.results:
        return _cut([((NO_RESULTS, MUTED),), *_finding_lines(frame, width, height - 1)], height)
    figures = [(figure(row.reported), figure(row.measured)) for row in frame.results]
    widths = [max(len(name), *(len(pair[i]) for pair in figures)) for i, name in enumerate(("reported", "measured"))]
    room = max(width - sum(widths) - len("●   ") - len("  ") - len("  agrees") + 1, 10)
    label = min(room, max(len(row.label) for row in frame.results))
    lines: list[Line] = [
        ((f"  {'':{label}} {'reported':>{widths[0]}}  {'measured':>{widths[1]}}  agrees", MUTED),),
    ]
    for row, (reported, measured) in zip(frame.results, figures, strict=True):
        symbol, style = ("●", OK) if row.agrees else ("■", BAD) if frame.ended else ("○", WARN)
        verdict = "yes" if row.agrees else "NO" if frame.ended else "open"
        lines.append(
            (
                (f"{symbol} ", style),
                (f"{clipped(row.label, label):{label}} ", PLAIN),
                (f"{reported:>{widths[0]}}  ", MUTED),
                (f"{measured:>{widths[1]}}  ", STRONG),
                (verdict, style),
            )
        )
    lines += _finding_lines(frame, width, height - len(lines))
    if frame.ended and height > len(lines) + 1:
        told = "The run is kept: jmlab locate names the folder."
        lines += [(("", PLAIN),), ((clipped(told, width), MUTED),)]
    return _cut(lines, height)


def _finding_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """As many whole sentences as there is room for: half of one says something else."""
    lines: list[Line] = []
    for sentence in frame.finding:
        more: list[Line] = [((text, PLAIN),) for text in wrapped(sentence, width, 99)]
        if len(lines) + len(more) + 1 > height:
            break
        lines += more
    return [(("", PLAIN),), *lines] if lines else []


# --- the chapters ----------------------------------------------------------------------------------------


def chapters_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """What the story is about, and where it is in it."""
    brief: list[Line] = [((text, PLAIN),) for text in wrapped(frame.brief, width, 99)] if frame.brief else []
    if not frame.chapters:
        return _cut(brief or [((NO_CHAPTERS, MUTED),)], height)
    room = max(len(row.title) for row in frame.chapters) + 5
    table: list[Line] = [((f"  {'chapter':{room}}{'from':12}  {'cycles':>6}  {'orphaned':>10}", MUTED),)]
    for number, row in enumerate(frame.chapters, 1):
        symbol, style = SYMBOLS[row.state]
        cycles = "" if row.cycles is None else str(row.cycles)
        hours = "" if row.person_hours is None else f"{row.person_hours:,.1f} h"
        table.append(
            (
                (f"{symbol} ", style),
                (f"{f'{number}  {row.title}':{room}}", STRONG if row.state == "working" else PLAIN),
                (f"{when(frame, row.start):12}  {cycles:>6}  {hours:>10}", PLAIN),
            )
        )
    spare = height - len(table) - 1
    if len(brief) > spare:
        brief = [*brief[: max(spare - 1, 0)], (("…", MUTED),)] if spare > 1 else []
    return _cut([*brief, *([(("", PLAIN),)] if brief else []), *table], height)


def _fitted(line: Line, width: int) -> Line:
    """A line that fits."""
    if len(text_of(line)) <= width:
        return line
    spans: list[Span] = []
    left = max(width - 1, 0)
    for text, style in line:
        spans.append((text[:left], style))
        left -= len(spans[-1][0])
    return (*spans, ("…"[:width], MUTED))


# --- on demand -------------------------------------------------------------------------------------------

STATES: Final = {"success": ("●", OK), "skipped": ("·", MUTED), "warning": ("○", WARN)}


def on_demand_lines(told: Mapping[str, Any]) -> list[Line]:
    """Every stage of an answer to provisioning on demand: how it went, and what it says."""
    lines: list[Line] = []
    for step in told["provisioningSteps"]:
        status = str(step["status"])
        symbol, style = STATES.get(status.lower(), ("■", BAD))
        name = str(step.get("type") or step.get("provisioningStepType") or step["name"])
        lines.append(((f"{symbol} {status.lower():9}", style), (name, STRONG)))
        if step.get("description"):
            lines += [((f"    {text}", PLAIN),) for text in wrapped(str(step["description"]), 62, 9)]
    info = dict(told.get("statusInfo") or {})
    word, code = str(info.get("status", "")), info.get("errorCode")
    symbol, style = STATES.get(word.lower(), ("■", BAD))
    if (told.get("action"), word) == ("Other", "Skipped"):
        return [*lines, (("", PLAIN),), ((f"{symbol} Passed over: nothing is sent to AWS.", style),)]
    verdict = f"{symbol} {told.get('action', '')}: {word}" + (f" ({code})" if code and code != "Success" else "")
    return [*lines, (("", PLAIN),), ((verdict, style),)]
