"""What `jmlab whatif` does between its options and its output.

Invariant: everything that a user can get wrong is refused before the first world runs.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self, cast

from mockservices.clock import Millis
from sim.errors import JmlabError
from sim.expressions import Condition
from sim.time import clipped, parse_duration
from sim.whatif.audit import audit_odds
from sim.whatif.comparison import Comparison
from sim.whatif.design import Design
from sim.whatif.execution import Enough, Progress, local
from sim.whatif.experiment import Experiment, Replication, scenario_of
from sim.whatif.finding import finding
from sim.whatif.laboratory import Laboratory, asked_targets
from sim.whatif.named import read_variants
from sim.whatif.presets import presets
from sim.whatif.report import as_json, page
from sim.whatif.screening import screened
from sim.whatif.sensitivity import effects, morris, one_at_a_time, tornado
from sim.whatif.steady import Verdict, settings, verdicts, warmup_of
from sim.whatif.targets import read_targets
from sim.whatif.variants import Asked, Variant, VariantError, checked, grid, variant_of
from tui import streams
from tui.commands.options import load_scenario

if TYPE_CHECKING:
    from tui.commands.run import Format

TRAJECTORIES = 10
"""Of a Morris design: ten are usual (Morris 1991; Campolongo 2007 takes 4 to 10)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the experiment, the targets, and the scenario's name with the settings that all variants share."""

    experiment: Experiment
    conditions: tuple[Condition, ...]
    name: str
    base: tuple[str, ...]
    pilot: tuple[Verdict, ...]

    @classmethod
    def read(
        cls,
        name: str,
        seed: int | None,
        until: str | None,
        sets: Sequence[str] | None,
        vary: Sequence[str] | None,
        variants: str | None,
        targets: Sequence[str] | None,
        plan: str,
        warmup: str | None,
        *,
        quiet: bool = False,
        preset: Sequence[str] | None = None,
    ) -> Self:
        """From the options; raises JmlabError for whatever is wrong with them."""
        scenario = load_scenario(name, list(sets or []), seed, until)
        base = [*(sets or []), *([] if until is None else [f"duration={until}"]), f"seed={scenario.seed}"]
        asked = [*grid(vary or []), *([] if variants is None else read_variants(variants)), *presets(preset or [])]
        for each in asked:
            if any(setting.partition("=")[0].strip() == "seed" for setting in each.settings):
                raise VariantError("seed is no variant: chance is what replications are for; see --replications")
        conditions = tuple(read_targets(targets or [], scenario))
        pilot: tuple[Verdict, ...] = ()
        begins = Millis(0)
        found = checked(name, base, asked)
        if plan == "steady":
            if warmup in (None, "auto"):
                pilot = tuple(_pilot(found, scenario.seed, quiet))
                begins = warmup_of(pilot)
            else:
                begins = _duration(str(warmup))
            base.append(settings(scenario, begins))
            found = checked(name, base, asked)
        experiment = Experiment(scenario.scenario, scenario.seed, tuple(found), begins)
        return cls(experiment, conditions, name, tuple(base), pilot)

    def simulating_all(self) -> Self:
        """The same question, to which nothing is reckoned in columns."""
        return replace(self, experiment=replace(self.experiment, simulate_all=True))

    def variant(self, asked: Asked) -> Variant:
        """The scenario with some settings more, checked."""
        return variant_of(self.name, self.base, asked, [])


def _pilot(variants: Sequence[Variant], seed: int, quiet: bool) -> list[Verdict]:
    from sim import places

    found = verdicts(variants, seed, places.state_folder() / "whatif" / "pilots")
    if not quiet:
        for verdict in found:
            streams.note(f"{verdict.sentence}.")
    return found


def _duration(text: str) -> Millis:
    try:
        return parse_duration(text)
    except JmlabError as error:
        raise JmlabError(f"--warmup: {error}; or write auto") from None


