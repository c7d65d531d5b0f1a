"""`jmlab whatif`: the result on stdout, the reports in their directory, refusals before anything runs."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Call
from tui.commands import tui, whatif_parts
from tui.commands.whatif_parts import Question, chosen

FEW = ("--until", "1d", "--replications", "2", "--workers", "1")
VARY = ("--vary", "provisioning.interval=20m,40m")


@pytest.fixture
def experiment(jmlab: Call, tmp_path: Path) -> dict[str, Any]:
    """The result of a cheap experiment that is kept in ``tmp_path/out``."""
    outcome = jmlab("whatif", "hello", *VARY, *FEW, "--out", str(tmp_path / "out"), "--format", "json")
    assert outcome.code == 0, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


@pytest.mark.slow
def test_the_json_object_has_the_keys_that_programs_rely_on(experiment: dict[str, Any]) -> None:
    keys = ("scenario", "baseline", "replications", "variants", "finding", "audit_odds", "targets", "result_sha256")
    for key in (*keys, "wall_s", "workers"):
        assert key in experiment
    variant = experiment["variants"][1]
    assert set(variant) >= {"name", "set", "feasible", "metrics", "paired_to_baseline"}
    assert set(variant["feasible"]) >= {"today", "how"}
    metric = variant["metrics"]["orphaned_access.people.person_hours"]
    assert set(metric) == {"mean", "ci_low", "ci_high", "confidence", "sd", "n"}
    pair = variant["paired_to_baseline"]["orphaned_access.people.person_hours"]
    assert set(pair) >= {"mean_difference", "ci_low", "ci_high", "variance_ratio"}


@pytest.mark.slow
def test_reports_lie_in_the_directory_and_the_same_command_computes_nothing_again(
    experiment: dict[str, Any], jmlab: Call, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    names = {"experiment.json", "replications.jsonl", "report.html", "result.json", "results.csv"}
    assert {file.name for file in out.iterdir()} == names
    assert json.loads((out / "result.json").read_text(encoding="utf-8")) == experiment
    before = (out / "replications.jsonl").read_bytes()
    again = jmlab("whatif", "hello", *VARY, *FEW, "--out", str(out), "--format", "parquet")
    assert (again.code, again.out) == (0, "")
    assert (out / "replications.jsonl").read_bytes() == before
    assert (out / "results.parquet").is_file()


@pytest.mark.slow
def test_one_world_run_again_has_the_figures_that_were_stored(
    experiment: dict[str, Any], jmlab: Call, tmp_path: Path
) -> None:
    outcome = jmlab("whatif", "hello", *VARY, *FEW, "--rerun", "interval=20m:1", "--format", "json")
    assert outcome.code == 0, outcome.err
    summary: dict[str, Any] = json.loads(outcome.out)
    with io.StringIO((tmp_path / "out" / "results.csv").read_text(encoding="utf-8")) as text:
        stored = {
            row["figure"]: float(row["value"])
            for row in csv.DictReader(text)
            if (row["variant"], row["replication"]) == ("interval=20m", "1")
        }
    compared = 0
    for key, value in stored.items():
        found: Any = summary
        for step in key.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        assert found == value, key
        compared += 1
    assert compared > 100
    assert experiment["variants"][1]["name"] == "interval=20m"


def test_on_a_terminal_a_rerun_opens_the_screen(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[int, int, int]] = []
    monkeypatch.setattr(tui, "on_terminal", lambda: True)
    monkeypatch.setattr(
        tui,
        "show",
        lambda scenario, speed, serve, out, replication: shown.append(
            (scenario.seed, scenario.provisioning.interval, replication)
        ),
    )
    assert jmlab("whatif", "hello", *VARY, "--seed", "9", "--rerun", "interval=20m:3").code == 0
    assert shown == [(9, 1_200_000, 3)]


@pytest.mark.slow
def test_targets_are_answered_for_variants_and_for_intervals(jmlab: Call) -> None:
    outcome = jmlab("whatif", "hello", *FEW, "--target", "latency.all.mean_s < 1", "--format", "json", "--quiet")
    assert outcome.code == 0, outcome.err
    row = json.loads(outcome.out)["targets"][0]
    assert row["variants"]["as-it-is"]["verdict"] == "not met"
    assert row["longest_interval_s"] is None
    assert [each["interval_s"] for each in row["tried"]] == [60, 604_800]
    assert {each["name"] for each in row["would"]} >= {"notice from HR at once", "a push for every event"}
    assert row["answer"].startswith("latency.all.mean_s < 1: no interval meets it")


@pytest.mark.slow
def test_the_table_is_plain_text_with_the_finding_on_top(jmlab: Call) -> None:
    outcome = jmlab("whatif", "hello", *VARY, *FEW)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("SIMULATED: hello, 2 variants x 2 replications, seed 1\n")
    assert "interval=20m |" in outcome.out
    assert "\x1b" not in outcome.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--vary", "provisioning.intervall=20m"], "--vary provisioning.intervall: unknown key; "),
        (["--vary", "provisioning.interval=20"], "--vary provisioning.interval: 20 has no unit; "),
        (["--vary", "provisioning.interval="], "--vary provisioning.interval: a value is empty; "),
        (["--vary", "provisioning.interval"], "--vary: 'provisioning.interval' is not KEY=V1,V2,...; "),
        (["--vary", "seed=1,2"], "seed is no variant: chance is what replications are for; "),
        (
            ["--variants", "/nowhere.yaml"],
            "/nowhere.yaml: the file cannot be read (No such file or directory); name a file",
        ),
        (["--target", "latency.leaver.p95 < 3"], "latency.leaver.p95 < 3: the summary has no key latency.leaver.p95; "),
        (["--target", "fast"], "'fast' is no condition; "),
        (["--warmup", "3d"], "--warmup is for --design steady; "),
        (["--design", "steady", "--warmup", "3"], "--warmup: 3 has no unit; "),
        (["--design", "steady", "--warmup", "10d"], "--warmup: 10d leaves nothing of the 3d of this scenario; "),
        (["--rerun", "interval=20m"], "--rerun: 'interval=20m' is not VARIANT:REPLICATION; "),
        (["--rerun", "interval=20m:1"], "--rerun: there is no variant 'interval=20m' here; allowed: as-it-is"),
        (["--format", "parquet"], "--format parquet is written to DIR/results.parquet; "),
        (["--sensitivity", "sobol"], "'sobol' is not allowed; write oat or morris"),
        (["--replications", "3", "--precision", "0.1"], "--replications and --precision exclude each other; "),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(jmlab: Call, arguments: list[str], sentence: str) -> None:
    outcome = jmlab("whatif", "hello", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


def test_ten_million_runs_are_refused_with_how_long_they_would_take(jmlab: Call) -> None:
    outcome = jmlab("whatif", "hello", *VARY, "--until", "2h", "--replications", "5000000")
    assert (outcome.code, outcome.out) == (2, "")
    assert "2 variants x 5,000,000 replications are 10,000,000 runs, which would take about " in outcome.err
    assert "at most 100,000 are allowed" in outcome.err


def test_whoever_interrupts_before_anything_is_computed_is_not_told_that_it_is_kept(
    jmlab: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(whatif_parts, "carried_out", interrupted)
    outcome = jmlab("whatif", "hello", *VARY, *FEW, "--out", str(tmp_path / "out"))
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err == "interrupted; nothing was computed yet: the same command begins again\n"


def test_a_precision_may_be_in_percent(jmlab: Call) -> None:
    outcome = jmlab("whatif", "hello", *VARY, "--precision", "5%", "--rerun", "nobody:1")
    assert "there is no variant 'nobody' here" in outcome.err
    assert "write a share from 0.001 to 1, for example 0.05 or 5%" in jmlab("whatif", "hello", "--precision", "5").err


@pytest.mark.parametrize(
    ("module", "arguments", "sentence"),
    [
        ("scipy", (), "jmlab whatif needs scipy; install it with: pip install 'jmlab[whatif]'"),
        ("SALib", ("--sensitivity", "morris"), "needs SALib; install it with: pip install 'jmlab[sensitivity]'"),
    ],
)
def test_what_is_not_installed_is_told_before_a_world_runs(
    jmlab: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str, arguments: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    for name in [name for name in sys.modules if name.startswith(f"{module}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    outcome = jmlab("whatif", "hello", *VARY, *FEW, *arguments, "--out", str(tmp_path / "out"))
    assert (outcome.code, outcome.out) == (2, "")
    assert sentence in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_result_says_by_which_command_it_is_had_again(jmlab: Call) -> None:
    asked = ("whatif", "hello", *VARY, "--until", "1d", "--replications", "2", "--target", "latency.all.mean_s < 1h")
    found = json.loads(jmlab(*asked, "--workers", "1", "--format", "json", "--quiet").out)
    assert found["command"] == (
        "jmlab whatif hello --seed 1 --until 1d --vary provisioning.interval=20m,40m --replications 2 "
        "--target 'latency.all.mean_s < 1h'"
    )
    again = jmlab(*shlex.split(found["command"])[1:], "--format", "json", "--quiet")
    assert json.loads(again.out)["result_sha256"] == found["result_sha256"]


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["60", "120"])
def test_the_page_is_as_wide_as_columns_says(jmlab: Call, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    outcome = jmlab("whatif", "hello", *VARY, *FEW)
    lines = [line for line in outcome.out.splitlines() if not line.startswith("result_sha256")]
    assert max(map(len, lines)) <= int(columns)
    assert max(map(len, lines)) > int(columns) - 25


def test_a_variant_s_name_may_hold_a_colon(tmp_path: Path) -> None:
    file = tmp_path / "variants.yaml"
    file.write_text('- {name: "a:b", set: {provisioning.interval: 1h}}\n', encoding="utf-8")
    question = Question.read("hello", None, None, None, None, str(file), None, "terminating", None)
    assert chosen(question.experiment, "a:b:12")[1] == 12


def test_help_shows_examples(jmlab: Call) -> None:
    outcome = jmlab("whatif", "--help")
    assert outcome.code == 0
    for option in ("--vary", "--variants", "--target", "--sensitivity", "--design", "--rerun", "--scheduler"):
        assert option in outcome.out
    assert "jmlab whatif plain --set workforce.size=1000" in outcome.out
