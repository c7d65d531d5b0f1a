"""`jmlab preview`: the next cycle of a recorded run, as text and as JSON, and one sentence when there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from sim import places
from sim.scenario import scenario_from
from sim.serving import Session
from tests.contract.stories import person, story
from tests.outside import Outside
from tests.semantics.story import act, told
from tests.sim.test_serving import clock
from tests.tui.conftest import Call
from tui.commands.serve import announced
from tui.recording import Recording


@pytest.fixture
def kept(jmlab: Call, tmp_path: Path) -> str:
    """A run of the case study in a directory of its own."""
    folder = str(tmp_path / "kept")
    assert jmlab("run", "case-study", "--quiet", "--out", folder).code == 0
    return folder


def test_it_shows_to_whom_the_next_cycle_will_send_what(kept: str, jmlab: Call) -> None:
    """Ten minutes after Tina Chen has joined, ten before the cycle."""
    outcome = jmlab("preview", kept, "--at", "25h10m")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "SIMULATED: case-study, as things are at 2026-03-03T09:10:00Z\n"
        "\n"
        "Cycle 36, incremental, begins at 2026-03-03T09:20:00Z.\n"
        "\n"
        "It will send 4 requests:\n"
        "  +0.0s  GET     Users   t.chen@idsentinelsolutions.com\n"
        "  +0.1s  POST    Users   t.chen@idsentinelsolutions.com\n"
        "  +0.2s  GET     Groups  GRP-AWS-Engineering\n"
        "  +0.3s  PATCH   Groups  GRP-AWS-Engineering\n"
        "\n"
        "It will pass over 1:\n"
        "  GRP-AWS-Engineering: RedundantExport, the target has it so already; members apart\n"
    )


def test_programs_get_the_same_as_json(kept: str, jmlab: Call) -> None:
    shown = json.loads(jmlab("preview", kept, "--at", "25h10m", "--format", "json").out)
    assert (shown["schema"], shown["simulated"]) == ("jmlab.preview/1", True)
    assert (shown["scenario"], shown["seed"], shown["at"]) == ("case-study", 13, "2026-03-03T09:10:00Z")
    assert shown["cycle"] == {"number": 36, "initial": False, "starts": "2026-03-03T09:20:00Z"}
    assert [each["method"] for each in shown["requests"]] == ["GET", "POST", "GET", "PATCH"]
    assert shown["passed_over"] == [{"kind": "Group", "name": "GRP-AWS-Engineering", "reason": "RedundantExport"}]


def test_the_last_run_is_meant_when_none_is_named(kept: str, jmlab: Call) -> None:
    assert jmlab("preview").out == jmlab("preview", kept).out
    assert jmlab("preview").out.endswith("It will send nothing.\n")


def test_before_the_job_is_started_there_is_no_next_cycle(kept: str, jmlab: Call) -> None:
    outcome = jmlab("preview", kept, "--at", "2h")
    assert outcome.out.endswith("\nThe job does not run: there is no next cycle.\n")
    assert json.loads(jmlab("preview", kept, "--at", "2h", "--format", "json").out)["cycle"] is None


def test_it_says_whom_the_cycle_passes_over(jmlab: Call, tmp_path: Path) -> None:
    """Gus has an account and is in no group; Ann is only renamed."""
    gus = {"id": "gus", "given_name": "Gus", "family_name": "Example", "department": "Kitchen"}
    story = told({"at": "10m", "do": "create_user", "person": gus}, act("11m", "rename", "ann", display_name="Ann E."))
    (tmp_path / "story.yaml").write_text(json.dumps(story), encoding="utf-8")
    folder = str(tmp_path / "kept")
    assert jmlab("run", str(tmp_path / "story.yaml"), "--quiet", "--out", folder).code == 0
    assert jmlab("preview", folder, "--at", "15m").out.endswith(
        "It will send 2 requests:\n"
        "  +0.0s  GET     Users   ann.example@contoso.example\n"
        "  +0.1s  PATCH   Users   ann.example@contoso.example\n"
        "\n"
        "It will pass over 1:\n"
        "  gus.example@contoso.example: NotEffectivelyEntitled, not assigned to the application\n"
    )


def test_what_cannot_be_shown_is_told_in_one_sentence(kept: str, jmlab: Call, tmp_path: Path) -> None:
    outcome = jmlab("preview", kept, "--at", "3d")
    assert (outcome.code, outcome.err) == (2, "--at: 3d lies after the end of the run; it was 2d long\n")
    outcome = jmlab("preview", kept, "--at", "soon")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("--at: 'soon' is not a duration; ")
    outcome = jmlab("preview", str(tmp_path / "nowhere"))
    assert (outcome.code, outcome.out) == (2, "")
    assert "there is no run here" in outcome.err


def test_without_any_run_it_says_how_to_keep_one(jmlab: Call) -> None:
    outcome = jmlab("preview")
    assert outcome.code == 2
    assert outcome.err == (
        "no world is being served and there is no last run; start one with: jmlab serve hello, or keep one with: "
        "jmlab run hello --out DIR\n"
    )


@pytest.fixture
def being_served(jmlab: Call, state: Path) -> Iterator[Outside]:
    """`jmlab serve` on a story in which somebody joins after ten minutes; the first cycle is at 30 minutes."""
    values = story(
        "demand", [{"at": "10m", "do": "join", "person": person("eve", "Operations")}], provisioning={"phase": "30m"}
    )
    session = Session(scenario_from(values), speed=1)
    recording = Recording(session.world, places.new_run("demand"), "wire")
    thread = Thread(target=session.run)
    thread.start()
    with announced(session, recording.folder), Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        yield outside
    session.stop()
    thread.join(20)
    session.close()
    recording.cut_off()


def test_of_a_served_world_it_shows_what_comes_next_from_now_on(being_served: Outside, jmlab: Call) -> None:
    clock(being_served, by="12m")
    assert jmlab("preview").out == (
        "SIMULATED: demand, as things are at 2026-03-02T08:12:00Z\n"
        "\n"
        "Cycle 1, incremental, begins at 2026-03-02T08:30:00Z.\n"
        "\n"
        "It will send 4 requests:\n"
        "  +0.0s  GET     Users   eve.example@contoso.example\n"
        "  +0.1s  POST    Users   eve.example@contoso.example\n"
        "  +0.2s  GET     Groups  Operators\n"
        "  +0.3s  PATCH   Groups  Operators\n"
        "\n"
        "It will pass over 1:\n"
        "  Operators: RedundantExport, the target has it so already; members apart\n"
    )


def test_in_a_served_world_the_cycle_that_has_been_is_not_shown_again(being_served: Outside, jmlab: Call) -> None:
    clock(being_served, cycles=1)
    assert jmlab("preview").out.endswith(
        "Cycle 2, incremental, begins at 2026-03-02T09:10:00Z.\n\nIt will send nothing.\n"
    )


def test_a_run_that_is_named_is_meant_whatever_is_being_served(being_served: Outside, kept: str, jmlab: Call) -> None:
    assert jmlab("preview", kept).out.startswith("SIMULATED: case-study, ")
    assert jmlab("preview", "last", "--at", "1h").out.startswith("SIMULATED: case-study, ")
