"""`jmlab whatif`: variants of a scenario compared over many replications, with confidence intervals.

Invariant: stdout gets the result and nothing else. What has been computed is kept; the same command goes on from there.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from tui import streams
from tui.commands.options import ScenarioName, Seed, Sets, Until, examples, one_of, whole

FORMATS = ("table", "json", "csv", "parquet")
EXAMPLES = examples(
    "jmlab whatif plain --set workforce.size=1000 --until 90d --vary provisioning.interval=20m,40m,2h",
    "jmlab whatif hello --vary provisioning.interval=20m,40m --precision 0.05 --format json",
    "jmlab whatif late-hr --vary provisioning.interval=5m,40m --target 'latency.leaver.p95_s < 1h'",
    "jmlab whatif plain --preset entra-40m --preset entra-40m-on-demand --preset nightly --screen",
    "jmlab whatif plain --set workforce.size=1000 --until 90d --sensitivity oat --out doubts",
    "jmlab whatif plain --variants variants.yaml --design steady --until 180d",
    "jmlab whatif plain --vary provisioning.interval=20m,40m --scheduler tcp://127.0.0.1:8786",
    "jmlab whatif plain --vary provisioning.interval=20m,40m --rerun interval=20m:3",
)


def _share(text: str | float) -> float:
    """A share as a number or in percent: 0.05 or 5%."""
    written = str(text).strip()
    try:
        value = float(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 1:
        raise typer.BadParameter(f"'{text}' is not allowed; write a share from 0.001 to 1, for example 0.05 or 5%")
    return value


def whatif(
    name: ScenarioName,
    seed: Seed = None,
    until: Until = None,
    sets: Sets = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=V1,V2,...",
            help="Values of a key of the scenario to compare. Given several times, every combination is a variant.",
        ),
    ] = None,
    variants: Annotated[
        str | None,
        typer.Option(
            "--variants", metavar="FILE", help="Named variants from a YAML file: a list of {name, set: {key: value}}."
        ),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--preset",
            metavar="NAME",
            help="A way of carrying access, as a variant: entra-40m, entra-40m-on-demand, entra-40m-disable-first, "
            "push, cron-15m, cron-6h, office-hours, nightly, ticket. May be given several times.",
        ),
    ] = None,
    screen: Annotated[
        bool,
        typer.Option("--screen", help="By arithmetic in place of simulation: seconds for what takes minutes."),
    ] = False,
    simulate_all: Annotated[
        bool,
        typer.Option(
            "--simulate-all",
            help="Simulate every world. Otherwise those in which all is ordinary are reckoned in columns, and one of "
            "them in each replication is held against its simulation: the same figures in a fraction of the time.",
        ),
    ] = False,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            metavar="N",
            parser=whole(1, 1_000_000_000, "for example 30"),
            help="How often each variant is lived through. Default: 10.",
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="SHARE",
            parser=_share,
            help="Go on until every headline interval is this narrow, as a share of its mean: 0.05 or 5%.",
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="EXPR",
            help="Find the longest interval that meets this: a key of the summary, one of < <= > >= ==, a number or a "
            "duration. May be given several times.",
        ),
    ] = None,
    sensitivity: Annotated[
        str | None,
        typer.Option(
            "--sensitivity",
            metavar="oat|morris",
            parser=one_of("oat", "morris"),
            help="What the assumptions of grade D matter: one at a time half and twice as large, or Morris' design.",
        ),
    ] = None,
    plan: Annotated[
        str,
        typer.Option(
            "--design",
            metavar="terminating|steady",
            parser=one_of("terminating", "steady"),
            help="Whether all counts, from the start to the end, or only what comes after a warm-up.",
        ),
    ] = "terminating",
    warmup: Annotated[
        str | None,
        typer.Option(
            "--warmup",
            metavar="auto|3d",
            help="With --design steady: how long the beginning is; auto asks MSER-5 of a pilot. Default: auto.",
        ),
    ] = None,
    rerun: Annotated[
        str | None,
        typer.Option(
            "--rerun",
            metavar="VARIANT:REPLICATION",
            help="Open this one world on the screen; without a terminal, run it and print its summary.",
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
        typer.Option(
            "--out",
            metavar="DIR",
            help="Keep the experiment here, with report.html, result.json and results.csv. "
            "Default: under the state directory, without reports.",
        ),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            parser=one_of(*FORMATS),
            help="What to print on stdout; parquet is written to DIR/results.parquet.",
        ),
    ] = "table",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar, no remarks.")] = False,
) -> None:
    """Compare variants of a scenario: the same people and events in each, over many replications.

    Interrupted by ctrl-c it exits with 130; what was computed is kept, and the same command goes on from there.
    """
    from sim.errors import JmlabError
    from sim.whatif.design import Design
    from sim.whatif.execution import processors
    from sim.whatif.store import RESULTS
    from sim.whatif.tabular import check_parquet
    from tui.commands.whatif_parts import (
        Question,
        carried_out,
        check_scipy,
        open_laboratory,
        print_result,
        run_again,
        screened_result,
        spelled,
    )

    if replications is not None and precision is not None:
        raise JmlabError("--replications and --precision exclude each other; give one of them")
    if workers is not None and scheduler is not None:
        raise JmlabError("--workers and --scheduler exclude each other; a Dask cluster has workers of its own")
    if warmup is not None and plan != "steady":
        raise JmlabError("--warmup is for --design steady; a terminating run counts from its start")
    if form == "parquet":
        if out is None:
            raise JmlabError("--format parquet is written to DIR/results.parquet; say where with --out DIR")
        check_parquet()
    question = Question.read(name, seed, until, sets, vary, variants, targets, plan, warmup, quiet=quiet, preset=preset)
    if simulate_all:
        question = question.simulating_all()
    if rerun is not None:
        run_again(question.experiment, rerun, form, quiet=quiet)
        return
    check_scipy()
    asked = {
        "--until": until,
        "--set": sets,
        "--vary": vary,
        "--variants": variants,
        "--preset": preset,
        "--replications": replications,
        "--precision": precision,
        "--target": targets,
        "--sensitivity": sensitivity,
        "--design": None if plan == "terminating" else plan,
        "--warmup": warmup,
    }
    flags = [flag for flag, given in (("--screen", screen), ("--simulate-all", simulate_all)) if given]
    command = spelled(name, question.experiment.seed, asked, flags)
    design = Design(None, precision) if precision is not None else Design(replications) if replications else Design()
    if screen:
        if targets or sensitivity or scheduler or simulate_all:
            raise JmlabError(
                "--screen answers at once, by arithmetic: "
                "leave out --target, --sensitivity, --scheduler and --simulate-all"
            )
        found, result = screened_result(question, design, quiet=quiet)
        print_result(found, {**result, "command": command}, form, out, quiet=quiet)
        return
    design.refuse_if_too_much(question.experiment, workers or processors())
    began = perf_counter()
    with ExitStack() as stack:
        laboratory = open_laboratory(stack, question, workers, scheduler, out, quiet=quiet)
        try:
            found, result = carried_out(question, design, laboratory, sensitivity)
        except KeyboardInterrupt:
            stack.close()
            if not quiet:
                kept = any(laboratory.folder.rglob(RESULTS))
                where = f"what was computed is kept in {laboratory.folder}" if kept else "nothing was computed yet"
                streams.note(f"interrupted; {where}: the same command {'goes on' if kept else 'begins again'}")
            raise
    result["wall_s"] = round(perf_counter() - began, 3)
    result["workers"] = scheduler or f"{workers or processors()} processes"
    result["command"] = command
    print_result(found, result, form, out, quiet=quiet)
