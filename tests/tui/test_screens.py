"""The screens: every key does its thing, at the size of a plain terminal; what is shown at two sizes."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Footer

from sim.world import World
from tests.tui.screen import LARGE, SMALL, STANDING, Still, frame_at, on_screen, rows, shown, three
from tui.actions import ACTIONS
from tui.app import DARK, LIGHT, JmlabApp, light_terminal
from tui.driver import Driver
from tui.help_text import help_lines
from tui.presenters import text_of
from tui.screens.dashboard import DashboardScreen
from tui.screens.help import HelpScreen
from tui.screens.on_demand import OnDemandScreen
from tui.screens.story import StoryScreen

ASKED = {
    "pause": ("clock.pause", {}),
    "step_event": ("clock.step", {"to": "event"}),
    "step_cycle": ("clock.step", {"to": "cycle"}),
    "chapter": ("clock.step", {"to": "chapter"}),
    "faster": ("clock.pace", {"factor": 2}),
    "slower": ("clock.pace", {"factor": 0.5}),
    "story_pace": ("clock.pace", {"speed": "story"}),
    "to_end": ("clock.advance", {"to": 14_400_000}),
    "follow": ("follow", {}),
    "scene_person": ("look_at", {"scene": "person"}),
    "scene_pipeline": ("look_at", {"scene": "pipeline"}),
    "scene_audit": ("look_at", {"scene": "audit"}),
    "scene_results": ("look_at", {"scene": "results"}),
    "scene_chapters": ("look_at", {"scene": "chapters"}),
    "scene_story": ("look_at", {"scene": None}),
}
"""What the keys ask of the world; the others do something to the screen."""


def first_row_has(app: JmlabApp, text: str) -> bool:
    return text in rows(app)[0]


def any_row_has(app: JmlabApp, text: str) -> bool:
    return any(text in row for row in rows(app))


def last_row_begins(app: JmlabApp, text: str) -> bool:
    return rows(app)[-1].startswith(text)


def last_row_is(app: JmlabApp, text: str) -> bool:
    return rows(app)[-1].rstrip() == text


# --- the registry ----------------------------------------------------------------------------------------


def test_every_action_can_be_done_and_every_key_is_used_once() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in ACTIONS:
        assert callable(getattr(JmlabApp, f"action_{action.id}"))
        assert action.help.endswith(".")


def test_the_footer_holds_no_more_than_seven_keys() -> None:
    assert sum(action.footer for action in ACTIONS) <= 7


# --- keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "action"), [(key, action.id) for action in ACTIONS if action.id in ASKED for key in action.keys]
)
def test_key_asks_the_world(key: str, action: str) -> None:
    driver = Still(frame_at(61))

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press(key)
        await pilot.pause()

    on_screen(driver, test)
    assert driver.asked == [ASKED[action]]


def test_every_key_that_asks_nothing_of_the_world_has_a_test_of_its_own_below() -> None:
    assert {action.id for action in ACTIONS} - set(ASKED) == {"view", "theme", "help", "quit", "on_demand"}


def test_the_same_key_goes_on_after_a_pause_and_the_screen_says_which_it_is() -> None:
    driver = Driver(three(), speed=STANDING)

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        for words in ("[PAUSED · space]", "[×1e-06]"):
            await pilot.press("space")
            await shown(app, pilot, partial(first_row_has, app, words))
            footer = " space play " if "PAUSED" in words else " space pause "
            await shown(app, pilot, partial(last_row_begins, app, footer))

    on_screen(driver, test)


@pytest.mark.parametrize(
    ("settings", "minutes", "offered"),
    [
        ({}, 61, "space pause  n next event  c next cycle  j chapter  "),
        ({"provisioning__strategy": "event"}, 61, "space pause  n next event  c next push  j chapter  "),
        ({"provisioning__strategy": "ticket"}, 61, "space pause  n next event  c ticket  j chapter  "),
        ({"provisioning__strategy": "none"}, 61, "space pause  n next event  j chapter  "),
        ({}, 240, ""),
    ],
    ids=["cycle", "event", "ticket", "none", "the end"],
)
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_footer_offers_what_there_is_to_step_to(
    settings: dict[str, Any], minutes: int, offered: str, size: tuple[int, int]
) -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        for other in ("dashboard", "story", "dashboard"):
            wanted = f" {offered}d {other}  ? help  q quit"
            await shown(app, pilot, partial(last_row_is, app, wanted))
            await pilot.press("d")

    on_screen(Still(frame_at(minutes, three(**settings))), test, size)


def test_d_changes_between_story_and_dashboard() -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        for screen, word in ((DashboardScreen, "Time to provision"), (StoryScreen, "Entra ID")):
            await pilot.press("d")
            await shown(app, pilot, partial(any_row_has, app, word))
            assert isinstance(app.screen, screen)

    on_screen(Still(frame_at(61)), test)


def test_help_has_every_key_on_one_line_of_80_columns() -> None:
    """The box is 76 wide, and there is a bar to scroll with."""
    keys = [text_of(line) for line in help_lines()[: len(ACTIONS) + 8] if line[0][0].startswith("  ")]
    assert len(keys) >= len(ACTIONS)
    assert max(map(len, keys)) <= 71


def test_while_help_is_open_the_footer_says_what_q_does_there() -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        before = rows(app)[-1]
        await pilot.press("question_mark")
        await shown(app, pilot, lambda: rows(app)[-1].strip() == "q back")
        await pilot.press("q")
        await shown(app, pilot, lambda: isinstance(app.screen, StoryScreen) and rows(app)[-1] == before)

    on_screen(Still(frame_at(61)), test)


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_help_opens_lists_every_key_and_keeps_them_from_the_world(key: str) -> None:
    driver = Still(frame_at(61))

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press(key)
        await shown(app, pilot, lambda: isinstance(app.screen, HelpScreen))
        assert all(any(f" {action.shown} " in row for row in rows(app)) for action in ACTIONS)
        await pilot.press("n", "space")
        await pilot.press("escape")
        await shown(app, pilot, lambda: isinstance(app.screen, StoryScreen))

    on_screen(driver, test, LARGE)
    assert driver.asked == []


def test_q_closes_help_first() -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await shown(app, pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("q")
        await shown(app, pilot, lambda: isinstance(app.screen, StoryScreen))
        assert app.is_running

    on_screen(Still(frame_at(61)), test)


def test_t_changes_between_dark_and_light() -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        for name in (LIGHT.name, DARK.name):
            await pilot.press("t")
            assert app.theme == name

    on_screen(Still(frame_at(61)), test)


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
def test_quitting_ends_the_world(key: str) -> None:
    driver = Driver(three(), speed=STANDING)

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press(key)
        await pilot.pause()
        assert not app.is_running

    on_screen(driver, test)
    assert not driver.alive


def test_o_provisions_the_person_shown_and_tells_the_stages() -> None:
    """Dan joins at 1 h; nothing of him is in AWS until somebody asks for him. What came in is a command like others."""
    driver = Driver(three(), speed=STANDING)
    kept: list[Any] = []

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press("o")
        await shown(app, pilot, lambda: any("Nobody with an account" in row for row in rows(app)))
        await pilot.press("n")
        await shown(app, pilot, lambda: any("create the user" in row for row in rows(app)))
        await pilot.press("o")
        await shown(app, pilot, lambda: isinstance(app.screen, OnDemandScreen))
        text = "\n".join(rows(app))
        assert "Provisioned on demand: Dan Example" in text
        assert text.count("● success") >= 4
        await pilot.press("n", "escape")  # while the answer is read, keys do nothing to the world
        await shown(app, pilot, lambda: any("Entra: job provision on demand, " in row for row in rows(app)))
        assert not any("create the user" in row for row in rows(app))
        assert any("add to Engineers" in row for row in rows(app))  # a person's memberships go with the group
        assert driver._live is not None
        kept.extend(driver._live.world.commands)

    on_screen(driver, test)
    assert [(c.origin, c.action) for c in kept] == [
        ("screen", "clock.step"), ("screen", "graph.job.provision_on_demand"),
    ]  # fmt: skip
    again = World(three())
    again.replay(kept, kept[-1].at)
    assert again.trace_sha256 == driver.trace_sha256


def test_the_palette_has_every_action() -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert set(titles) >= {a.label.capitalize() for a in ACTIONS}

    on_screen(Still(frame_at(61)), test)


def test_what_the_world_refuses_is_said() -> None:
    driver = Driver(three(provisioning__strategy="none"), speed=STANDING)

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press("c")
        await shown(app, pilot, lambda: any("no cycles run" in row for row in rows(app)[2:]))

    on_screen(driver, test)


def test_a_key_that_is_pressed_again_while_time_moves_is_no_trouble() -> None:
    driver = Driver(three(), speed=STANDING)

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await shown(app, pilot, lambda: driver.latest is not None)
        app.action_step_event()
        app.action_step_event()
        await shown(app, pilot, lambda: "Mon 09:00" in rows(app)[0])
        await pilot.pause(0.1)
        assert not any("advanced" in row for row in rows(app))

    on_screen(driver, test)


# --- what is shown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 60)])
def test_story_shows_sentence_lane_numbers_feed_and_footer(size: tuple[int, int]) -> None:
    found: list[str] = []

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.pause()
        found.extend(rows(app))
        assert sum(1 for _ in app.screen.query_one(Footer).query("FooterKey")) == 7

    on_screen(Still(frame_at(215)), test, size)
    text = "\n".join(found)
    assert found[0].split()[:4] == ["story", "seed", found[0].split()[2], "SIMULATED"]
    assert found[0].endswith("Mon 11:35  cycle 7 in 25m  [story pace]")
    assert found[1].strip() == "A story for one rule"
    assert "Bob Example left and the directory knows" in found[2]
    assert found[4].startswith(" Bob Example  ○ gets in only from a session that is open already")
    shown_doors = [row for row in found[5:11] if row.startswith((" ▌ ▐", " ▐█▌", "  · "))]
    assert shown_doors == [
        " ▐█▌ sign-in    CLOSED since Mon 11:30: the account in Entra is disabled",
        " ▌ ▐ assignment OPEN   until Mon 12:00: the cycle closes it",
        "  ·  session    –      not simulated in this scenario",
    ]
    lane = found[8 if size == SMALL else 11]
    for title in ("─ HR ─", "─ Entra ID ─", "─ Next cycle ─", "━ AWS ━"):
        assert title in lane
    for words in ("● has told", "● disabled", "○ in 25m", "■ active", "disable the user", "■ ORPHANED", "PowerUser on"):
        assert words in text
    for words in ("■ orphaned access 1 person", "○ waiting for access 0 people", "≠ out of step 1"):
        assert words in text
    assert "[1 person]  2 pipeline  3 audit  4 results  5 chapters" in text
    assert "HR has told the directory  ○ waits for the cycle" in text
    assert found[-1].split() == [
        "space", "pause", "n", "next", "event", "c", "next", "cycle", "j", "chapter", "d", "dashboard", "?", "help",
        "q", "quit",
    ]  # fmt: skip
    assert max(map(len, found)) <= size[0]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_dashboard_shows_charts_durations_and_feed(size: tuple[int, int]) -> None:
    found: list[str] = []

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press("d")
        await shown(app, pilot, lambda: any("█" in row for row in rows(app)))
        found.extend(rows(app))

    on_screen(Still(frame_at(215)), test, size)
    text = "\n".join(found)
    for words in (
        "■ Orphaned 1, retained 0, peak 1", "○ Waiting for access 0, peak 1", "≠ Out of step: 1 now",
        "Time to provision and deprovision", "joiners (1) 20m", "leavers (0) – ○ 1 open", "Mon 08:00",
        "cycles 1 to 6, just before each", "Bob Example",
    ):  # fmt: skip
        assert words in text


def test_a_quarantine_has_a_line_of_its_own_on_the_screen() -> None:
    found: list[str] = []

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.pause()
        found.extend(rows(app))

    world = three(faults=[{"kind": "expired_credentials", "at": "110m", "for": "90m"}])
    for minutes in (101, 121):
        on_screen(Still(frame_at(minutes, world)), test)
    assert not any("quarantine" in row for row in found[:24])
    assert "quarantine, tried in" in found[24]
    assert found[26].startswith(" ■ Provisioning is in quarantine")
    assert any("Entra's mail" in row for row in found[24:])


def test_a_narrow_terminal_keeps_the_sentence_and_the_feed() -> None:
    found: list[str] = []

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.pause()
        found.extend(rows(app))

    on_screen(Still(frame_at(215)), test, (44, 14))
    text = "\n".join(found)
    assert "Bob Example left and the directory knows" in text
    assert "■ orphaned 1" in text
    assert "What happened" in text


def test_the_screen_follows_the_terminals_size() -> None:
    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(*LARGE)
        await shown(app, pilot, lambda: len(rows(app)) == LARGE[1])
        await shown(app, pilot, lambda: "peak 1 · ■ retained" in "\n".join(rows(app)))

    on_screen(Still(frame_at(215)), test)


def test_without_colour_symbols_and_words_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    shown_rows: dict[bool, list[str]] = {}

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.pause()
        shown_rows[app.no_color] = rows(app)

    on_screen(Still(frame_at(215)), test)
    monkeypatch.setenv("NO_COLOR", "1")
    on_screen(Still(frame_at(215)), test)
    assert shown_rows[True] == shown_rows[False]


@pytest.mark.parametrize(("value", "light"), [("0;15", True), ("15;0", False), ("", False), ("0;default;7", True)])
def test_a_light_terminal_that_says_so_gets_the_light_theme(
    value: str, light: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORFGBG", value)
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    assert light_terminal() is light
    assert JmlabApp(Still(frame_at(0))).theme == (LIGHT.name if light else DARK.name)


# --- the world beneath -----------------------------------------------------------------------------------


def test_the_same_run_gives_the_same_digest_under_the_screen(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    driver = Driver(three(), out=folder)

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        for key in ("n", "c", "d", "n", "space", "plus", "f", "j"):
            await pilot.press(key)
            await pilot.pause(0.05)
        await pilot.press("e")
        await shown(app, pilot, lambda: "[THE END]" in rows(app)[0])

    on_screen(driver, test)
    plain = World(three())
    plain.run()
    assert driver.trace_sha256 == plain.trace_sha256
    assert (folder / "summary.json").is_file()


def test_an_initial_cycle_is_drawn_in_progress() -> None:
    driver = Driver(three(start_state="empty"))
    phases: dict[str, None] = {}

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        def seen() -> bool:
            phases.setdefault(rows(app)[0].partition("initial cycle ")[2].partition(" ")[0])
            return len(phases) > 4

        await shown(app, pilot, seen, seconds=20)
        assert "The initial cycle is under way" in rows(app)[2]
        assert any("▶ now   The initial cycle" in row for row in rows(app))

    on_screen(driver, test)


def test_a_world_that_fails_ends_the_app_and_leaves_the_reason() -> None:
    driver = Driver(three())

    def broken() -> None:
        raise ZeroDivisionError("the world")

    driver._draw = broken  # type: ignore[method-assign] # something in the world goes wrong
    app = JmlabApp(driver)

    async def run() -> None:
        async with app.run_test() as pilot:
            await shown(app, pilot, lambda: not app.is_running)

    asyncio.run(run())
    assert driver.stop()
    assert isinstance(driver.error, ZeroDivisionError)
