"""What an experiment comes to in a few plain sentences.

Invariant: every sentence is composed from figures of the result alone; a difference is called one only where its
interval, which holds for all variants together, does not hold 0. Nothing is said where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sim.observation.words import WAITING
from sim.wording import duration, quantity

EXPOSURE: Final = "orphaned_access.people.person_hours"
REQUESTS: Final = "provisioning.requests"
_BREACHED: Final = "sla.leaver.breached"
_WAITS: Final = {
    "hr": "HR to tell the directory",
    "cycle": "the next cycle",
    "processing": "a cycle to get to it",
    "retry": "another try after a failure",
    "quarantine": "the end of a quarantine",
    "ticket": "somebody to work a ticket",
    "nobody": "nobody: nothing under way would end it",
}
"""What is waited for, in words; what it names is the next thing to mend."""
MOST: Final = 3

Result = Mapping[str, Any]


def finding(result: Result) -> list[str]:
    """At most three sentences about an experiment's result, in the order of their weight."""
    sentences = (_exposure(result), _waiting(result), _promise(result))
    return [sentence for sentence in sentences if sentence][:MOST]


def next_to_mend(metrics: Mapping[str, Any]) -> tuple[str, float] | None:
    """What most of a variant's exposure waits for, and its share; None where nobody was exposed."""
    waits = {word: metrics.get(f"orphaned_access.by_waiting_for.{word}", {}).get("mean", 0.0) for word in WAITING}
    total = sum(waits.values())
    if total <= 0:
        return None
    word = max(WAITING, key=lambda each: waits[each])
    return word, waits[word] / total


def _baseline(result: Result) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(v for v in result["variants"] if v["name"] == result["baseline"])
    return found


def _others(result: Result) -> list[Mapping[str, Any]]:
    return [variant for variant in result["variants"] if variant["name"] != result["baseline"]]


def _clear(pair: Mapping[str, Any] | None) -> bool:
    """Whether a difference is more than chance."""
    if pair is None or pair["ci_low"] is None:
        return False
    return bool(pair["ci_low"] > 0 or pair["ci_high"] < 0)


def _exposure(result: Result) -> str | None:
    """The variant that removes most of the exposure beyond chance, with what it costs in requests."""
    base = _baseline(result)["metrics"].get(EXPOSURE)
    pairs = {v["name"]: v["paired_to_baseline"].get(EXPOSURE) for v in _others(result)}
    pairs = {name: pair for name, pair in pairs.items() if pair is not None}
    if base is None or not pairs:
        return None
    if base["mean"] <= 0:
        return f"{result['baseline']}: nobody holds access that is not theirs, so there is nothing to remove."
    if all(pair["ci_low"] is None for pair in pairs.values()):
        return "One replication tells nothing about chance; ask for more with --replications."
    clear = {name: pair for name, pair in pairs.items() if _clear(pair)}
    if not clear:
        return (
            f"None of {_listed(list(pairs))} changes the exposure of {result['baseline']} "
            f"({quantity(base['mean'])} person-hours) by more than chance."
        )
    name = min(clear, key=lambda each: clear[each]["mean_difference"])
    pair = clear[name]
    if pair["mean_difference"] > 0:
        times = (base["mean"] + pair["mean_difference"]) / base["mean"]
        return (
            f"No variant has less exposure than {result['baseline']} beyond chance; with {name} it is "
            f"{quantity(times)} times as much{_cost(result, name)}."
        )
    share = abs(pair["mean_difference"]) / base["mean"]
    low, high = sorted(abs(pair[key]) for key in ("ci_low", "ci_high"))
    return (
        f"{name}{_hypothetical(result, name)} removes {_percent(share)} of the exposure of "
        f"{result['baseline']} ({quantity(low)} to {quantity(high)} "
        f"of {quantity(base['mean'])} person-hours){_cost(result, name)}."
    )


def _hypothetical(result: Result, name: str) -> str:
    variant = next(v for v in result["variants"] if v["name"] == name)
    return "" if variant["feasible"]["today"] else " (hypothetical)"


def _cost(result: Result, name: str) -> str:
    """What the same variant sends, where that differs beyond chance."""
    base = _baseline(result)["metrics"].get(REQUESTS)
    pair = next(v for v in _others(result) if v["name"] == name)["paired_to_baseline"].get(REQUESTS)
    if base is None or pair is None or not _clear(pair) or base["mean"] <= 0:
        return ""
    word = "more" if pair["mean_difference"] > 0 else "fewer"
    return f", for {_percent(abs(pair['mean_difference']) / base['mean'])} {word} requests"


def _waiting(result: Result) -> str | None:
    found = next_to_mend(_baseline(result)["metrics"])
    if found is None:
        return None
    word, share = found
    return f"Of the exposure in {result['baseline']}, {_percent(share)} waits for {_WAITS[word]}."


def _promise(result: Result) -> str | None:
    """What the variants do about the promise for leavers."""
    base = _baseline(result)
    broken = base["metrics"].get(_BREACHED)
    odds = result.get("audit_odds", {}).get("variants", {}).get(result["baseline"], {}).get("leaver")
    others = _others(result)
    pairs = {v["name"]: v["paired_to_baseline"].get(_BREACHED) for v in others}
    if broken is None or odds is None or not others or any(pair is None for pair in pairs.values()):
        return None
    limit = duration(odds["promised_s"])
    moved = [name for name, pair in pairs.items() if _clear(pair)]
    if moved:
        best = min(moved, key=lambda name: pairs[name]["mean_difference"])
        change = pairs[best]["mean_difference"]
        word = "fewer" if change < 0 else "more"
        return f"With {best}, {quantity(abs(change))} {word} leavers miss {limit} than with {result['baseline']}."
    if all(pair["mean_difference"] == 0 for pair in pairs.values()):
        many = f"{quantity(broken['mean'])} of {quantity(odds['population'])}" if broken["mean"] else "none"
        return f"No variant changes how many leavers miss {limit}: {many} in each."
    return f"No variant changes how many leavers miss {limit} by more than chance."


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _percent(share: float) -> str:
    """A share as a reader takes it: 1.7 %, 86 %, less than 0.1 %; never 100 % where it is not all."""
    value = share * 100
    if value >= 10:
        return f"{value:.0f} %" if value < 99.5 or value >= 100 else "more than 99 %"
    return f"{value:.1f} %" if value >= 0.1 else "less than 0.1 %"
