"""What matters: the assumptions that nobody has measured (grade D), half and twice as large, and what that changes.

Invariant: the values of the assumptions come from the scenario; only what is assumed and really used is varied. The
people and events of a replication are the same as far as the assumption leaves them so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim.errors import JmlabError
from sim.scenario import Scenario, ScenarioError, assumptions
from sim.time import TimeError, format_duration, parse_duration
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import Replication
from sim.whatif.feasible import Feasible
from sim.whatif.variants import Asked

FIGURES: Final = ("orphaned_access.people.person_hours", "latency.leaver.mean_s")
"""What the assumptions are asked to move, the first in the order of the tornado."""
FACTORS: Final = (0.5, 2.0)
"""Half and twice: an assumption of grade D may well be wrong by that much."""
LEVELS: Final = 4
"""Levels of a Morris design, as is usual."""
_FROM_NOTHING: Final[Mapping[str, str]] = {
    "workforce.hr_lag": "{uniform: [0h, 24h]}",
    "provisioning.on_demand.assignment_lag": "5m",
    "workforce.nickname_collisions": "0.02",
    **{f"provisioning.ticket.{kind}.forgotten": "0.05" for kind in ("joiners", "movers", "leavers", "contractors")},
    **{f"provisioning.ticket.{kind}.overlooked": "0.05" for kind in ("leavers", "contractors")},
}
"""What stands for more where the scenario assumes none at all: half and twice of nothing would be nothing."""
_NO_CHANCE: Final = Feasible(today=True, how="an assumption, not a choice")


@dataclass(frozen=True, slots=True)
class Doubt:
    """An assumption with a lower and a higher value as they are written behind ``KEY=``; None where there is none."""

    key: str
    value: Any
    low: str | None
    high: str | None


def doubts(scenario: Scenario) -> tuple[list[Doubt], list[str]]:
    """The grade-D assumptions that can be halved or doubled, and the keys of those that cannot (words, switches)."""
    found: list[Doubt] = []
    others: list[str] = []
    for assumed in assumptions(scenario):
        if assumed.grade != "D":
            continue
        low, high = (scaled(assumed.value, factor) for factor in FACTORS)
        if low == high:
            low, high = None, _FROM_NOTHING.get(assumed.key)
        elif low == str(assumed.value):  # one of something has no half
            low = None
        if low is None and high is None:
            others.append(assumed.key)
        else:
            found.append(Doubt(assumed.key, assumed.value, low, high))
    return found, others


def scaled(value: Any, factor: float) -> str | None:
    """A number, a duration or a distribution so many times as large, as it is written; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(max(1, round(value * factor))) if value else "0"
    if isinstance(value, float):
        return f"{value * factor:.12g}"
    if isinstance(value, str):
        try:
            return format_duration(type(parse_duration(value))(round(parse_duration(value) * factor)))
        except TimeError:
            return None
    if isinstance(value, Mapping) and len(value) == 1:
        kind, inner = next(iter(value.items()))
        if kind == "uniform" and isinstance(inner, list):
            bounds = [scaled(bound, factor) for bound in inner]
            return None if None in bounds else f"{{uniform: [{', '.join(str(bound) for bound in bounds)}]}}"
        if kind == "lognormal" and isinstance(inner, Mapping):
            parts = {name: scaled(part, factor) for name, part in inner.items()}
            if None not in parts.values():
                return f"{{lognormal: {{{', '.join(f'{name}: {part}' for name, part in parts.items())}}}}}"
    return None


def one_at_a_time(scenario: Scenario, allowed: Any) -> tuple[list[Asked], list[Doubt], list[str]]:
    """A variant for every lower and higher value that the scenario allows.

    ``allowed(asked)``: raises ScenarioError for a value that is out of range, as a share of more than 1 is: that side
    is left out.
    """
    found, others = doubts(scenario)
    asked: list[Asked] = []
    kept: list[Doubt] = []
    for doubt in found:
        sides = {"low": doubt.low, "high": doubt.high}
        for side, value in sides.items():
            if value is None:
                continue
            each = Asked(f"{doubt.key} {side}", (f"{doubt.key}={value}",), _NO_CHANCE)
            try:
                allowed(each)
            except ScenarioError:
                sides[side] = None
                continue
            asked.append(each)
        if any(sides.values()):
            kept.append(Doubt(doubt.key, doubt.value, sides["low"], sides["high"]))
        else:
            others.append(doubt.key)
    return asked, kept, others


def tornado(found: Comparison, kept: Sequence[Doubt], others: Sequence[str]) -> dict[str, Any]:
    """``sensitivity``: what each value changes against the scenario as it stands, those that matter most first."""
    rows = [
        {
            "key": doubt.key,
            "value": doubt.value,
            **{side: _moved(found, doubt, side) for side in ("low", "high")},
        }
        for doubt in kept
    ]
    rows.sort(key=lambda row: (-swing(row), row["key"]))
    return {"method": "one at a time", "figures": list(FIGURES), "rows": rows, "not_varied": list(others)}