def spelled(name: str, seed: int, options: Mapping[str, object], flags: Sequence[str]) -> str:
    """The command that asks the same again, wherever and by whomever it is computed.

    ``options``: by name, what was given: a text, a number, or several; None for what was not. ``flags``: those given.
    """
    words = ["jmlab", "whatif", name, "--seed", str(seed)]
    for option, value in options.items():
        for each in value if isinstance(value, list | tuple) else [] if value is None else [value]:
            words += [option, str(each)]
    return shlex.join([*words, *flags])


def check_scipy() -> None:
    """JmlabError where the library that intervals come from is missing: before a world runs, not after the last."""
    if find_spec("scipy") is None:
        raise JmlabError("jmlab whatif needs scipy; install it with: pip install 'jmlab[whatif]'")


# --- carrying out ----------------------------------------------------------------------------------------


def open_laboratory(
    stack: ExitStack, question: Question, workers: int | None, scheduler: str | None, out: Path | None, *, quiet: bool
) -> Laboratory:
    """Workers, and where results are kept; the workers are given back with the stack."""
    from sim import places
    from sim.whatif.cluster import cluster

    experiment = question.experiment
    folder = out or places.state_folder() / "whatif" / f"{experiment.scenario}-{experiment.key[:12]}"
    found = stack.enter_context(cluster(scheduler) if scheduler is not None else local(workers))
    return Laboratory(found, folder, _told(stack, experiment.scenario, quiet))


def _told(stack: ExitStack, scenario: str, quiet: bool) -> Callable[[str], Progress | None]:
    """A bar for each part of the work in turn, where somebody watches."""
    if quiet or not streams.wants_progress():
        return lambda part: None
    bar = stack.enter_context(streams.Progress(scenario, time_left=True))

    def begin(part: str) -> Progress:
        bar.begin(f"{scenario}: {part}")

        def told(done: int, needed: int | None) -> None:
            bar(done / (needed or max(done + 5, 10)))

        return told

    return begin


def carried_out(
    question: Question, design: Design, laboratory: Laboratory, sensitivity: str | None
) -> tuple[Comparison, dict[str, Any]]:
    """The experiment and all that is asked beside it, as the JSON object has it."""
    experiment = question.experiment
    doubts = None if sensitivity is None else _doubts(question, design.enough, sensitivity)
    found = Comparison(experiment, laboratory.results(experiment, design.enough(experiment)))
    steady = {"warmup_s": experiment.warmup / 1000, "pilot": [verdict.as_json() for verdict in question.pilot]}
    more: dict[str, Any] = {
        "design": {
            **({"name": "steady", **steady} if experiment.warmup else {"name": "terminating"}),
            **({} if design.precision is None else {"precision": design.precision}),
        },
        "finding": [],
        "audit_odds": audit_odds(found),
        "targets": asked_targets(found, list(question.conditions), laboratory, question.variant, design.enough),
    }
    if doubts is not None:
        more["sensitivity"] = doubts.told(laboratory.results(doubts.experiment, doubts.enough, doubts.part))
    result = as_json(found, wall_s=0.0, workers="", **more)
    result["finding"] = finding(result)
    return found, result


