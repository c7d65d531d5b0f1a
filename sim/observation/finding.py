"""``finding``: up to three sentences about a run: what dominates the exposure, what the promises came to, what next.

Invariant: pure, and nothing is said that the summary does not say. A superlative needs a single largest figure, "most"
more than half; where there is nothing, or nothing stands out, there is no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from sim.observation.promises import PROMISES
from sim.observation.words import (
    ABSENCE,
    ACCESS_EXPIRY,
    CONTRACTOR_EXPIRY,
    CYCLE,
    DRIFT,
    EARLY,
    HR,
    JOINER,
    LEAVER,
    MISCONFIGURATION,
    MOVER,
    NOBODY,
    PRIVILEGED_LEAVER,
    PROCESSING,
    QUARANTINE,
    REHIRE,
    RETRY,
    TICKET,
    UNMANAGED,
    WAIT,
)
from sim.scenario.sla import AT_START
from sim.wording import counted, duration, listed, number, quantity, share

Figures: TypeAlias = Mapping[str, Any]

_CAUSES: Final = {
    LEAVER: "after somebody had left",
    CONTRACTOR_EXPIRY: "after a contract had ended",
    MOVER: "after somebody had moved on",
    REHIRE: "brought back by a rehire",
    EARLY: "before somebody's first day",
    ABSENCE: "during a leave of absence",
    UNMANAGED: "with users that the job does not know",
    DRIFT: "assigned by hand",
    MISCONFIGURATION: "assigned against the policy",
    ACCESS_EXPIRY: "after requested access had run out",
}
_WAITING: Final = {
    HR: "waiting for HR",
    CYCLE: "waiting for the next cycle",
    PROCESSING: "in a running cycle",
    RETRY: "waiting for another attempt",
    QUARANTINE: "held up by quarantine",
    TICKET: "waiting for a ticket",
    NOBODY: "with nobody to end it",
}
KINDS: Final = {
    LEAVER: "leaver",
    MOVER: "mover",
    JOINER: "joiner",
    PRIVILEGED_LEAVER: "privileged leaver",
    CONTRACTOR_EXPIRY: "ended contract",
    REHIRE: "rehire",
}
"""How one of those is called to whom something is promised."""
_OF_ITS_OWN: Final = {
    EARLY: "how long before the first day access is opened",
    ACCESS_EXPIRY: "who takes requested access away when it has run out",
    REHIRE: "what a leaver's account keeps, for it works again at a rehire",
    UNMANAGED: "users that the job does not know",
    DRIFT: "what is assigned by hand",
    MISCONFIGURATION: "assignments that the policy does not give",
}
"""What to mend where a cause has nothing to do with how fast the chain is."""
_CHAIN: Final = {
    HR: "how soon HR tells the directory",
    PROCESSING: "how long a cycle takes",
    RETRY: "what fails and is tried again",
    QUARANTINE: "what puts the job into quarantine",
    TICKET: "how long a ticket takes",
    NOBODY: "how soon an audit finds what nobody else ends",
}


def finding(summary: Figures) -> list[str]:
    """Up to three sentences about a run, from its summary alone; none about a run in which there was nothing."""
    return [sentence for make in (_exposure, _promises, _next) if (sentence := make(summary))]


# --- what dominates --------------------------------------------------------------------------------------


def _exposure(summary: Figures) -> str | None:
    orphaned = summary["orphaned_access"]
    total = orphaned["people"]["person_hours"]
    if not total:
        return _no_exposure(summary)
    parts = [
        f"{_how_much(hours, total)} of it {words[top]}{_in_percent(hours, total)}"
        for words, (top, hours) in ((_CAUSES, _largest(_causes(summary))), (_WAITING, _largest(_waits(summary))))
        if top
    ]
    return f"Access without entitlement came to {_hours(total)}" + (f": {', '.join(parts)}." if parts else ".")


def _no_exposure(summary: Figures) -> str | None:
    if not summary["latency"]["all"]["n"] or summary["orphaned_access"]["people"]["peak"]:
        return None
    missing = summary["missing_access"]
    if not missing["person_hours"]:
        return "Nobody held access without being entitled to it."
    who = "1 person" if missing["people_waiting"] == 1 else f"{number(missing['people_waiting'])} people"
    return (
        f"Nobody held access without being entitled to it, and {who} waited for theirs, "
        f"{_hours(missing['person_hours'])} in all."
    )


def _hours(hours: float) -> str:
    told = quantity(hours)
    return f"{told} person-hour" if told == "1" else f"{told} person-hours"


def _causes(summary: Figures) -> dict[str, float]:
    return {cause: row["person_hours"] for cause, row in summary["orphaned_access"]["by_cause"].items()}


def _waits(summary: Figures) -> dict[str, float]:
    return dict(summary["orphaned_access"]["by_waiting_for"])


def _largest(figures: Mapping[str, float]) -> tuple[str, float]:
    """The largest figure and its name; no name where two are largest, or all are 0."""
    ordered = sorted(figures.items(), key=lambda item: -item[1])
    if not ordered or ordered[0][1] <= 0 or (len(ordered) > 1 and ordered[1][1] == ordered[0][1]):
        return "", 0.0
    return ordered[0]


def _how_much(part: float, whole: float) -> str:
    if part >= whole:
        return "all"
    return "most" if round(part / whole * 100) > 50 else "the largest part"


def _in_percent(part: float, whole: float) -> str:
    return "" if part >= whole else f" ({share(part, whole)})"


# --- what the promises came to ---------------------------------------------------------------------------


def _judged(summary: Figures) -> dict[str, Figures]:
    return {name: row for name in PROMISES if (row := summary["sla"][name])["n"]}


def _least_kept(summary: Figures) -> str:
    """The promise with the smallest share kept; none where several have it, or nothing was broken."""
    return _largest({name: 1 - row["within"] for name, row in _judged(summary).items() if row["breached"]})[0]


def _promises(summary: Figures) -> str | None:
    judged = _judged(summary)
    if not judged:
        return None
    broken = {name: row for name, row in judged.items() if row["breached"]}
    if not broken:
        kept = [f"{counted(row['n'], KINDS[name])} {_target(summary, name)}" for name, row in judged.items()]
        return f"No promise was broken: {listed(kept)}."
    least = _least_kept(summary)
    others = [f"{number(r['breached'])} of {counted(r['n'], KINDS[n])}" for n, r in broken.items() if n != least]
    if not least:
        return f"Promises were broken: too late were {listed(others)}."
    row = broken[least]
    kept, of, slowest = row["n"] - row["breached"], row["n"], duration(row["worst"][0]["duration_s"])
    if len(judged) == 1:
        told = f"The promise for {KINDS[least]}s was kept for {number(kept)} of {number(of)}"
    else:
        told = f"Least kept was the promise for {KINDS[least]}s: {number(kept)} of {number(of)}"
    told += f" {_target(summary, least)}, the slowest after {slowest}"
    return f"{told}; too late were also {listed(others)}." if others else f"{told}."


def _target(summary: Figures, name: str) -> str:
    """``within 1d``, ``within 1h of HR's notice``, ``ready at the start``."""
    target = summary["sla"]["targets"][name]
    if target == AT_START:
        return "ready at the start"
    return f"within {duration(target)}" + (" of HR's notice" if summary["sla"]["clock"] == "notified" else "")


