"""From a frame to the three doors of the person in view: drawn, with the time of each and what comes at that time.

Invariant: computes nothing that is not in the frame. A style only underlines what a word or a symbol says already.
"""

from __future__ import annotations

from typing import Final

from sim.observation.doors import Door, DoorName, Doorway
from sim.observation.frame import Frame
from tui.presenters import BAD, MUTED, OK, PLAIN, STRONG, WARN, Line, clipped, when

NOBODY: Final = "Nobody is on the way yet: whoever joins, moves or leaves next is shown here."
LEAVES: Final = {True: "▌ ▐", False: "▐█▌", None: " · "}
"""A door as it is drawn: open, closed, not simulated."""
WORDS: Final = {True: "OPEN", False: "CLOSED", None: "–"}
HEIGHT: Final = 4
"""Lines: whose doors they are, and the doors."""
DECIDES: Final[dict[DoorName, str]] = {
    "sign-in": "Entra decides: disabled or deleted there, nobody signs in anew",
    "assignment": "AWS holds it until a cycle, a ticket or an administrator takes it away",
    "session": "Entra cannot end it, AWS can; credentials live until they expire",
}
LOCAL: Final = "AWS decides: its users have passwords of their own, Entra is not asked"
ROLE: Final = "credentials handed out before work until"


def doors_lines(frame: Frame, width: int, height: int) -> list[Line]:
    """Who it is and whether they get in, then the doors, one a line, and where there is room who decides on each; one
    line while there is nobody."""
    if frame.lane is None:
        return [((clipped(NOBODY, width), MUTED),)]
    doorway = frame.lane.doorway
    lines = [_head(frame, frame.lane.person, doorway, width)]
    for door in doorway.doors:
        lines.append(_door(frame, doorway, door, width))
        if height >= HEIGHT + len(doorway.doors):
            told = LOCAL if door.name == "sign-in" and not doorway.federated else DECIDES[door.name]
            lines.append((("    " + clipped(told, max(width - 4, 0)), MUTED),))
    return lines[: max(height, 1)]


def verdict(frame: Frame, doorway: Doorway) -> tuple[str, str, str, str]:
    """Whether the person gets in now, as usable, residual or not at all, and until when.

    A symbol, words that can be left out, the words that matter, and the style.
    """
    gone = doorway.state in ("ORPHANED", "RETAINED")
    until = "" if doorway.until is None else f" until {when(frame, doorway.until)}"
    if doorway.verdict == "usable" and gone:
        return "■", "still gets in: ", f"usable{until or ', no end in sight'}", BAD
    residual = max(doorway.residual_until or 0, doorway.role_until or 0)
    if doorway.verdict == "usable" and residual:
        return "■", "gets in: ", f"usable; to old access, residual until {when(frame, residual)}", BAD
    if doorway.verdict == "usable":
        return "●", "gets in: ", f"usable{until}", OK
    if doorway.verdict == "residual":
        return "■", "still gets in: ", f"residual{until}, from the open session", BAD
    if doorway.role_until is not None:
        return "■", "credentials handed out before work ", f"until {when(frame, doorway.role_until)}: residual", BAD
    if doorway.verdict == "denied":
        return "●", "", "gets in to nothing: denied by policy", OK
    if doorway.verdict == "session":
        return "○", "gets in ", "only from a session that is open already", WARN
    if doorway.state == "WAITING":
        return "○", "", "does not get in " + (until.replace("until", "before").strip() or "yet"), WARN
    return "●", "", "does not get in" + (", though the assignment stands" if gone else ""), OK


def _head(frame: Frame, person: str, doorway: Doorway, width: int) -> Line:
    """Whose doors, the verdict, and where there is room what it is about."""
    symbol, lead, words, style = verdict(frame, doorway)
    said = f"{symbol} {lead}{words}"
    if len(person) + 2 + len(said) > width:
        said = f"{symbol} {words}"
    name = clipped(person, max(width - len(said) - 2, 12))
    what = f"  {doorway.grant}" + (f" and {doorway.more} more" if doorway.more else "")
    state = f", {doorway.state}" if doorway.state in ("ORPHANED", "RETAINED", "WAITING") else ""
    room = width - len(name) - 2 - len(said) if doorway.grant else 0
    about = next((text for text in (what + state, what) if len(text) <= room), "")
    return ((f"{name}  ", STRONG), (clipped(said, max(width - len(name) - 2, 8)), style), (about, MUTED))


def _door(frame: Frame, doorway: Doorway, door: Door, width: int) -> Line:
    style = MUTED if door.is_open is None else OK if door.right else BAD if door.is_open else WARN
    label = f"{LEAVES[door.is_open]} "
    name, state = f"{door.name:11}", f"{WORDS[door.is_open]:7}"
    room = max(width - len(label) - len(name) - len(state), 0)
    tellings = _tellings(frame, doorway, door)
    told = next((text for text in tellings if len(text) <= room), clipped(tellings[-1], room))
    return ((label, style), (name, STRONG), (state, style), (told, PLAIN if door.is_open is not None else MUTED))


def _tellings(frame: Frame, doorway: Doorway, door: Door) -> list[str]:
    """What there is to say about a door, at full length first, and then shorter."""
    since = "" if door.since is None else f"since {when(frame, door.since)}"
    until = "" if door.until is None else f"{'until' if door.is_open else 'opens'} {when(frame, door.until)}"
    both, last = ", ".join(text for text in (since, until) if text), until or since
    if door.name == "session" and (rest := _outlives(frame, doorway)):
        head = f"{both}: {door.why}" if both else door.why
        return [f"{head}; {rest[0]}", *(f"{last}; {text}" for text in rest if last), rest[-1]]
    if not last:
        return [door.why]
    # what comes matters more than what was, and the reason for it more than how long it has been so
    return [f"{both}: {door.why}", f"{last}: {door.why}" if until or not door.is_open else door.why, last]


def _outlives(frame: Frame, doorway: Doorway) -> list[str]:
    """What a session still gives when its grant has ended, or will give then: all of it, and what lasts longest."""
    found: list[tuple[int, str]] = []
    if doorway.residual_until is not None:
        until = doorway.residual_until
        found.append((until, f"old access residual until {when(frame, until)}"))
    if doorway.role_until is not None:
        until = doorway.role_until
        found.append((until, f"credentials work until {when(frame, until)}"))
    return [", ".join(text for _, text in found), max(found)[1]] if found else []
