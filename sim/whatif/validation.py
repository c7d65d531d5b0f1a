"""The variants with which theory and simulation are held against each other, and what comes of it.

Invariant: seeds are fixed, so that a verdict is the same on every machine; verdicts of all variants hold together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.whatif.comparison import Comparison
from sim.whatif.execution import carry_out, local
from sim.whatif.experiment import Experiment, replicate
from sim.whatif.theory import tally, verdicts
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


VARIANTS: Final = (
    *(Asked(f"T={each}", (f"provisioning.interval={each}",)) for each in INTERVALS),
    Asked("retries, p=0.1", (_failing(0.1),)),
    Asked("retries, p=0.3", (_failing(0.3),)),
    Asked("fixed delay", ("provisioning.overrun=after_end",)),
    Asked(
        "office hours", ("provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]", "provisioning.interval=2h")
    ),
    Asked("push", ("provisioning.strategy=event",)),
    Asked("tickets", ("provisioning.strategy=ticket", "drain=73h")),
    Asked("HR's delay", ("workforce.hr_lag={uniform: [0m, 48h]}", "drain=49h")),
    Asked("outage of 5 d", ("faults=[{kind: outage, status: 503, at: 20d, for: 5d}]",)),
    Asked("layoff", (*_ALONE, "workforce.bulk=[{kind: layoff, at: 10d, share: 0.05, over: 0m}]")),
    Asked("working hours, T=40m", ("workforce.calendar=working_hours",)),
    Asked("working hours, T=37m", ("workforce.calendar=working_hours", "provisioning.interval=37m")),
    Asked("corporate", ("workforce.profile=corporate",)),
    Asked("survey's tickets", ("provisioning.strategy=ticket", "provisioning.ticket.delay=survey")),
    Asked("throttled by AWS", ("target.limits=aws",)),
    Asked("expired token", ("faults=[{kind: expired_credentials, at: 5d, for: 3d}]",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one variant."""

    variant: str
    agrees: int
    outside: tuple[str, ...]
    """The figures that differ from what theory says."""
    not_covered: int
    why: tuple[str, ...]
    """Why these figures are not covered."""
    forms: tuple[str, ...]
    """The sections whose forms agree or do not."""


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
    told = verdicts(found)
    sums = tally(told)
    made: list[Row] = []
    for name, by_key in told.items():
        whys = dict.fromkeys(row["why"] for row in by_key.values() if row["verdict"] == "not covered")
        covered = [row["why"].partition(":")[0] for row in by_key.values() if row["verdict"] != "not covered"]
        made.append(
            Row(
                name,
                sums[name]["agrees"],
                tuple(key for key, row in by_key.items() if row["verdict"] == "outside"),
                sums[name]["not covered"],
                tuple(whys),
                tuple(sorted(dict.fromkeys(covered))),
            )
        )
    return made


def table(found: Sequence[Row]) -> list[str]:
    """The rows as lines of a Markdown table."""
    lines = [
        "| variant | forms | figures that agree | outside | not covered | why not |",
        "| --- | --- | ---: | --- | ---: | --- |",
    ]
    for row in found:
        outside = ", ".join(f"**{key}**" for key in row.outside) or "none"
        why = "; ".join(row.why)
        forms = ", ".join(row.forms)
        lines.append(f"| {row.variant} | {forms} | {row.agrees} | {outside} | {row.not_covered} | {why} |")
    return lines
