"""`jmlab run`: a scenario to its end, as fast as possible, and what came of it.

Invariant: stdout gets the summary and nothing else, and only when the run has come to its end. Nothing is written
before the scenario is known to be in order.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from tui import streams
from tui.commands.options import Out, ScenarioName, Seed, Sets, Until, examples, load_scenario, one_of

if TYPE_CHECKING:
    from sim.expressions import Condition
    from sim.observation.summary import Summary
    from sim.provisioning.driver import CycleRow
    from sim.scenario import Scenario
    from sim.world import Transport, World

Format = Literal["table", "json", "csv"]
Report = Callable[[float], None]

EXAMPLES = examples(
    "jmlab run hello",
    "jmlab run hello --set provisioning.interval=20m --format json",
    "jmlab run plain --set workforce.size=10000 --until 90d --out runs/quarter",
    "jmlab run hello --fail-on 'latency.leaver.max_s > 7200'",
)


def run(
    name: ScenarioName,
    seed: Seed = None,
    until: Until = None,
    sets: Sets = None,
    transport: Annotated[
        str,
        typer.Option(
            "--transport",
            metavar="direct|wire",
            parser=one_of("direct", "wire"),
            help="How the provisioning job reaches the services: by calls, or by HTTP over sockets. "
            "The results are the same.",
        ),
    ] = "direct",
    out: Out = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="table|json|csv",
            parser=one_of("table", "json", "csv"),
            help="How to print the summary.",
        ),
    ] = "table",
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="EXPR",
            help="Exit with 1 when this is so at the end: a key of the summary, one of < <= > >= ==, a number.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar, no remarks.")] = False,
) -> None:
    """Run a scenario to its end and print what came of it.

    Interrupted by ctrl-c it exits with 130, and what was recorded is kept.
    """
    if not _run(name, seed, until, sets, cast("Transport", transport), out, cast("Format", form), fail_on, quiet):
        raise typer.Exit(1)


def default() -> None:
    """Run the scenario of the catalogue that opens by itself, and print the results table."""
    from sim.scenario import default_scenario

    _run(default_scenario())


def _run(
    name: str,
    seed: int | None = None,
    until: str | None = None,
    sets: list[str] | None = None,
    transport: Transport = "direct",
    out: Path | None = None,
    form: Format = "table",
    fail_on: str | None = None,
    quiet: bool = False,
) -> bool:
    """Whether the run is as ``fail_on`` would have it."""
    from sim import places

    scenario = load_scenario(name, sets, seed, until)
    condition = None if fail_on is None else read_condition(fail_on, scenario)
    if out is not None:
        places.check_run(out)
    with ExitStack() as stack:
        report: Report | None = None
        if not quiet and streams.wants_progress():
            report = stack.enter_context(streams.Progress(scenario.scenario))
        try:
            summary = carried_out(scenario, transport, out, report)
        except CutOff as error:
            stack.close()
            if not quiet:
                streams.note(str(error))
            raise
    show(summary, form)
    if condition is None:
        return True
    verdict = condition.judge(summary)
    if verdict.holds and not quiet:
        streams.note(verdict.sentence)
    return not verdict.holds


def read_condition(text: str, scenario: Scenario) -> Condition:
    """The condition of ``--fail-on``; one that no summary could be judged by is refused before anything runs."""
    from sim.expressions import parse_condition
    from sim.observation.summary.keys import summary_of_nothing

    condition = parse_condition(text)
    condition.figure(summary_of_nothing(scenario))
    return condition


class CutOff(KeyboardInterrupt):
    """The run was interrupted while it was being recorded."""


def carried_out(scenario: Scenario, transport: Transport, out: Path | None, report: Report | None = None) -> Summary:
    """Run to the end and, where a directory is named, keep the run there; the summary."""
    if transport == "direct":
        from sim.world import World

        world = World(scenario)
        return _recorded(world, transport, out, lambda: world.run(report))

    from sim.serving import Session

    session = Session(scenario, transport=transport, speed=None)
    try:

        def to_the_end() -> None:
            if report is not None:
                _report_cycles(session.world, report)
            session.run(until=session.world.end)

        return _recorded(session.world, transport, out, to_the_end)
    finally:
        session.close()


def _recorded(world: World, transport: Transport, out: Path | None, go: Callable[[], None]) -> Summary:
    from sim.observation.summary import summarize

    began = perf_counter()
    if out is None:
        go()
        return summarize(world, transport=transport, wall_s=perf_counter() - began)

    from sim import places
    from tui.recording import Recording

    recording = Recording(world, places.take_run(out), transport)
    try:
        go()
    except KeyboardInterrupt:
        recording.cut_off()
        raise CutOff(f"interrupted; what was recorded until then is kept in {out}") from None
    except BaseException:
        recording.cut_off()
        raise
    summary = summarize(world, transport=transport, wall_s=perf_counter() - began)
    recording.finish(summary)
    return summary


def _report_cycles(world: World, report: Report) -> None:
    """Report the share that is done whenever a cycle has ended."""
    kept = world.cycle_sink

    def cycle(row: CycleRow) -> None:
        if kept is not None:
            kept(row)
        report(world.now / world.end)

    world.cycle_sink = cycle


def show(summary: Summary, form: Format) -> None:
    """Print a summary on stdout."""
    if form == "json":
        from sim.observation.summary import summary_text

        streams.emit_data(summary_text(summary))
        return
    from sim.tables import summary_csv, summary_table

    if form == "csv":
        streams.emit_data(summary_csv(summary))
    else:
        streams.emit(summary_table(summary))
