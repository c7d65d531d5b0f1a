"""`jmlab whatif`: variants of a scenario compared over many replications, with confidence intervals.

Invariant: stdout gets the result and nothing else. What has been computed is kept; the same command goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from tui import streams
from tui.commands.options import ScenarioName, Seed, Sets, examples, one_of, whole

if TYPE_CHECKING:
    from sim.whatif.design import Design
    from sim.whatif.experiment import Experiment

EXAMPLES = examples(
    "jmlab whatif plain --set workforce.size=1000 --until 90d --vary provisioning.interval=20m,40m,2h",
    "jmlab whatif hello --vary provisioning.interval=20m,40m --precision 0.05 --format json",
)


def _share(text: str | float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 1:
        raise typer.BadParameter(f"'{text}' is not allowed; write a share from 0.001 to 1, for example 0.05")
    return value


def whatif(
    name: ScenarioName,
    seed: Seed = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="90d", help="End after this time; the same as --set duration=90d."),
    ] = None,
    sets: Sets = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=V1,V2,...",
            help="Values of a key of the scenario to compare. Given several times, every combination is a variant.",
        ),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            metavar="N",
            parser=whole(1, 1_000_000, "for example 30"),
            help="How often each variant is lived through. Default: 10.",
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="SHARE",
            parser=_share,
            help="Go on until every headline interval is this narrow, as a share of its mean.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            parser=whole(1, 1024, "for example 4"),
            help="Processes on this machine. Default: as many as it has processors.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, for example tcp://127.0.0.1:8786."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Keep the experiment here. Default: under the state directory."),
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", metavar="table|json", parser=one_of("table", "json"), help="What to print on stdout."),
    ] = "table",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar, no remarks.")] = False,
) -> None:
    """Compare variants of a scenario: the same people and events in each, over many replications.

    Interrupted by ctrl-c it exits with 130; what was computed is kept, and the same command goes on from there.
    """
    from sim.errors import JmlabError
    from sim.whatif.comparison import Comparison
    from sim.whatif.design import Design
    from sim.whatif.execution import carry_out, cluster, local
    from sim.whatif.report import as_json, page
    from sim.whatif.store import Store

    if replications is not None and precision is not None:
        raise JmlabError("--replications and --precision exclude each other; give one of them")
    if workers is not None and scheduler is not None:
        raise JmlabError("--workers and --scheduler exclude each other; a Dask cluster has workers of its own")
    experiment = _experiment(name, seed, until, sets, vary)
    design = Design(replications) if precision is None else Design(None, precision)
    if replications is None and precision is None:
        design = Design()
    _refuse_if_too_much(design, experiment)
    store = Store(out or _kept(experiment), experiment)
    began = perf_counter()
    with ExitStack() as stack:
        found = stack.enter_context(cluster(scheduler) if scheduler is not None else local(workers))
        have = store.read()
        report = _progress(stack, experiment, quiet)
        if have and not quiet:
            streams.note(f"{len(have)} replications are there already, in {store.folder}")
        try:
            results = carry_out(experiment, found, have, design.enough(experiment), store.add, report)
        except KeyboardInterrupt:
            stack.pop_all().close()
            if not quiet:
                streams.note(f"interrupted; what was computed is kept in {store.folder}: the same command goes on")
            raise
    result = as_json(
        Comparison(experiment, results),
        wall_s=perf_counter() - began,
        workers=scheduler or f"{found.count} processes",
    )
    if form == "json":
        streams.emit_json(result)
    else:
        streams.emit(page(result))


def _experiment(
    name: str, seed: int | None, until: str | None, sets: list[str] | None, vary: list[str] | None
) -> Experiment:
    from sim.whatif.experiment import Experiment
    from sim.whatif.variants import checked, grid
    from tui.commands.options import load_scenario

    scenario = load_scenario(name, sets, seed, until)
    base = [*(sets or []), *([] if until is None else [f"duration={until}"])]
    return Experiment(scenario.scenario, scenario.seed, tuple(checked(name, base, grid(vary or []))))


def _refuse_if_too_much(design: Design, experiment: Experiment) -> None:
    """One run is timed only where the sum of all is in question."""
    from sim.whatif.design import MOST_RUNS
    from sim.whatif.experiment import run_variant

    if len(experiment.variants) * (design.replications or 1) <= MOST_RUNS:
        return
    began = perf_counter()
    run_variant(experiment.baseline, experiment.seed, 0)
    design.refuse_if_too_much(experiment, perf_counter() - began)


def _kept(experiment: Experiment) -> Path:
    from sim import places

    return places.state_folder() / "whatif" / f"{experiment.scenario}-{experiment.key[:12]}"


def _progress(stack: ExitStack, experiment: Experiment, quiet: bool) -> Callable[[int, int | None], None] | None:
    if quiet or not streams.wants_progress():
        return None
    bar = stack.enter_context(streams.Progress(f"{experiment.scenario}: {len(experiment.variants)} variants"))

    def told(done: int, needed: int | None) -> None:
        bar(done / (needed or max(done + 5, 10)))

    return told
