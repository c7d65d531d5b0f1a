"""`jmlab run`: the summary on stdout, the run in its directory, the exit code for whoever asks."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sim.observation.journal import meta, open_journal
from sim.scenario import default_scenario, scenario_text
from sim.world import World
from tests.tui.conftest import Call

ONLY_THE_CLOCK_KNOWS = ("wall_s", "transport")


def summary(jmlab: Call, *arguments: str) -> dict[str, Any]:
    """What `jmlab run hello` puts out as JSON."""
    outcome = jmlab("run", "hello", "--format", "json", *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def figures(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in ONLY_THE_CLOCK_KNOWS}


# --- what comes out --------------------------------------------------------------------------------------


def test_json_is_one_object_with_its_keys_in_their_order(jmlab: Call) -> None:
    found = summary(jmlab)
    assert list(found)[:6] == ["schema", "simulated", "scenario", "seed", "transport", "version"]
    assert list(found)[-2:] == ["trace_sha256", "traffic_sha256"]
    assert found["simulated"] is True


def test_same_command_says_the_same_again(jmlab: Call) -> None:
    assert figures(summary(jmlab)) == figures(summary(jmlab))


def test_wire_says_what_direct_says(jmlab: Call) -> None:
    direct, wire = summary(jmlab), summary(jmlab, "--transport", "wire")
    assert (direct["transport"], wire["transport"]) == ("direct", "wire")
    assert figures(wire) == figures(direct)


def test_seed_is_that_of_the_option(jmlab: Call) -> None:
    found = summary(jmlab, "--seed", "7", "--set", "seed=8")
    assert found["seed"] == 7
    assert found["trace_sha256"] == summary(jmlab, "--set", "seed=7")["trace_sha256"] != summary(jmlab)["trace_sha256"]


@pytest.mark.parametrize(("until", "seconds"), [("1d", 86_400), ("4d", 345_600)])
def test_until_sets_the_end_sooner_or_later(jmlab: Call, until: str, seconds: int) -> None:
    found = summary(jmlab, "--until", until)
    assert found["duration_s"] == seconds
    assert found["trace_sha256"] == summary(jmlab, "--set", f"duration={until}")["trace_sha256"]


def test_set_replaces_a_value(jmlab: Call) -> None:
    assert summary(jmlab, "--set", "provisioning.interval=20m")["provisioning"]["interval_s"] == 1200


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--until", "3"], "--until: 3 has no unit; write a duration such as "),
        (["--until", "0m"], "--until: 0m is out of range; allowed is from 1s to 36525d"),
        (["--set", "provisioning.intervall=20m"], "--set provisioning.intervall: unknown key; "),
        (["--set", "seed"], "--set: 'seed' is not KEY=VALUE; "),
    ],
)
def test_wrong_value_is_one_sentence_that_names_the_option(jmlab: Call, arguments: list[str], sentence: str) -> None:
    outcome = jmlab("run", "hello", *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith(sentence)


def test_table_is_for_people_and_says_that_everything_is_simulated(jmlab: Call) -> None:
    outcome = jmlab("run", "hello")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("SIMULATED: hello")
    assert "leaver" in outcome.out
    assert "\x1b" not in outcome.out


def test_csv_has_a_line_for_every_figure(jmlab: Call) -> None:
    rows = dict(csv.reader(jmlab("run", "hello", "--format", "csv").out.splitlines()))
    assert rows["key"] == "value"
    assert rows["trace_sha256"] == summary(jmlab)["trace_sha256"]


def test_jmlab_alone_runs_the_scenario_that_opens_by_itself(jmlab: Call) -> None:
    outcome = jmlab()
    assert (outcome.code, outcome.err) == (0, "")
    digest = r"(?m)^trace_sha256 (\w+)$"
    assert re.findall(digest, outcome.out) == re.findall(digest, jmlab("run", default_scenario()).out) != []


# --- what a script asks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "code", "said"),
    [
        ("events.leaver >= 3", 1, "events.leaver = 3 is >= 3\n"),
        ("events.leaver > 3", 0, ""),
    ],
)
def test_fail_on_decides_the_exit_code_and_the_summary_is_there_all_the_same(
    jmlab: Call, condition: str, code: int, said: str
) -> None:
    outcome = jmlab("run", "hello", "--format", "json", "--fail-on", condition)
    assert (outcome.code, outcome.err) == (code, said)
    assert json.loads(outcome.out)["events"]["leaver"] == 3


def test_quiet_says_nothing_even_when_the_run_fails(jmlab: Call) -> None:
    outcome = jmlab("run", "hello", "--quiet", "--fail-on", "events.leaver == 3")
    assert (outcome.code, outcome.err) == (1, "")


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            "events.leavers > 3",
            "events.leavers > 3: the summary has no key events.leavers; did you mean events.leaver?",
        ),
        ("events > 3", "events > 3: events is no number; name one of events.joiner, "),
        ("leaver", "'leaver' is no condition; write KEY, one of "),
    ],
)
def test_condition_that_no_run_could_be_judged_by_is_refused_before_anything_runs(
    jmlab: Call, tmp_path: Path, condition: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "run", None)
    outcome = jmlab("run", "hello", "--fail-on", condition, "--out", str(tmp_path / "run"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(sentence)
    assert not (tmp_path / "run").exists()


# --- progress --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "drawn"), [([], True), (["--transport", "wire"], True), (["--quiet"], False)], ids=str
)
def test_bar_is_drawn_for_whoever_watches_and_only_on_stderr(
    jmlab: Call, monkeypatch: pytest.MonkeyPatch, arguments: list[str], drawn: bool
) -> None:
    monkeypatch.setattr("tui.streams.wants_progress", lambda: True)
    outcome = jmlab("run", "hello", *arguments)
    assert ("hello [" in outcome.err) is drawn
    assert "hello [" not in outcome.out
    assert outcome.err.endswith("\r" if drawn else "")


# --- the run directory -----------------------------------------------------------------------------------


def test_out_keeps_journal_summary_and_events(jmlab: Call, tmp_path: Path) -> None:
    found = summary(jmlab, "--out", str(tmp_path / "run"))
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["events.csv", "run.sqlite", "summary.json"]
    kept = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    assert kept == found
    with closing(open_journal(tmp_path / "run")) as journal:
        assert meta(journal)["trace_sha256"] == found["trace_sha256"]
    events = (tmp_path / "run" / "events.csv").read_text(encoding="utf-8").splitlines()
    happened = sum(found["events"][kind] for kind in ("joiner", "mover", "leaver", "contractor_expiry"))
    assert len(events) == 1 + 20 + happened  # the header, and who was there at the start


def test_keeping_a_run_changes_nothing(jmlab: Call, tmp_path: Path) -> None:
    assert figures(summary(jmlab, "--out", str(tmp_path / "run"))) == figures(summary(jmlab))


def test_wire_run_is_kept_like_a_direct_one(jmlab: Call, tmp_path: Path) -> None:
    found = summary(jmlab, "--transport", "wire", "--out", str(tmp_path / "run"))
    with closing(open_journal(tmp_path / "run")) as journal:
        known = meta(journal)
    assert (known["transport"], known["trace_sha256"]) == ("wire", found["trace_sha256"])


def test_last_names_a_run_that_is_kept(jmlab: Call, tmp_path: Path) -> None:
    jmlab("run", "hello", "--out", str(tmp_path / "run"))
    assert f"last           {tmp_path / 'run'}\n" in jmlab("locate").out


def test_run_without_out_writes_nothing(jmlab: Call, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = state.parent / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    jmlab("run", "hello")
    assert not state.exists()
    assert list(empty.iterdir()) == []


def test_earlier_run_is_replaced(jmlab: Call, tmp_path: Path) -> None:
    jmlab("run", "hello", "--out", str(tmp_path / "run"))
    found = summary(jmlab, "--seed", "9", "--out", str(tmp_path / "run"))
    with closing(open_journal(tmp_path / "run")) as journal:
        assert meta(journal)["trace_sha256"] == found["trace_sha256"]


def test_directory_with_something_else_in_it_is_refused_before_anything_runs(
    jmlab: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").touch()
    monkeypatch.setattr(World, "run", None)
    outcome = jmlab("run", "hello", "--out", str(tmp_path))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"{tmp_path}: this directory is not empty and no run is in it; ")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_bad_scenario_leaves_no_directory(jmlab: Call, tmp_path: Path) -> None:
    assert jmlab("run", "helo", "--out", str(tmp_path / "run")).code == 2
    assert jmlab("run", "hello", "--set", "seed=x", "--out", str(tmp_path / "run")).code == 2
    assert not (tmp_path / "run").exists()


# --- interruption ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_ctrl_c_exits_with_130_and_keeps_what_was_recorded(
    jmlab: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    run_until = World.run_until

    def interrupted(world: World, *given: Any) -> None:
        run_until(world, *given)
        if world.now >= world.end // 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(World, "run_until", interrupted)
    outcome = jmlab("run", "hello", "--transport", transport, "--out", str(tmp_path / "run"))
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err == f"interrupted; what was recorded until then is kept in {tmp_path / 'run'}\n"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.sqlite"]
    with closing(open_journal(tmp_path / "run")) as journal:
        (cycles,) = journal.execute("SELECT count(*) FROM cycles").fetchone()
        assert cycles > 0
        assert "trace_sha256" not in meta(journal)


# --- the results table -----------------------------------------------------------------------------------


def test_the_scenario_that_opens_by_itself_ends_with_its_results(jmlab: Call) -> None:
    table = jmlab().out.partition("Results, held against what was reported")[2].partition("\n\n")[0]
    assert [line.split()[-1] for line in table.splitlines()[2:-1]] == ["yes"] * 10
    assert "The bearer token of automatic provisioning expires at 2027-03-02T09:10:00Z." in table


def test_a_run_with_results_can_be_kept(jmlab: Call, tmp_path: Path) -> None:
    outcome = jmlab("run", "case-study", "--quiet", "--format", "json", "--out", str(tmp_path / "run"))
    assert outcome.code == 0
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["results"] == json.loads(outcome.out)["results"]


def test_figures_of_faults_have_the_faults_names(jmlab: Call, tmp_path: Path) -> None:
    text = scenario_text("expired-token") + (
        "  - {label: Refused, metric: target.faults.token, reported: 9}\n"
        "  - {label: Beside that, metric: target.faults.fault-2, reported: 0}\n"
    )
    text = text.replace("\ntimeline:", "  - {kind: outage, started: false}\n\ntimeline:")
    (tmp_path / "faulty.yaml").write_text(text, encoding="utf-8")
    outcome = jmlab("run", str(tmp_path / "faulty.yaml"), "--format", "json", "--fail-on", "target.faults.fault-2 > 0")
    assert (outcome.code, outcome.err) == (0, "")
    assert [row["agrees"] for row in json.loads(outcome.out)["results"]] == [True] * 7
    misspelt = jmlab("run", str(tmp_path / "faulty.yaml"), "--fail-on", "target.faults.tokens > 0")
    assert misspelt.err == (
        "target.faults.tokens > 0: the summary has no key target.faults.tokens; did you mean target.faults.token?\n"
    )


@pytest.mark.parametrize("command", [("scenario", "check"), ("serve",)], ids=" ".join)
def test_a_result_that_names_no_figure_is_refused_by_whatever_reads_the_scenario(
    jmlab: Call, tmp_path: Path, command: tuple[str, ...]
) -> None:
    text = scenario_text("case-study").replace("metric: stale.removed", "metric: stale.removd")
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    outcome = jmlab(*command, str(tmp_path / "wrong.yaml"))
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith("results: stale.removd: the summary has no key stale.removd; ")


def test_a_result_that_names_no_figure_is_refused_before_anything_runs(jmlab: Call, tmp_path: Path) -> None:
    text = scenario_text("case-study").replace("metric: stale.removed", "metric: stale.removd")
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    outcome = jmlab("run", str(tmp_path / "wrong.yaml"), "--out", str(tmp_path / "run"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        "results: stale.removd: the summary has no key stale.removd; did you mean stale.remov"
    )
    assert not (tmp_path / "run").exists()
