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
WORLD: Final = "Touch the world"
APP: Final = "Program"

ACTIONS: Final = (
    Action("pause", ("space",), "space", "pause", "Pause, or go on.", TIME, footer=True),
    Action("step_event", ("n",), "n", "next event", "Go to the next event and stop there.", TIME, footer=True),
    Action("step_cycle", ("c",), "c", "next cycle", "Go through the next cycle, push or ticket.", TIME, footer=True),
    Action("chapter", ("j",), "j", "chapter",
           "Jump to the next chapter, or the script's next step.", TIME, footer=True),
    Action("faster", ("plus", "equals_sign"), "+", "faster", "Twice as fast.", TIME),
    Action("slower", ("minus", "underscore"), "-", "slower", "Half as fast.", TIME),
    Action("story_pace", ("s",), "s", "story pace", "Story pace: slow at events, idle time skipped.", TIME),
    Action("to_end", ("e",), "e", "to the end", "Run on to the end, as fast as possible.", TIME),
    Action("view", ("d",), "d", "dashboard", "Between the story and the dashboard.", VIEW, footer=True),
    Action("scene_person", ("1",), "1", "person", "Look at one person's way from HR to AWS.", VIEW),
    Action("scene_pipeline", ("2",), "2", "pipeline", "Look at the pipeline: what is set up so far.", VIEW),
    Action("scene_audit", ("3",), "3", "audit", "Look at what the audit has found.", VIEW),
    Action("scene_results", ("4",), "4", "results", "Look at the results, beside what was reported.", VIEW),
    Action("scene_chapters", ("5",), "5", "chapters", "Look at the chapters of the story.", VIEW),
    Action("scene_story", ("0",), "0", "as the story goes", "Look at what the story is about.", VIEW),
    Action("follow", ("f",), "f", "follow", "Follow the next person under way.", VIEW),
    Action("on_demand", ("o",), "o", "on demand",
           "Provision the person shown now, without a cycle.", WORLD),
    Action("theme", ("t",), "t", "theme", "Dark or light.", VIEW),
    Action("help", ("question_mark", "f1"), "?", "help", "What every key does, what the words mean.", APP,
           footer=True),
    Action("quit", ("q", "ctrl+q", "ctrl+c"), "q", "quit", "Leave; the run is kept.", APP, footer=True),
)  # fmt: skip
