"""What an experiment comes to in a few plain sentences.

Invariant: every sentence is composed from figures of the result alone; a difference is called one only where its
interval, which holds for all variants together, does not hold 0. Nothing is said where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sim.observation.words import CAUSES, WAITING
from sim.wording import duration, quantity

EXPOSURE: Final = "orphaned_access.people.person_hours"
MISSING: Final = "missing_access.person_hours"
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
_WHOSE: Final = {
    "leaver": "people who left",
    "contractor_expiry": "people whose contract ended",
    "mover": "people who moved on",
    "rehire": "people who came back",
    "early": "people whose first day is still to come",
    "absence": "people on leave",
    "unmanaged": "users unknown to the job",
    "drift": "people who were assigned by hand",
    "misconfiguration": "people to whom the policy does not give it",
    "access_expiry": "people whose request has ended",
}
"""Whose access it is, in words, by cause."""
MOST: Final = 3
_NEARLY_ALL: Final = 0.9999
"""As much as an interval may say: it reaches beyond all, which nothing can."""
_ALMOST: Final = 0.985
_NOTABLE: Final = 0.05
"""A share that would matter, if one could tell it from chance."""

Result = Mapping[str, Any]


def finding(result: Result) -> list[str]:
    """At most three sentences about an experiment's result, in the order of their weight."""
    sentences = (_exposure(result), _waiting(result), _promise(result))
    return [sentence for sentence in sentences if sentence][:MOST]


def waiting_shares(metrics: Mapping[str, Any]) -> dict[str, float]:
    """What a variant's exposure waits for, in shares; empty where nobody was exposed."""
    return _shares({word: metrics.get(f"orphaned_access.by_waiting_for.{word}") for word in WAITING})


