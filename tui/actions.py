"""Everything that can be done on the screen: one list, of which keys, footer, help and palette are made.

Invariant: nothing on the screen has a key that is not in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do."""

    id: str
    """The app's method ``action_<id>``."""
    keys: tuple[str, ...]
    """As Textual names them; the first is the one that is shown."""
    shown: str
    """The first key as people read it."""
    label: str
    """One or two words, for the footer."""
    help: str
    """One sentence, for help and palette."""
    group: str
    footer: bool = False


TIME: Final = "Time"
VIEW: Final = "View"
JOB: Final = "Job"
APP: Final = "Program"

ACTIONS: Final = (
    Action("pause", ("space",), "space", "pause", "Pause, or go on.", TIME, footer=True),
    Action("step_event", ("n",), "n", "next event", "Go to the next event and stop there.", TIME, footer=True),
    Action("step_cycle", ("c",), "c", "next cycle", "Go through the next cycle and stop.", TIME, footer=True),
    Action("chapter", ("j",), "j", "chapter",
           "Jump to what the script says next.", TIME, footer=True),
    Action("faster", ("plus", "equals_sign"), "+", "faster", "Twice as fast.", TIME),
    Action("slower", ("minus", "underscore"), "-", "slower", "Half as fast.", TIME),
    Action("story_pace", ("s",), "s", "story pace", "Story pace: slow at events, idle time skipped.", TIME),
    Action("to_end", ("e",), "e", "to the end", "Run on to the end, as fast as possible.", TIME),
    Action("provision", ("p",), "p", "provision", "Provision the followed person on demand.", JOB),
    Action("view", ("d",), "d", "dashboard", "Between the story and the dashboard.", VIEW, footer=True),
    Action("follow", ("f",), "f", "follow", "Follow the next person under way.", VIEW),
    Action("theme", ("t",), "t", "theme", "Dark or light.", VIEW),
    Action("help", ("question_mark", "f1"), "?", "help", "What every key does, and what the words mean.", APP,
           footer=True),
    Action("quit", ("q", "ctrl+q", "ctrl+c"), "q", "quit", "Leave; the run is kept.", APP, footer=True),
)  # fmt: skip
