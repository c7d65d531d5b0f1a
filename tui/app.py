"""The full-screen app: opens in the story view, shows the latest frame, hands keys on to the world.

Invariant: touches the world only through its driver; draws the latest frame and no other.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping
from contextvars import copy_context
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from sim.clockwork import STORY
from sim.observation.frame import Frame
from sim.observation.scenes import Scene
from tui.actions import ACTIONS
from tui.driver import Driver
from tui.screens.base import FrameScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.help import HelpScreen
from tui.screens.on_demand import OnDemandScreen
from tui.screens.story import StoryScreen

TICK_S: Final = 0.1
RESUME: Final = "play"
BACK: Final = {action.id: "back" if action.id == "quit" else "" for action in ACTIONS if action.footer}
"""While help or an answer is open there is one thing to do."""
STEPS: Final = {"cycle": "next cycle", "push": "next push", "ticket": "ticket", "nothing": ""}
"""What there is to step through, by what brings changes to AWS."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP) if os.name == "posix" else ()

# Blue for well, yellow for waiting, vermilion for trouble: told apart with any colour vision
# (Okabe and Ito, https://jfly.uni-koeln.de/color/).
DARK: Final = Theme(name="jmlab-dark", primary="#56B4E9", success="#56B4E9", warning="#F0E442", error="#E8743B",
                    background="#101418", surface="#181d23", panel="#232a32", foreground="#e6e6e6",
                    dark=True)  # fmt: skip
LIGHT: Final = Theme(name="jmlab-light", primary="#0072B2", success="#0072B2", warning="#8a6500", error="#B03A00",
                     background="#ffffff", surface="#f4f4f4", panel="#e4e8ec", foreground="#1a1a1a",
                     dark=False)  # fmt: skip


def _bindings() -> list[BindingType]:
    """A binding for every key of every action; those with ctrl work whatever has the focus."""
    made: list[BindingType] = []
    for action in ACTIONS:
        for i, key in enumerate(action.keys):
            made.append(
                Binding(
                    key, action.id, action.label, show=action.footer and i == 0, key_display=action.shown,
                    tooltip=action.help, id=f"{action.id}.{i}", priority=key.startswith("ctrl"),
                )
            )  # fmt: skip
    return made


def footer(frame: Frame, *, story: bool) -> dict[str, str]:
    """What the keys of the footer do at this moment, by action; an empty label leaves the key out of it.

    The simulation is over, or nothing brings changes to AWS: there is nothing to step to. ``story``: whether that is
    the view, and not the dashboard.
    """
    labels = {action.id: action.label for action in ACTIONS if action.footer}
    if not story:
        labels["view"] = "story"
    labels["step_cycle"] = STEPS[frame.cycle.carrier]
    if frame.ended:
        labels |= dict.fromkeys(("pause", "step_event", "step_cycle", "chapter"), "")
    elif frame.paused:
        labels["pause"] = RESUME
    return labels


def _labelled(binding: Binding, labels: Mapping[str, str]) -> Binding:
    label = labels.get(binding.action)
    if label is None or (binding.id or "").rpartition(".")[2] != "0":
        return binding
    return replace(binding, description=label, show=bool(label))


