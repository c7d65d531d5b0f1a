"""What is looked at beside a person's way: pipeline, audit, results and chapters, line by line."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from sim.clockwork import Clockwork
from sim.mailbox import Mailbox
from sim.observation.frame import Frame, make_frame
from sim.observation.scenes import SCENES, Scene
from sim.observation.watch import Watch
from sim.scenario import catalogue, load
from sim.world import World
from tests.tui.screen import frame_at
from tui import panels, presenters
from tui.presenters import text_of


@cache
def frame(minutes: float, scene: Scene | None = None, name: str = "case-study") -> Frame:
    world = World(load(name).scenario)
    watch, clockwork = Watch(world), Clockwork(Mailbox(), "story")
    clockwork.begin(world)
    watch.scene = scene
    world.run_until(min(int(minutes * 60_000), world.end))
    return make_frame(world, watch, clockwork)


def texts(seen: Frame, width: int = 78, height: int = 15) -> list[str]:
    return [text_of(line) for line in panels.panel_lines(seen, width, height)]


# --- what the story is about -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "scene", "chapter"),
    [
        (0, "chapters", 1), (15.1, "audit", 1), (60.1, "pipeline", 2), (96, "pipeline", 3), (101, "pipeline", 4),
        (125.2, "pipeline", 4), (132.1, "pipeline", 4), (1506, "person", 5), (1550, "person", 5), (1680.1, "audit", 6),
        (2880, "results", 6),
    ],
)  # fmt: skip
def test_the_story_shows_what_it_is_about(minutes: float, scene: str, chapter: int) -> None:
    seen = frame(minutes)
    assert (seen.scene, seen.chosen) == (scene, False)
    assert seen.chapter is not None
    assert (seen.chapter.number, seen.chapter.of) == (chapter, 6)
    assert text_of(panels.chapter_line(seen, 78)).startswith(f"Chapter {chapter} of 6: ")


@pytest.mark.parametrize(("minutes", "scene"), [(0, "chapters"), (20, "chapters"), (31, "person")])
def test_a_story_without_chapters_says_what_it_is_about_until_something_happens(minutes: float, scene: str) -> None:
    """Dana signs in at 8:30; until then there is nobody to look at."""
    seen = frame(minutes, None, "friday-1003")
    assert seen.scene == scene
    if scene == "chapters":
        assert texts(seen)[0].startswith("Dana, an administrator, is dismissed at 10:03 on a Friday.")


def test_whoever_chooses_keeps_what_was_chosen_and_is_told_the_way_back() -> None:
    seen = frame(15.1, "results")
    assert (seen.scene, seen.chosen) == ("results", True)
    assert panels.tabs(seen) == "1 person  2 pipeline  3 audit  [4 results]  5 chapters  0 story"
    assert panels.tabs(frame(15.1)) == "1 person  2 pipeline  [3 audit]  4 results  5 chapters"


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("width", [30, 40, 58, 78, 118])
@pytest.mark.parametrize("height", [1, 4, 15, 30])
def test_no_panel_is_wider_or_higher_than_its_room(scene: Scene, width: int, height: int) -> None:
    for minutes in (0, 15.1, 125.2, 2880):
        lines = texts(frame(minutes, scene), width, height)
        assert len(lines) <= height
        assert max(map(len, lines), default=0) <= max(width, 56 if scene in ("results", "audit") else 40)


# --- each panel ------------------------------------------------------------------------------------------


def test_the_audit_lists_all_fourteen_with_names_at_the_size_of_a_plain_terminal() -> None:
    seen = frame(15.1)
    assert panels.panel_title(seen) == "Audit: 14 stale assignments of 11 people, 2 of them contractors'"
    lines = texts(seen)
    assert len(lines) == 15
    assert lines[1].split("  ")[0] == "■ Peter Vance"
    assert " ".join(lines[1].split()) == "■ Peter Vance AdministratorAccess on prod 412 days"
    assert [" ".join(line.split()) for line in lines if "contractor" in line] == [
        "■ Gil Torres PowerUserAccess on prod 90 days, contractor",
        "■ Ana Duarte ViewOnlyAccess on log-archive 45 days, contractor",
    ]


def test_after_the_clean_up_every_line_of_the_audit_says_removed() -> None:
    seen = frame(1680.1)
    assert panels.panel_title(seen) == "Audit: 14 stale assignments of 11 people, 14 removed"
    assert all(line.startswith("● ") and line.rstrip().endswith("removed") for line in texts(seen)[1:])


def test_on_few_lines_the_audit_says_how_many_more_there_are() -> None:
    assert texts(frame(15.1), 78, 6)[-1] == "and 10 more; a taller terminal shows them"


def test_before_an_audit_the_panel_says_that_there_was_none() -> None:
    assert texts(frame(1, "audit")) == [panels.NO_AUDIT]


def test_the_pipeline_is_a_checklist_that_fills_up() -> None:
    """Three things of the console at 9:10, everything but the last two while the initial cycle runs, then all ten."""
    done = [sum(line.startswith("● done") for line in texts(frame(m, "pipeline"))) for m in (0, 70.1, 125.2, 133)]
    assert done == [0, 3, 8, 10]
    running = texts(frame(125.2))
    assert any(line.startswith("▶ now   The initial cycle") and "of 37 objects" in line for line in running)
    assert "17 users, 3 groups, 0 errors" in texts(frame(133, "pipeline"))[8]


def test_on_few_lines_the_pipeline_shows_what_is_next() -> None:
    assert "groups in scope" in "".join(texts(frame(98), 78, 3))


def test_where_everything_is_set_up_at_the_start_the_pipeline_says_so() -> None:
    seen = frame(10, "pipeline", "hello")
    assert panels.panel_title(seen) == "The pipeline: 10 of 10 steps are done"


def test_the_end_shows_ten_results_and_what_they_are_held_against() -> None:
    seen = frame(2880)
    assert panels.panel_title(seen) == "Results: 10 of 10 agree with what was reported"
    rows = [" ".join(line.split()) for line in texts(seen)[1:11]]
    assert rows[2] == "● Users provisioned 17 17 yes"
    assert all(row.startswith("● ") and row.endswith(" yes") for row in rows)
    assert "10 of 10 results agree" in presenters.caption_of(seen)


def test_before_the_end_a_result_that_does_not_agree_yet_is_open() -> None:
    rows = [" ".join(line.split()) for line in texts(frame(200, "results"))]
    assert "○ Stale assignments removed 14 0 open" in rows
    assert rows[3] == "● Users provisioned 17 17 yes"


def test_a_result_that_does_not_agree_in_the_end_says_no() -> None:
    seen = frame(2880)
    wrong = replace(seen, results=(replace(seen.results[0], agrees=False), *seen.results[1:]))
    assert texts(wrong)[1].startswith("■ Protocol")
    assert texts(wrong)[1].endswith("NO")


def test_the_chapters_tell_what_the_story_is_about_and_where_it_is() -> None:
    lines = texts(frame(70.1, "chapters"))
    assert lines[0].startswith("Access to six AWS accounts has been given by ticket.")
    assert [line[:4] for line in lines[-6:]] == ["● 1 ", "▶ 2 ", "· 3 ", "· 4 ", "· 5 ", "· 6 "]
    assert " ".join(lines[-6].split()) == "● 1 The audit of the ticket era Mon 08:00 0 11.0 h"


def test_below_the_results_stands_what_the_figures_say_as_far_as_whole_sentences_fit() -> None:
    seen = replace(frame(1, "results", "hello"), finding=("Most of it waits for HR.", "To mend next: HR (60 %)."))
    assert texts(seen) == [panels.NO_RESULTS, "", *seen.finding]
    assert texts(seen, height=3) == [panels.NO_RESULTS, "", seen.finding[0]]
    assert texts(seen, height=2) == [panels.NO_RESULTS]
    assert texts(seen, width=14, height=5) == ["This scenario…", "", "Most of it", "waits for HR."]


def test_a_scenario_without_results_or_chapters_says_so() -> None:
    assert texts(frame(0, "results", "hello")) == [panels.NO_RESULTS]
    bare = replace(frame_at(1), scene="chapters", brief="")
    assert texts(bare) == [panels.NO_CHAPTERS]


@pytest.mark.parametrize("name", [item.name for item in catalogue()])
def test_every_caption_fits_on_two_lines_of_a_plain_terminal(name: str) -> None:
    for action in load(name).scenario.timeline:
        if action.caption:
            assert len(presenters.wrapped(action.caption, 78, 9)) <= 2, action.caption


# --- on demand -------------------------------------------------------------------------------------------


def test_an_answer_by_which_nothing_is_sent_says_so() -> None:
    told = {"action": "Other", "provisioningSteps": [], "statusInfo": {"status": "Skipped", "errorCode": "Skipped"}}
    assert text_of(panels.on_demand_lines(told)[-1]) == "· Passed over: nothing is sent to AWS."


def test_every_stage_of_an_answer_has_its_word_and_what_it_says() -> None:
    steps = [
        {"type": "Import", "status": "Success", "description": "Received."},
        {"provisioningStepType": "scoping", "status": "skipped", "description": ""},
        {"name": "EntryExport", "status": "Failure", "description": "409"},
    ]
    told = {
        "action": "Create",
        "provisioningSteps": steps,
        "statusInfo": {"status": "Failure", "errorCode": "Conflict"},
    }
    assert [text_of(line) for line in panels.on_demand_lines(told)] == [
        "● success  Import", "    Received.", "· skipped  scoping", "■ failure  EntryExport", "    409", "",
        "■ Create: Failure (Conflict)",
    ]  # fmt: skip
