"""What help says: every key with what it does, and what the words on the screen mean.

Invariant: the keys are those of the actions, and no others.
"""

from __future__ import annotations

from typing import Final

from tui.actions import ACTIONS
from tui.presenters import BAD, MUTED, PLAIN, STRONG, WARN, Line, wrapped

WORDS: Final = (
    ("■ orphaned access", BAD, "people whose access stands in AWS although it should not"),
    ("■ retained", BAD, "those of them who moved and kept what goes with the old work"),
    ("○ waiting for access", WARN, "people who should have access and do not have it yet"),
    ("· suspended", MUTED, "assigned, but the user is switched off: works again the moment it is switched on"),
    ("≠ out of step", WARN, "differences between what Entra says and what AWS holds"),
    ("● done  ○ waits  ▶ under way  ■ trouble", PLAIN, "how a station of the lane stands"),
    (
        "▌ ▐ open  ▐█▌ closed",
        PLAIN,
        "the three doors into AWS: sign-in (Entra decides), assignment (a cycle ends it), session (goes on by itself)",
    ),
    ("usable", BAD, "access that stands, and that the person gets to: by signing in, or from an open session"),
    ("residual", BAD, "access that has ended, and that an open session or credentials still give for a while"),
    ("cycle", STRONG, "every 40 minutes, by default, Entra carries to AWS what has changed since the last"),
    ("stale", STRONG, "access that works although the account has been disabled for long: what auditors ask for"),
    ("chapter", STRONG, "a phase of the story; in a story without, the script's next step or the next event"),
    ("story pace", STRONG, "slow where something happens, idle time skipped"),
)


def help_lines() -> list[Line]:
    """Every key with what it does, group by group, then the words."""
    lines: list[Line] = []
    for group in dict.fromkeys(action.group for action in ACTIONS):
        lines += [((group, STRONG),)]
        for action in ACTIONS:
            if action.group == group:
                others = [key for key in action.keys[1:] if key.startswith(("ctrl", "f"))]
                lines.append(((f"  {' '.join([action.shown, *others]):15} ", STRONG), (action.help, PLAIN)))
        lines.append((("", PLAIN),))
    lines.append((("Everything else", STRONG),))
    for keys, meaning in (("ctrl+p", "A list of all commands."), ("escape", "Back from here.")):
        lines.append(((f"  {keys:15} ", STRONG), (meaning, PLAIN)))
    lines += [(("", PLAIN),), (("Words", STRONG),)]
    for word, style, meaning in WORDS:
        lines += [((f"  {word}", style),), *(((f"    {text}", PLAIN),) for text in wrapped(meaning, 66, 3))]
    return lines