def cause_shares(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Whose access a variant's exposure is, in shares; empty where nobody was exposed."""
    return _shares({word: metrics.get(f"orphaned_access.by_cause.{word}.person_hours") for word in CAUSES})


def _shares(found: Mapping[str, Mapping[str, Any] | None]) -> dict[str, float]:
    hours = {word: 0.0 if figure is None else figure["mean"] for word, figure in found.items()}
    total = sum(hours.values())
    return {word: each / total for word, each in hours.items()} if total > 0 else {}


def next_to_mend(metrics: Mapping[str, Any]) -> tuple[str, float] | None:
    """What most of a variant's exposure waits for, and its share; None where nobody was exposed."""
    shares = waiting_shares(metrics)
    if not shares:
        return None
    word = max(WAITING, key=lambda each: shares[each])
    return word, shares[word]


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


def _exposure(result: Result, key: str = EXPOSURE, what: str = "exposure") -> str | None:
    """The variant that removes most of the exposure beyond chance, with what it costs in requests.

    Where nobody is exposed, the same about access that people wait for.
    """
    base = _baseline(result)["metrics"].get(key)
    pairs = {v["name"]: v["paired_to_baseline"].get(key) for v in _others(result)}
    pairs = {name: pair for name, pair in pairs.items() if pair is not None}
    if base is None or not pairs:
        return None
    if base["mean"] <= 0:
        if key != EXPOSURE:
            return None
        nobody = f"In {result['baseline']} nobody holds access that is not theirs."
        missing = _exposure(result, MISSING, "wait for access")
        return nobody if missing is None else f"{nobody} {missing}"
    if all(pair["ci_low"] is None for pair in pairs.values()):
        return "One replication tells nothing about chance; ask for more with --replications."
    clear = {name: pair for name, pair in pairs.items() if _clear(pair)}
    if not clear:
        subject = f"{next(iter(pairs))} does not change"
        if len(pairs) > 1:
            subject = f"None of {_listed(list(pairs))} changes"
        told = (
            f"{subject} the {what} of {result['baseline']} ({quantity(base['mean'])} person-hours) by more than chance"
        )
        most = max(pairs, key=lambda each: abs(pairs[each]["mean_difference"]))
        change = pairs[most]["mean_difference"] / base["mean"]
        if abs(change) < _NOTABLE:
            return f"{told}."
        word = "more" if change > 0 else "less"
        return f"{told}, and the {percent(abs(change))} {word} of {most} may be chance; more replications would tell."
    name = min(clear, key=lambda each: clear[each]["mean_difference"])
    if clear[name]["mean_difference"] > 0:
        times = _times(result, clear, base["mean"])
        return f"No variant has less {what} than {result['baseline']} beyond chance; {times}."
    share, hours = _removed(clear[name], base["mean"])
    return (
        f"{name}{_hypothetical(result, name)} removes {share} of the {what} of {result['baseline']}: {hours}"
        f"{_cost(result, name)}.{_today(result, name, clear, base['mean'])}"
    )


def _times(result: Result, clear: Mapping[str, Mapping[str, Any]], base: float) -> str:
    """How many times as much the least and the most of those are that have more."""
    ordered = sorted(clear, key=lambda each: (clear[each]["mean_difference"], each))
    least, most = ordered[0], ordered[-1]
    low, high = (quantity(1 + clear[name]["mean_difference"] / base) for name in (least, most))
    if least == most:
        return f"with {least} it is {low} times as much{_cost(result, least)}"
    return f"it is from {low} times as much with {least} to {high} times with {most}"


def _removed(pair: Mapping[str, Any], base: float) -> tuple[str, str]:
    """The share and the hours that are removed, the one of them with its interval whose interval is the sharper.

    What goes in proportion to the company's size is sharp as a share, what is the same in good years and bad in hours.
    """
    removed = -pair["mean_difference"]
    share, hours = percent(removed / base), f"{quantity(removed)} of {quantity(base)} person-hours"
    bounds = (quantity(-pair["ci_high"]), quantity(-pair["ci_low"]))
    over = pair.get("ratio")
    if over is not None and over["ci_low"] is not None and over["mean"] < 1:
        width = (over["ci_high"] - over["ci_low"]) / (1 - over["mean"])
        if width < (pair["ci_high"] - pair["ci_low"]) / removed:
            return _spanned(share, max(0.0, 1 - over["ci_high"]), min(1 - over["ci_low"], _NEARLY_ALL)), hours
    return share, hours if bounds[0] == bounds[1] else f"{hours} ({' to '.join(bounds)})"


def _spanned(share: str, low: float, high: float) -> str:
    """A share in words with its interval, as far as that says more."""
    least, most = percent(low), percent(high)
    if most == share == percent(_NEARLY_ALL):
        return share if low >= _ALMOST else f"{share} ({least} at least)"
    return share if least == most else f"{share} ({least.removesuffix(' %')} to {most})"


def _today(result: Result, best: str, clear: Mapping[str, Mapping[str, Any]], base: float) -> str:
    """Where the best is not to be had today, the best of those that are; nothing where there is none to choose."""
    having = [v["name"] for v in _others(result) if v["feasible"]["today"]]
    if best in having or not having:
        return ""
    removing = [name for name in having if name in clear and clear[name]["mean_difference"] < 0]
    if not removing:
        return " Nothing else here that one can have today removes any beyond chance."
    name = min(removing, key=lambda each: clear[each]["mean_difference"])
    share, _ = _removed(clear[name], base)
    return f" Of what one can have today, {name} removes most, {share}{_cost(result, name)}."


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
    return f", for {percent(abs(pair['mean_difference']) / base['mean'])} {word} requests"


def _waiting(result: Result) -> str | None:
    found = next_to_mend(_baseline(result)["metrics"])
    if found is None:
        return None
    word, share = found
    pushed = word == "cycle" and _baseline(result).get("budget", {}).get("strategy") == "event"
    awaited = "the push to arrive" if pushed else _WAITS[word]
    of = cause_shares(_baseline(result)["metrics"])
    cause = max(CAUSES, key=lambda each: of.get(each, 0.0))
    part = "all of it" if of.get(cause, 0.0) >= 1 else percent(of.get(cause, 0.0))
    whose = f"; {part} is access of {_WHOSE[cause]}" if of else ""
    return f"Of the exposure in {result['baseline']}, {percent(share)} waits for {awaited}{whose}."


def _promise(result: Result) -> str | None:
    """What the variants do about the promise for leavers."""
    base = _baseline(result)
    broken = base["metrics"].get(_BREACHED)
    odds = result.get("audit_odds", {}).get("variants", {}).get(result["baseline"], {}).get("leaver")
    others = _others(result)
    pairs = {v["name"]: v["paired_to_baseline"].get(_BREACHED) for v in others}
    if broken is None or odds is None or not others or any(pair is None for pair in pairs.values()):
        return None
    limit = _promised(odds["promised_s"])
    many = f"{quantity(broken['mean']) if broken['mean'] else 'none'} of {quantity(odds['population'])}"
    moved = [name for name, pair in pairs.items() if _clear(pair)]
    if moved:
        best = min(moved, key=lambda name: pairs[name]["mean_difference"])
        change = pairs[best]["mean_difference"]
        if change < 0 or len(others) == 1:
            word = "fewer" if change < 0 else "more"
            return f"With {best}, {quantity(abs(change))} {word} leavers miss {limit} than with {result['baseline']}."
        worst = max(moved, key=lambda name: pairs[name]["mean_difference"])
        return (
            f"No variant has fewer leavers who miss {limit} than {result['baseline']} ({many}); with {worst} there "
            f"are {quantity(pairs[worst]['mean_difference'])} more."
        )
    if all(pair["mean_difference"] == 0 for pair in pairs.values()):
        return f"No variant changes how many leavers miss {limit}: {many if broken['mean'] else 'none'} in each."
    sentence = f"No variant changes how many leavers miss {limit} by more than chance: {many} in {result['baseline']}"
    most = max(pairs, key=lambda name: abs(pairs[name]["mean_difference"]))
    change = pairs[most]["mean_difference"]
    if abs(change) < 1:
        return f"{sentence}."
    word = "fewer" if change < 0 else "more"
    return f"{sentence}, and the {quantity(abs(change))} {word} of {most} may be chance; more replications would tell."


def _promised(limit_s: float) -> str:
    """Hours, as promises are written; anything else as other durations."""
    hours = limit_s / 3600
    return f"{hours:.0f} h" if hours == int(hours) and 0 < hours <= 72 else duration(limit_s)


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def brief(share: float) -> str:
    """The same for the cell of a table: ``< 0.1 %``."""
    return percent(share).replace("more than", ">").replace("less than", "<")


def percent(share: float) -> str:
    """A share as a reader takes it: 1.7 %, 86 %, less than 0.1 %; never 100 % where it is not all."""
    value = share * 100
    if value >= 10:
        return f"{value:.0f} %" if value < 99.5 or value >= 100 else "more than 99 %"
    return f"{value:.1f} %" if value >= 0.1 else "less than 0.1 %" if value > 0 else "0 %"