def light_terminal() -> bool:
    """Whether the terminal says that its background is light (COLORFGBG, as rxvt and others set it)."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in {"7", "15"}


class JmlabApp(App[None]):
    """One world on a screen."""

    TITLE = "jmlab"
    CSS_PATH = "jmlab.tcss"
    BINDINGS = _bindings()
    MODES: ClassVar[dict[str, Any]] = {"story": StoryScreen, "dashboard": DashboardScreen}
    DEFAULT_MODE = "story"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-normal"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (20, "-short"), (36, "-tall")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, driver: Driver, *, light: bool | None = None) -> None:
        super().__init__()
        self.driver = driver
        self.frame: Frame | None = None
        """The frame that is shown."""
        self._greeted = False
        self._labels: Mapping[str, str] = {}
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if light is not None or "TEXTUAL_THEME" not in os.environ:
            self.theme = LIGHT.name if (light_terminal() if light is None else light) else DARK.name

    # --- life --------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The world begins; signals end the app in order."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.exit)
        self.driver.start()
        self.set_interval(TICK_S, self.tick)

    def on_unmount(self) -> None:
        """Signals do again what they did."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    def tick(self) -> None:
        """Show the latest frame if it is another one."""
        if not self.screen_stack:  # the app is on its way out, and this tick comes after its last screen
            return
        if not self.driver.alive and self.driver.error is not None:
            self.exit()
            return
        if self.driver.trouble:
            self.notify(self.driver.trouble, severity="warning")
            self.driver.trouble = ""
        frame = self.driver.latest
        if frame is not None and not self._greeted:
            self._greeted = True
            if self.driver.serves:
                self.notify('Served on 127.0.0.1. In another terminal: eval "$(jmlab env)"', timeout=15)
        if frame is not None:
            self._say_what_keys_do(frame)
        if frame is not None and frame is not self.frame and isinstance(self.screen, FrameScreen) and self.screen.ready:
            self.frame = frame
            with self.batch_update():
                self.screen.show(frame)

    def _say_what_keys_do(self, frame: Frame) -> None:
        """The footer names what keys do now, and leaves out what would do nothing."""
        if isinstance(self.screen, FrameScreen):
            self._label(footer(frame, story=self.current_mode == "story"))

    def _label(self, labels: Mapping[str, str]) -> None:
        """Give the keys of the footer these labels."""
        if labels != self._labels:
            self._labels = labels
            for key, bindings in self._bindings.key_to_bindings.items():
                self._bindings.key_to_bindings[key] = [_labelled(binding, labels) for binding in bindings]
            self.refresh_bindings()

    def _open(self, screen: Screen[None]) -> None:
        """Show something above what is shown; the footer below says how to get back before it is covered."""
        self._label(BACK)
        self.push_screen(screen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While help or an answer is open, keys do nothing to the world."""
        if isinstance(self.screen, HelpScreen | OnDemandScreen) and action in {a.id for a in ACTIONS} - {"quit"}:
            return False
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Our own commands, then Textual's."""
        for action in ACTIONS:
            if action.id != "quit":
                yield SystemCommand(action.label.capitalize(), action.help, getattr(self, f"action_{action.id}"))
        yield from super().get_system_commands(screen)

    # --- what keys do ------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Pause, or go on."""
        frame = self.driver.latest
        self.driver.command("clock.resume" if frame is not None and frame.paused else "clock.pause")

    def action_step_event(self) -> None:
        """Go to the next event."""
        self.driver.command("clock.step", {"to": "event"})

    def action_step_cycle(self) -> None:
        """Go through the next cycle, push or ticket."""
        self.driver.command("clock.step", {"to": "cycle"})

    def action_chapter(self) -> None:
        """Jump to the next chapter."""
        self.driver.command("clock.step", {"to": "chapter"})

    def action_faster(self) -> None:
        """Twice as fast."""
        self.driver.command("clock.pace", {"factor": 2})

    def action_slower(self) -> None:
        """Half as fast."""
        self.driver.command("clock.pace", {"factor": 0.5})

    def action_story_pace(self) -> None:
        """Back to story pace."""
        self.driver.command("clock.pace", {"speed": STORY})

    def action_to_end(self) -> None:
        """Run on to the end."""
        frame = self.driver.latest
        if frame is not None:
            self.driver.command("clock.advance", {"to": frame.end})

    def action_scene_person(self) -> None:
        """One person's way."""
        self._look_at("person")

    def action_scene_pipeline(self) -> None:
        """The pipeline."""
        self._look_at("pipeline")

    def action_scene_audit(self) -> None:
        """The audit's find."""
        self._look_at("audit")

    def action_scene_results(self) -> None:
        """The results."""
        self._look_at("results")

    def action_scene_chapters(self) -> None:
        """The chapters."""
        self._look_at("chapters")

    def action_scene_story(self) -> None:
        """Whatever the story is about."""
        self._look_at(None)

    def _look_at(self, scene: Scene | None) -> None:
        if self.current_mode == "dashboard":
            self.action_view()
        self.driver.look_at(scene)

    def action_on_demand(self) -> None:
        """Provision the person shown at once."""
        frame = self.driver.latest
        lane = None if frame is None else frame.lane
        if lane is None or not lane.account:
            self.notify("Nobody with an account in Entra is shown: f follows the next person.", severity="warning")
            return
        wanted = {"object_id": lane.account, "object_type": "User"}
        loop, context, person = asyncio.get_running_loop(), copy_context(), lane.person

        def tell(told: Any) -> None:
            """On the world thread, or here if the answer was quicker than the question."""
            if not loop.is_closed():
                loop.call_soon_threadsafe(lambda: self._open(OnDemandScreen(person, told)), context=context)

        self.driver.ask("graph.job.provision_on_demand", wanted, tell)

    def action_view(self) -> None:
        """Between the story and the dashboard."""
        self.frame = None
        self.switch_mode("story" if self.current_mode == "dashboard" else "dashboard")

    def action_follow(self) -> None:
        """Follow the next person."""
        self.driver.follow()

    def action_theme(self) -> None:
        """Dark or light."""
        self.theme = DARK.name if self.theme == LIGHT.name else LIGHT.name

    def action_help(self) -> None:
        """What every key does."""
        self._open(HelpScreen())