def swing(row: Mapping[str, Any], figure: str = FIGURES[0]) -> float:
    """How far an assumption moves a figure, from the lowest to the highest of its three values."""
    moved = [0.0]
    for side in ("low", "high"):
        pair = (row[side] or {}).get("changes", {}).get(figure)
        if pair is not None:
            moved.append(pair["mean_difference"])
    return max(moved) - min(moved)


def _moved(found: Comparison, doubt: Doubt, side: str) -> dict[str, Any] | None:
    value = doubt.low if side == "low" else doubt.high
    if value is None:
        return None
    return {"value": value, "changes": found.differences(f"{doubt.key} {side}", FIGURES)}


# --- Morris ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Morris:
    """A screening design: trajectories in which one assumption moves at a time, between half and twice its value."""

    problem: dict[str, Any]
    rows: Any
    """Exponents of 2, from -1 to 1; one row for each world, one column for each assumption."""
    asked: tuple[Asked, ...]
    left_out: tuple[str, ...]
    """The assumptions that are not varied."""


def morris(scenario: Scenario, seed: int, trajectories: int, allowed: Any) -> Morris:
    """The design by SALib; JmlabError without it, or where fewer than two assumptions can be scaled.

    ``allowed(asked)``: raises ScenarioError for what the scenario does not allow, as shares that are more than 1
    together are: an assumption that brings that about, by itself or with others, is left out.
    """
    try:
        from SALib.sample.morris import sample
    except ImportError:
        raise JmlabError(
            "--sensitivity morris needs SALib; install it with: pip install 'jmlab[sensitivity]'"
        ) from None
    found, others = doubts(scenario)
    kept = [doubt for doubt in found if _both(doubt, allowed)]
    while len(kept) > 1:
        names = [doubt.key for doubt in kept]
        problem = {"num_vars": len(names), "names": names, "bounds": [[-1.0, 1.0]] * len(names)}
        rows = sample(problem, trajectories, num_levels=LEVELS, seed=seed % 2**32)
        asked = tuple(
            Asked(f"world {number}", tuple(_settings(kept, row.tolist())), _NO_CHANCE)
            for number, row in enumerate(rows)
        )
        refused = _refused(asked, allowed)
        if refused is None:
            left_out = (*others, *(doubt.key for doubt in found if doubt not in kept))
            return Morris(problem, rows, asked, left_out)
        fewer = [doubt for doubt in kept if not doubt.key.startswith(str(refused.key))]
        if len(fewer) == len(kept):
            raise refused
        kept = fewer
    raise JmlabError("--sensitivity morris: this scenario has fewer than two assumptions of grade D to scale")


def _both(doubt: Doubt, allowed: Any) -> bool:
    """Whether half and twice are both there, and each is allowed where all the rest is as it stands."""
    if doubt.low is None or doubt.high is None:
        return False
    return _refused([Asked(doubt.key, (f"{doubt.key}={value}",)) for value in (doubt.low, doubt.high)], allowed) is None


def _refused(asked: Sequence[Asked], allowed: Any) -> ScenarioError | None:
    for each in asked:
        try:
            allowed(each)
        except ScenarioError as error:
            return error
    return None


def _settings(kept: Sequence[Doubt], exponents: Sequence[float]) -> Iterator[str]:
    for doubt, exponent in zip(kept, exponents, strict=True):
        yield f"{doubt.key}={scaled(doubt.value, 2.0**exponent)}"


def effects(design: Morris, results: Mapping[int, Replication]) -> dict[str, Any]:
    """``sensitivity``: the mean of the elementary effects, of their sizes, and their spread, over all replications.

    An effect is the change of the figure per doubling of the assumption.
    """
    import numpy as np
    from SALib.analyze.morris import analyze

    rows: dict[str, dict[str, Any]] = {name: {} for name in design.problem["names"]}
    for figure in FIGURES:
        measured = []
        for asked in design.asked:
            values = [r[asked.name][figure] for _, r in sorted(results.items()) if figure in r[asked.name]]
            if not values:
                break
            measured.append(sum(values) / len(values))
        if len(measured) < len(design.asked):
            continue
        found = analyze(design.problem, design.rows, np.array(measured), num_levels=LEVELS, seed=1)
        for name, mu, star, sigma in zip(found["names"], found["mu"], found["mu_star"], found["sigma"], strict=True):
            rows[name][figure] = {"mu": float(mu), "mu_star": float(star), "sigma": float(sigma)}
    ordered = sorted(rows, key=lambda name: (-rows[name].get(FIGURES[0], {"mu_star": 0.0})["mu_star"], name))
    return {
        "method": "morris",
        "figures": list(FIGURES),
        "worlds": len(design.asked),
        "rows": [{"key": name, "effects": rows[name]} for name in ordered],
        "not_varied": list(design.left_out),
    }