def screened_result(question: Question, design: Design, *, quiet: bool) -> tuple[Comparison, dict[str, Any]]:
    """The experiment by arithmetic; the JSON object says ``screened``."""
    experiment, began = question.experiment, perf_counter()
    with ExitStack() as stack:
        told = _told(stack, experiment.scenario, quiet)(f"{len(experiment.variants)} variants, screened")
        found = Comparison(experiment, screened(experiment, design.enough(experiment), told))
    more: dict[str, Any] = {"design": {"name": "terminating"}, "finding": [], "audit_odds": audit_odds(found)}
    result = as_json(found, wall_s=perf_counter() - began, workers="this process", screened=True, **more, targets=[])
    result["simulated"] = False
    result["finding"] = finding(result)
    return found, result


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What is to be lived through for the assumptions, and how its results are read."""

    experiment: Experiment
    part: str
    enough: Enough
    told: Callable[[dict[int, Replication]], dict[str, Any]]


def _doubts(question: Question, enough: Callable[[Experiment], Enough], method: str) -> _Doubts:
    whole = question.experiment
    scenario = scenario_of(question.variant(Asked("as-it-is", ())))
    if method == "morris":
        design = morris(scenario, whole.seed, TRAJECTORIES, question.variant)
        varied = tuple(question.variant(each) for each in design.asked)
        experiment = replace(whole, variants=varied)
        return _Doubts(experiment, "sensitivity-morris", lambda prefix: 1, lambda results: effects(design, results))
    asked, kept, others = one_at_a_time(scenario, question.variant)
    varied = tuple(checked(question.name, question.base, asked))
    experiment = replace(whole, variants=varied)
    return _Doubts(
        experiment,
        "sensitivity",
        enough(experiment),
        lambda results: tornado(Comparison(experiment, results), kept, others),
    )


# --- output ----------------------------------------------------------------------------------------------


def print_result(found: Comparison, result: dict[str, Any], form: str, out: Path | None, *, quiet: bool) -> None:
    """Print the result; with a directory, leave the reports in it."""
    from sim.whatif.tabular import csv_text, write_parquet

    if out is not None:
        _reports(found, result, out, quiet)
    if form == "json":
        streams.emit_json(result)
    elif form == "csv":
        streams.emit_data(csv_text(found))
    elif form == "parquet" and out is not None:
        write_parquet(found, out / "results.parquet")
        if not quiet:
            streams.note(f"{out / 'results.parquet'} is written")
    else:
        streams.emit(page(result, streams.page_width()))


def _reports(found: Comparison, result: dict[str, Any], out: Path, quiet: bool) -> None:
    from sim.places import write_whole
    from sim.whatif.tabular import csv_text

    write_whole(out / "result.json", json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    write_whole(out / "results.csv", csv_text(found))
    if find_spec("matplotlib") is None:
        streams.note("report.html needs matplotlib; install it with: pip install 'jmlab[whatif]'")
        return
    from sim.whatif.webpage import webpage

    write_whole(out / "report.html", webpage(found, result))
    if not quiet:
        streams.note(f"{out / 'report.html'} is written")


def run_again(experiment: Experiment, which: str, form: str, *, quiet: bool = False) -> None:
    """One world of an experiment: on the screen, or without a terminal to its end, with its summary."""
    variant, number = chosen(experiment, which)
    scenario = scenario_of(variant)
    from tui.commands import run, tui

    if tui.on_terminal():
        tui.show(scenario, "story", serve=False, out=None, replication=number)
        return
    from sim.observation.summary import summarize
    from sim.whatif.audit import promises
    from sim.world import World

    if form == "parquet":
        raise JmlabError("--rerun prints a summary: --format table, json or csv")
    if not quiet:
        streams.note(f"{variant.name}, replication {number} of seed {experiment.seed}")
    world = World(scenario, replication=number)
    world.run()
    summary = summarize(world)
    if form == "json":
        streams.emit_json({**summary, **promises(world, summary)})
    else:
        run.show(summary, cast("Format", form))


def chosen(experiment: Experiment, which: str) -> tuple[Variant, int]:
    """The variant and the replication that VARIANT:REPLICATION names."""
    from sim.scenario.errors import listed, nearest

    name, colon, number = which.rpartition(":")
    if not colon or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise JmlabError(f"--rerun: '{clipped(which)}' is not VARIANT:REPLICATION; for example interval=20m:3")
    names = [variant.name for variant in experiment.variants]
    if name not in names:
        allowed = listed(names) if len(names) <= 10 else f"one of {len(names)}"
        raise JmlabError(
            f"--rerun: there is no variant '{clipped(name)}' here; allowed: {allowed}{nearest(name, names)}"
        )
    return experiment.variants[names.index(name)], int(number)
