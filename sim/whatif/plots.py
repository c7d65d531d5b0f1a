"""Plots of an experiment as SVG texts, by matplotlib without its windows and without its global state.

Invariant: equal results give equal SVG, byte for byte; a plot shows figures of the result and computes intervals only
as the comparison does. Raises ImportError without matplotlib.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from math import ceil, log10
from statistics import fmean
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, MultipleLocator, NullLocator

from sim.whatif.comparison import Comparison
from sim.whatif.sensitivity import FIGURES, swing
from sim.whatif.statistics import interval
from sim.wording import duration, quantity

EXPOSURE: Final = FIGURES[0]
TITLES: Final[Mapping[str, str]] = {
    "latency.leaver.mean_s": "leaver's access gone after, mean",
    "latency.leaver.p95_s": "leaver's access gone after, 95 % of leavers",
    "orphaned_access.people.person_hours": "orphaned access, person-hours",
    "missing_access.person_hours": "missing access, person-hours",
    "provisioning.requests": "requests to the target",
}
COLOURS: Final = ("#1f5fa8", "#c2571a", "#2e7d4f", "#8a3d8f", "#7a6a00", "#a32c2c", "#35748f", "#555555")
_INK, _LINE = "#1b1b1b", "#e3e3e3"
_VARIABLES: Final = {
    _INK: "ink",
    _LINE: "line",
    **{colour: f"c{number}" for number, colour in enumerate(COLOURS)},
}
"""What a page may colour otherwise, as it does in the dark, by the name of its CSS variable."""
_INKED: Final = (
    *("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "boxplot.boxprops.color"),
    *("boxplot.whiskerprops.color", "boxplot.capprops.color", "boxplot.medianprops.color"),
)
WIDE: Final = 20
"""How many times the smallest figure the largest may be before a plot needs a logarithmic scale."""
_STYLE: Final[dict[str, Any]] = {
    **dict.fromkeys(_INKED, _INK),
    "svg.fonttype": "none",
    "svg.hashsalt": "jmlab",
    "text.parse_math": False,
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": _LINE,
}
_MOST_LINES: Final = 8
_MOST_TICKS: Final = 7
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_STEPS: Final = (
    *(1, 2, 5, 10, 20, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 28 * _DAY, 182 * _DAY),
)
"""Seconds between two ticks of an axis of durations."""
_STEPS_APART: Final = (0.1, 1, 10, _MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR, _DAY, 7 * _DAY, 28 * _DAY, 182 * _DAY)
"""Seconds at the ticks of a logarithmic axis of durations."""
_LONGEST: Final = 34


def _svg(draw: Callable[[Any], None], width: float, height: float) -> str:
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type] # its keys are literals there
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        title = axes.get_title(loc="left")
        axes.set_title("", loc="left")
        figure.suptitle(title, x=0.0, ha="left", fontsize=11)  # over the whole plot: names may leave the axes little
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawn = re.sub(r"#[0-9a-f]{6}\b", _variable, text.getvalue())
    # sized by the page that it stands in
    return re.sub(r' width="[^"]*pt"| height="[^"]*pt"', "", drawn[drawn.index("<svg") :], count=2)


def _variable(found: re.Match[str]) -> str:
    name = _VARIABLES.get(found[0])
    return found[0] if name is None else f"var(--{name}, {found[0]})"


def _named(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _errors(rows: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    low = [0.0 if row["ci_low"] is None else row["mean"] - row["ci_low"] for row in rows]
    high = [0.0 if row["ci_high"] is None else row["ci_high"] - row["mean"] for row in rows]
    return [low, high]


def by_interval(result: Mapping[str, Any], key: str) -> str | None:
    """A figure over the cycle interval with its confidence intervals, a line for each setting of everything else.

    None where fewer than two intervals have it, and where some variant has none: a push, a ticket, hours of its own.
    """
    variants = [variant for variant in result["variants"] if key in variant["metrics"]]
    if not all(variant["budget"]["interval_s"] for variant in variants):
        return None
    lines: dict[str, list[tuple[float, Mapping[str, Any]]]] = {}
    for variant in variants:
        point = (variant["budget"]["interval_s"], variant["metrics"][key])
        lines.setdefault(_otherwise(result, variant), []).append(point)
    every = sorted({x for line in lines.values() for x, _ in line})
    if len(every) < 2 or len(lines) > _MOST_LINES:
        return None

    def draw(axes: Any) -> None:
        for colour, (name, line) in zip(COLOURS, lines.items(), strict=False):
            line.sort(key=lambda point: point[0])
            found = [row for _, row in line]
            axes.errorbar(
                [x for x, _ in line],
                [row["mean"] for row in found],
                _errors(found),
                fmt="o-",
                capsize=4,
                color=colour,
                label=_named(name),
            )
        axes.set_xscale("log")
        axes.set_xticks(every, [duration(x) for x in every])
        axes.minorticks_off()
        axes.set_xlabel("cycle interval")
        axes.set_ylim(bottom=0)
        _figures(axes.yaxis, key)
        if len(lines) > 1:
            axes.legend(frameon=False, fontsize=8)
        axes.set_title(TITLES.get(key, key), loc="left")

    return _svg(draw, 6.4, 3.6)


def _otherwise(result: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    """What a variant sets besides its interval, as far as not all of them do."""
    own = {name: value for name, value in variant["set"].items() if name != "provisioning.interval"}
    differing = [
        f"{name.rpartition('.')[2]}={value}"
        for name, value in own.items()
        if any(other["set"].get(name) != value for other in result["variants"])
    ]
    return ", ".join(differing) or "as it is"


def _scaled(axes: Any, axis: str, key: str, means: Sequence[float]) -> str:
    """From 0 on or, where the means lie far apart, by powers of ten; what the title has to say of it."""
    positive = [mean for mean in means if mean > 0]
    if len(positive) < 2 or max(positive) <= WIDE * min(positive):
        getattr(axes, f"set_{axis}lim")(**{"left" if axis == "x" else "bottom": 0})
        _figures(getattr(axes, f"{axis}axis"), key)
        return ""
    getattr(axes, f"set_{axis}scale")("log", nonpositive="clip")
    least = min(positive)
    getattr(axes, f"set_{axis}lim")(**{"left" if axis == "x" else "bottom": least / 3})
    part = getattr(axes, f"{axis}axis")
    if max(positive) < 1000 * least:
        part.set_major_locator(LogLocator(subs=(1, 3)))
    if key.endswith("_s"):
        low, high = part.get_view_interval()
        part.set_major_locator(FixedLocator([step for step in _STEPS_APART if low <= step <= high]))
    part.set_minor_locator(NullLocator())
    part.set_major_formatter(lambda value, position: duration(value) if key.endswith("_s") else quantity(value))
    return " (logarithmic)"


def _figures(axis: Any, key: str) -> None:
    """Ticks as people write figures; those of durations at whole units. Asked when the axis has its limits."""
    written: Callable[[float], str] = quantity
    if key.endswith("_s"):
        written = duration
        low, high = axis.get_view_interval()
        step = next((step for step in _STEPS if (high - low) / step <= _MOST_TICKS), _STEPS[-1])
        axis.set_major_locator(MultipleLocator(step))
    axis.set_major_formatter(lambda value, position: written(value) if value >= 0 else f"-{written(-value)}")


def differences(result: Mapping[str, Any], key: str = EXPOSURE) -> str | None:
    """What every variant changes against the baseline, with intervals that hold together; None where nothing can be."""
    rows = [
        (variant["name"], pair)
        for variant in result["variants"]
        if (pair := variant["paired_to_baseline"].get(key)) is not None
    ]
    if not rows:
        return None

    def draw(axes: Any) -> None:
        places = list(range(len(rows)))[::-1]
        found = [{**pair, "mean": pair["mean_difference"]} for _, pair in rows]
        axes.errorbar([row["mean"] for row in found], places, xerr=_errors(found), fmt="o", capsize=4, color=COLOURS[1])
        axes.axvline(0, color=_INK, linewidth=1)
        axes.set_yticks(places, [_named(name) for name, _ in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        sizes = [abs(row["mean"]) for row in found if row["mean"]]
        if sizes and max(sizes) > WIDE * min(sizes):
            axes.set_xscale("symlog", linthresh=10 ** ceil(log10(min(sizes))))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(lambda value, position: f"{value:,.6g}")
            axes.tick_params(axis="x", rotation=45)
        else:
            _figures(axes.xaxis, key)
        axes.set_title(f"{TITLES.get(key, key)}: less {_named(result['baseline'])}", loc="left")

    return _svg(draw, 6.4, 1.5 + 0.36 * len(rows))


def by_variant(result: Mapping[str, Any], key: str) -> str | None:
    """A figure of every variant with its confidence interval; None where no variant has it."""
    rows = [(variant["name"], variant["metrics"][key]) for variant in result["variants"] if key in variant["metrics"]]
    if not rows:
        return None

    def draw(axes: Any) -> None:
        places = list(range(len(rows)))[::-1]
        found = [row for _, row in rows]
        axes.errorbar([row["mean"] for row in found], places, xerr=_errors(found), fmt="o", capsize=4, color=COLOURS[0])
        axes.set_yticks(places, [_named(name) for name, _ in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        scale = _scaled(axes, "x", key, [row["mean"] for row in found])
        axes.set_title(f"{TITLES.get(key, key)}{scale}", loc="left")

    return _svg(draw, 6.4, 1.3 + 0.32 * len(rows))


def distributions(found: Comparison, key: str = EXPOSURE) -> str | None:
    """Every replication as a dot, and their quartiles as a box, per variant."""
    rows = [(variant.name, list(found.values(variant.name, key).values())) for variant in found.experiment.variants]
    rows = [(name, values) for name, values in rows if values]
    if not rows or len(found.results) < 2:
        return None

    def draw(axes: Any) -> None:
        places = list(range(len(rows)))[::-1]
        axes.boxplot(
            [values for _, values in rows], positions=places, orientation="horizontal", widths=0.5, showfliers=False
        )
        for place, (_, values) in zip(places, rows, strict=True):
            axes.plot(values, [place] * len(values), "o", color=COLOURS[0], alpha=0.45, markersize=4)
        axes.set_yticks(places, [_named(name) for name, _ in rows])
        scale = _scaled(axes, "x", key, [fmean(values) for _, values in rows])
        axes.set_title(f"{TITLES.get(key, key)}: a dot is a replication{scale}", loc="left")

    return _svg(draw, 6.4, 1.3 + 0.4 * len(rows))


def convergence(found: Comparison, key: str = EXPOSURE) -> str | None:
    """The mean over the first n replications, with its interval, as n grows."""
    variants = found.experiment.variants[:_MOST_LINES]
    series = [(variant.name, list(found.values(variant.name, key).values())) for variant in variants]
    series = [
        (name, values) for name, values in series if len(values) > 3
    ]  # from the third on, and a line has two ends
    if not series:
        return None

    def draw(axes: Any) -> None:
        for colour, (name, values) in zip(COLOURS, series, strict=False):
            ns = list(range(3, len(values) + 1))  # two replications tell next to nothing, and would fill the plot
            means = [interval(values[:n], found.confidence) for n in ns]
            axes.plot(ns, [each.mean for each in means], color=colour, label=_named(name))
            axes.fill_between(
                ns, [each.low or 0.0 for each in means], [each.high or 0.0 for each in means], color=colour, alpha=0.15
            )
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("replications")
        scale = _scaled(axes, "y", key, [fmean(values) for _, values in series])
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axes.set_title(f"{TITLES.get(key, key)}: mean and interval so far{scale}", loc="left")

    return _svg(draw, 6.4, 3.8)


def tornado(sensitivity: Mapping[str, Any], key: str = EXPOSURE) -> str | None:
    """What each assumption changes, half and twice as large; those that matter most on top."""
    if sensitivity["method"] != "one at a time":
        return _screening(sensitivity, key)
    rows = [row for row in sensitivity["rows"] if swing(row, key) > 0][:15]
    if not rows:
        return None

    def draw(axes: Any) -> None:
        places = list(range(len(rows)))[::-1]
        for side, colour, words in (("low", COLOURS[0], "less"), ("high", COLOURS[1], "more")):
            label: str | None = words
            for place, row in zip(places, rows, strict=True):
                pair = (row[side] or {}).get("changes", {}).get(key)
                if pair is None:
                    continue
                axes.barh(place, pair["mean_difference"], color=colour, height=0.6, label=label)
                label = None
                if pair["ci_low"] is not None:
                    axes.plot([pair["ci_low"], pair["ci_high"]], [place, place], color=_INK, linewidth=1)
        axes.axvline(0, color=_INK, linewidth=1)
        axes.set_yticks(places, [_named(row["key"]) for row in rows])
        _figures(axes.xaxis, key)
        axes.legend(frameon=False, fontsize=8, loc="lower right")
        axes.set_title(f"{TITLES.get(key, key)}: half and twice", loc="left")

    return _svg(draw, 7.2, 1.4 + 0.36 * len(rows))


def _screening(sensitivity: Mapping[str, Any], key: str) -> str | None:
    """Of a Morris design the size of every effect, with how far it hangs on the other assumptions."""
    rows = [(row["key"], row["effects"][key]) for row in sensitivity["rows"] if key in row["effects"]][:15]
    rows = [(name, effect) for name, effect in rows if effect["mu_star"] > 0]
    if not rows:
        return None

    def draw(axes: Any) -> None:
        places = list(range(len(rows)))[::-1]
        axes.barh(places, [effect["mu_star"] for _, effect in rows], color=COLOURS[0], height=0.6, label="mu*")
        axes.plot([effect["sigma"] for _, effect in rows], places, "D", color=COLOURS[1], markersize=5, label="sigma")
        axes.set_yticks(places, [_named(name) for name, _ in rows])
        axes.set_xlim(left=0)
        _figures(axes.xaxis, key)
        axes.legend(frameon=False, fontsize=8, loc="lower right")
        axes.set_title(f"{TITLES.get(key, key)}: per doubling", loc="left")

    return _svg(draw, 7.2, 1.4 + 0.36 * len(rows))