# --- what to mend ----------------------------------------------------------------------------------------


def _next(summary: Figures) -> str | None:
    reasons: dict[str, list[str]] = {}
    exposed = summary["orphaned_access"]["people"]["person_hours"]
    for remedy, reason in (_for_the_promise(summary), (_for_the_exposure if exposed else _for_who_waits)(summary)):
        if remedy:
            reasons.setdefault(remedy, []).append(reason)
    if not reasons:
        return None
    told = [f"{what} ({' and '.join(why)})" for what, why in reasons.items()]
    return f"To mend next: {', then '.join(told)}."


def _for_the_promise(summary: Figures) -> tuple[str, str]:
    """What the slowest cases of the promise kept least waited for most, if all of them did."""
    least = _least_kept(summary)
    if not least:
        return "", ""
    target = summary["sla"]["targets"][least]
    late = [
        case for case in summary["sla"][least]["worst"] if case["duration_s"] > (0 if target == AT_START else target)
    ]
    hops = {case["longest_hop"] for case in late}
    hop = hops.pop() if len(hops) == 1 else None
    return ("", "") if hop is None else (_remedy(summary, hop), f"what the slowest {KINDS[least]}s waited for most")


def _for_the_exposure(summary: Figures) -> tuple[str, str]:
    """What most of the hours come from: a cause with a remedy of its own, or a link of the chain."""
    total = summary["orphaned_access"]["people"]["person_hours"]
    causes, waits = _causes(summary), _waits(summary)
    cause, hours = _largest(causes)
    if cause in _OF_ITS_OWN:
        return _OF_ITS_OWN[cause], _of_the_hours(hours, total)
    # what is there before its day waits for HR's day, and not for its word: at least the rest is for HR to mend
    early = min(causes.get(EARLY, 0.0), waits.get(HR, 0.0))
    waiting, hours = _largest({**waits, HR: waits[HR] - early})
    if not waiting:
        return "", ""
    at_least = "at least " if waiting == HR and early else ""
    return _remedy(summary, waiting), f"{at_least}{_of_the_hours(hours, total)}"


def _of_the_hours(part: float, whole: float) -> str:
    return f"{'all' if part >= whole else share(part, whole)} of the hours"


def _for_who_waits(summary: Figures) -> tuple[str, str]:
    """Where nobody had too much: the hop that took most of the time of those who had too little."""
    if not summary["missing_access"]["person_hours"]:
        return "", ""
    row = summary["latency"]["all"]
    hop, seconds = _largest({name.removesuffix("_s"): mean or 0.0 for name, mean in row["hops"].items()})
    if not hop:
        return "", ""
    return _remedy(summary, hop), f"{share(seconds, row['mean_s'])} of the time until the target agreed"


def _remedy(summary: Figures, link: str) -> str:
    job = summary["provisioning"]
    if link in (CYCLE, WAIT):
        carried = job["strategy"] == "cycle" and (link == CYCLE or not job["quarantined_s"])
        return (
            f"the job's interval of {duration(job['interval_s'])}" if carried else "how soon changes are carried over"
        )
    return _CHAIN[link]
