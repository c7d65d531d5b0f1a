"""The variants with which theory and simulation are held against each other, and what comes of it.

Invariant: seeds are fixed, so that a verdict is the same on every machine; verdicts of all variants hold together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sim.whatif.comparison import Comparison
from sim.whatif.execution import carry_out, local
from sim.whatif.experiment import Experiment, replicate
from sim.whatif.theory import verdicts
from sim.whatif.variants import Asked, checked

SCENARIO: Final = "plain"
SEED: Final = 20_260_105
INTERVALS: Final = ("5m", "10m", "20m", "40m", "1h", "2h", "4h", "8h")
_ALONE: Final = (
    "workforce.rates={joiners: 0.0, leavers: 0.0, movers: 0.0}",
    "workforce.contractors=0.0",
)


def _failing(share: float) -> str:
    return f"faults=[{{kind: server_error, operation: update_user, share: {share}}}]"


def _at_times(what: str, times: Iterable[int]) -> str:
    """A list of the same thing at several times, each a number of minutes."""
    return f"[{', '.join(f'{{{what}, at: {time}m}}' for time in times)}]"


_DAY: Final = 24 * 60
_OUTAGES: Final = "faults=" + _at_times("kind: outage, status: 503, for: 1d", range(_DAY, 88 * _DAY, 3 * _DAY))
_TOKENS: Final = "faults=" + _at_times("kind: expired_credentials, for: 3d", range(5 * _DAY, 80 * _DAY, 15 * _DAY))
_LAYOFFS: Final = "workforce.bulk=" + _at_times(  # each five minutes later in the interval, so that phases matter less
    "kind: layoff, people: 100, over: 0m", range(10 * _DAY, 90 * _DAY, 10 * _DAY + 5)
)
VARIANTS: Final = (
    *(Asked(f"T={each}", (f"provisioning.interval={each}",)) for each in INTERVALS),
    Asked("retries, p=0.1", (_failing(0.1),)),
    Asked("retries, p=0.3", (_failing(0.3),)),
    Asked("fixed delay", ("provisioning.overrun=after_end",)),
    Asked(
        "office hours", ("provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]", "provisioning.interval=2h")
    ),
    Asked("push", ("provisioning.strategy=event",)),
    Asked("push at once", ("provisioning.strategy=event", "provisioning.push.delay=0m")),
    Asked("tickets", ("provisioning.strategy=ticket", "drain=73h")),
    Asked("HR's delay", ("workforce.hr_lag={uniform: [0m, 48h]}", "drain=49h")),
    Asked("outage of 5 d", ("faults=[{kind: outage, status: 503, at: 20d, for: 5d}]",)),
    Asked("outages of a day", (_OUTAGES,)),
    Asked("expired tokens", (_TOKENS,)),
    Asked("layoff", (*_ALONE, "workforce.bulk=[{kind: layoff, at: 10d, share: 0.05, over: 0m}]")),
    Asked("layoffs", (*_ALONE, _LAYOFFS)),
    Asked("working hours, T=40m", ("workforce.calendar=working_hours",)),
    Asked("working hours, T=37m", ("workforce.calendar=working_hours", "provisioning.interval=37m")),
    Asked("working hours, fixed phase", ("workforce.calendar=working_hours", "provisioning.phase=0m")),
    Asked("corporate", ("workforce.profile=corporate",)),
    Asked("survey's tickets", ("provisioning.strategy=ticket", "provisioning.ticket.delay=survey")),
    Asked("throttled by AWS", ("target.limits=aws",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A figure that was held against theory."""

    key: str
    form: str
    """The section of the methodology."""
    expected: float
    simulated: float
    low: float
    high: float
    """The interval around what was simulated; all of them hold together."""
    verdict: str


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one variant."""

    variant: str
    settings: tuple[str, ...]
    held: tuple[Held, ...]
    not_covered: dict[str, tuple[str, ...]]
    """Why they are not to the figures that are not covered."""

    @property
    def agrees(self) -> int:
        """How many figures agree."""
        return sum(each.verdict == "agrees" for each in self.held)

    @property
    def outside(self) -> tuple[str, ...]:
        """The figures that differ from what theory says."""
        return tuple(each.key for each in self.held if each.verdict == "outside")

    @property
    def forms(self) -> tuple[str, ...]:
        """The sections whose forms agree or do not."""
        return tuple(sorted({each.form for each in self.held}))


def experiment(
    base: Sequence[str] = ("workforce.size=10000", "duration=90d"), asked: Sequence[Asked] = VARIANTS
) -> Experiment:
    """The experiment over these variants; the first of them is the baseline."""
    variants = checked(SCENARIO, base, asked)
    return Experiment(
        SCENARIO, SEED, tuple(each for each in variants if each.name in {one.name for one in asked}), simulate_all=True
    )


def compare(found: Experiment, replications: int, workers: int | None = 1) -> Comparison:
    """Every replication, in this process or by workers."""
    if workers == 1:
        return Comparison(found, {number: replicate(found, number) for number in range(replications)})
    with local(workers) as pool:
        results = carry_out(found, pool, {}, lambda prefix: replications, lambda number, replication: None)
    return Comparison(found, results)


def rows(found: Comparison) -> list[Row]:
    """A row for each variant."""
    made: list[Row] = []
    settings = {asked.name: asked.settings for asked in VARIANTS}
    for name, by_key in verdicts(found).items():
        held: list[Held] = []
        whys: dict[str, list[str]] = {}
        for key, row in by_key.items():
            if row["verdict"] == "not covered":
                whys.setdefault(row["why"], []).append(key)
                continue
            form = row["why"].partition(":")[0]
            numbers = (row["expected"], row["simulated"], row["ci_low"], row["ci_high"])
            held.append(Held(key, form, *numbers, row["verdict"]))
        not_covered = {why: tuple(keys) for why, keys in whys.items()}
        made.append(Row(name, settings.get(name, ()), tuple(held), not_covered))
    return made


def table(found: Sequence[Row]) -> list[str]:
    """The rows as lines of a Markdown table."""
    lines = [
        "| variant | forms | figures that agree | outside | not covered | why not |",
        "| --- | --- | ---: | --- | ---: | --- |",
    ]
    for row in found:
        outside = ", ".join(f"**{key}**" for key in row.outside) or "none"
        missing = sum(map(len, row.not_covered.values()))
        why, forms = "; ".join(row.not_covered), ", ".join(row.forms)
        lines.append(f"| {row.variant} | {forms} | {row.agrees} | {outside} | {missing} | {why} |")
    return lines


def details(found: Sequence[Row]) -> Iterator[str]:
    """Every variant with each of its figures, as sections of Markdown."""
    for row in found:
        yield f"\n### {row.variant}\n"
        settings = ", ".join(f"`{_shortened(each)}`" for each in row.settings)
        yield f"{settings or 'The scenario as it is.'}"
        if row.held:
            yield "\n| figure | form | expected | simulated | from | to | verdict |"
            yield "| --- | --- | ---: | ---: | ---: | ---: | --- |"
        for each in row.held:
            numbers = " | ".join(_number(n) for n in (each.expected, each.simulated, each.low, each.high))
            verdict = each.verdict if each.verdict == "agrees" else f"**{each.verdict}**"
            yield f"| {each.key} | {each.form} | {numbers} | {verdict} |"
        for why, keys in row.not_covered.items():
            which = ", ".join(keys) if row.held else "every figure"
            yield f"\nNot covered ({why}): {which}."


def _shortened(setting: str) -> str:
    """A list of many things as the first two of them."""
    key, _, value = setting.partition("=")
    things = value.removeprefix("[").removesuffix("]").split("}, {")
    if len(things) < 4:
        return setting
    return f"{key}=[{things[0]}}}, {{{things[1]}}}, ...] ({len(things)} in all)"


def _number(value: float) -> str:
    """Six digits, as they are read most easily."""
    return f"{value:.4g}" if abs(value) < 1 else f"{value:.1f}" if abs(value) >= 1000 else f"{value:.3f}"
