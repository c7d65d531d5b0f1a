"""The sentences at the end of a run: true of hand-made summaries, silent where there is nothing, and no more.

``holds`` reads a sentence back by a grammar of its own and looks every number and every superlative up in the summary.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.observation.finding import finding
from sim.observation.summary import summarize
from sim.scenario import scenario_from
from sim.wording import duration, quantity
from sim.world import World
from tests.sim.observation.long_story import LONG_STORY

HOUR = 3600.0
CAUSES = {
    "after somebody had left": "leaver",
    "after a contract had ended": "contractor_expiry",
    "after somebody had moved on": "mover",
    "brought back by a rehire": "rehire",
    "before somebody's first day": "early",
    "during a leave of absence": "absence",
    "with users that the job does not know": "unmanaged",
    "assigned by hand": "drift",
    "assigned against the policy": "misconfiguration",
    "after requested access had run out": "access_expiry",
}
WAITS = {
    "waiting for HR": "hr",
    "waiting for the next cycle": "cycle",
    "in a running cycle": "processing",
    "waiting for another attempt": "retry",
    "held up by quarantine": "quarantine",
    "waiting for a ticket": "ticket",
    "with nobody to end it": "nobody",
}
KINDS = {
    "leaver": "leaver",
    "mover": "mover",
    "joiner": "joiner",
    "privileged leaver": "privileged_leaver",
    "ended contract": "contractor_expiry",
    "rehire": "rehire",
}
HOPS = ("hr", "wait", "processing", "retry", "ticket")
CHAIN = {
    "how soon HR tells the directory": {"hr"},
    "the job's interval of INTERVAL": {"cycle", "wait"},
    "how soon changes are carried over": {"cycle", "wait"},
    "how long a cycle takes": {"processing"},
    "what fails and is tried again": {"retry"},
    "what puts the job into quarantine": {"quarantine"},
    "how long a ticket takes": {"ticket"},
    "how soon an audit finds what nobody else ends": {"nobody"},
}
OF_ITS_OWN = {
    "how long before the first day access is opened": "early",
    "who takes requested access away when it has run out": "access_expiry",
    "what a leaver's account keeps, for it works again at a rehire": "rehire",
    "users that the job does not know": "unmanaged",
    "what is assigned by hand": "drift",
    "assignments that the policy does not give": "misconfiguration",
}


def made(
    causes: dict[str, float] | None = None,
    waits: dict[str, float] | None = None,
    sla: dict[str, tuple[Any, int, int, float, str | None]] | None = None,
    *,
    clock: str = "effective",
    strategy: str = "cycle",
    missing: tuple[int, float] = (0, 0.0),
    hops: dict[str, float] | None = None,
) -> dict[str, Any]:
    """A summary made by hand. ``sla``: kind to (target in s, n, breached, slowest in s, what it waited for most)."""
    causes, waits, sla, hops = causes or {}, waits or {}, sla or {}, hops or {}
    total = sum(causes.values())
    rows: dict[str, Any] = {}
    for kind in KINDS.values():
        rows[kind] = dict.fromkeys(("n", "within", "breached", "undecided", "worst"))
        if kind in sla:
            _, n, breached, slowest, hop = sla[kind]
            worst = [{"person": "x", "at": "", "duration_s": slowest, "longest_hop": hop}] if n else []
            counted = {"n": n, "within": (n - breached) / n if n else None, "breached": breached if n else None}
            rows[kind] = {**counted, "undecided": 1, "worst": worst}
    targets = {kind: row[0] for kind, row in sla.items()}
    return {
        "provisioning": {"strategy": strategy, "interval_s": 2400.0, "quarantined_s": 0.0},
        "latency": {
            "all": {
                "n": 3 if hops else 0,
                "mean_s": sum(hops.values()) if hops else None,
                "hops": {f"{hop}_s": hops.get(hop, 0.0) if hops else None for hop in HOPS},
            }
        },
        "orphaned_access": {
            "people": {"person_hours": total, "peak": 3 if total else 0},
            "by_cause": {cause: {"person_hours": causes.get(cause, 0.0)} for cause in CAUSES.values()},
            "by_waiting_for": {wait: waits.get(wait, 0.0) for wait in WAITS.values()},
        },
        "missing_access": {"people_waiting": missing[0], "person_hours": missing[1]},
        "sla": {"clock": clock if sla else None, "targets": targets or None, **rows},
    }


# --- worked out by hand ----------------------------------------------------------------------------------

LATE = made(
    {"leaver": 80.0, "mover": 20.0},
    {"hr": 60.0, "cycle": 40.0},
    {"leaver": (24 * HOUR, 200, 10, 30 * HOUR, "hr"), "mover": (24 * HOUR, 50, 1, 25 * HOUR, "wait")},
)


def test_it_says_what_dominates_what_the_promises_came_to_and_what_to_mend() -> None:
    assert finding(LATE) == [
        (
            "Access without entitlement came to 100 person-hours: most of it after somebody had left (80 %), "
            "most of it waiting for HR (60 %)."
        ),
        (
            "Least kept was the promise for leavers: 190 of 200 within 1d, the slowest after 1d 06h; "
            "too late were also 1 of 50 movers."
        ),
        (
            "To mend next: how soon HR tells the directory "
            "(what the slowest leavers waited for most and 60 % of the hours)."
        ),
    ]


def test_where_there_was_nothing_it_says_nothing() -> None:
    assert finding(made()) == []
    assert finding(made(sla={"leaver": (HOUR, 0, 0, 0.0, None)})) == []


def test_kept_promises_are_told_with_how_many_and_by_which_clock() -> None:
    kept = {"leaver": (HOUR, 1, 0, 60.0, "wait"), "joiner": ("at_start", 12, 0, 0.0, None)}
    said = finding(made(sla=kept, clock="notified", hops={"wait": 60.0}))
    assert said == [
        "Nobody held access without being entitled to it.",
        "No promise was broken: 1 leaver within 1h of HR's notice and 12 joiners ready at the start.",
    ]


def test_one_promise_alone_is_not_called_the_least_kept() -> None:
    said = finding(made(sla={"joiner": ("at_start", 4, 3, 2 * HOUR, "hr")}, missing=(3, 5.0), hops={"hr": 9.0}))
    assert said == [
        "Nobody held access without being entitled to it, and 3 people waited for theirs, 5 person-hours in all.",
        "The promise for joiners was kept for 1 of 4 ready at the start, the slowest after 2h.",
        (
            "To mend next: how soon HR tells the directory "
            "(what the slowest joiners waited for most and 100 % of the time until the target agreed)."
        ),
    ]


def test_of_two_that_are_equal_neither_is_the_largest_and_neither_is_mended_first() -> None:
    said = finding(
        made(
            {"leaver": 5.0, "mover": 5.0},
            {"hr": 5.0, "cycle": 5.0},
            {"leaver": (HOUR, 4, 2, 9 * HOUR, "hr"), "mover": (HOUR, 2, 1, 8 * HOUR, "hr")},
        )
    )
    assert said == [
        "Access without entitlement came to 10 person-hours.",
        "Promises were broken: too late were 2 of 4 leavers and 1 of 2 movers.",
    ]


def test_access_before_the_first_day_is_not_laid_to_a_slow_hr() -> None:
    """Of the 90 hours with HR 50 are of people who had not begun: the 40 that are left are still the most."""
    said = finding(made({"early": 50.0, "leaver": 60.0}, {"hr": 90.0, "cycle": 20.0}))
    assert said[-1] == "To mend next: how soon HR tells the directory (at least 36 % of the hours)."
    said = finding(made({"early": 50.0, "leaver": 60.0}, {"hr": 60.0, "cycle": 50.0}))
    assert said[-1] == "To mend next: the job's interval of 40m (45 % of the hours)."
    said = finding(made({"early": 70.0, "leaver": 30.0}, {"hr": 90.0, "cycle": 10.0}))
    assert said[-1] == "To mend next: how long before the first day access is opened (70 % of the hours)."


@pytest.mark.parametrize(("wait", "remedy"), [(wait, words) for words, names in CHAIN.items() for wait in names])
def test_what_is_mended_is_the_link_that_most_hours_wait_for(wait: str, remedy: str) -> None:
    if wait == "wait":
        return
    strategy = "event" if remedy.startswith("how soon changes") else "cycle"
    said = finding(made({"leaver": 7.0}, {wait: 7.0}, strategy=strategy))
    assert said[-1] == f"To mend next: {remedy.replace('INTERVAL', '40m')} (all of the hours)."


@pytest.mark.parametrize(
    ("index", "change"),
    [
        (0, lambda s: s["orphaned_access"]["people"].update(person_hours=101.0)),
        (0, lambda s: s["orphaned_access"]["by_cause"]["mover"].update(person_hours=81.0)),
        (0, lambda s: s["orphaned_access"]["by_cause"]["leaver"].update(person_hours=45.0)),
        (0, lambda s: s["orphaned_access"]["by_waiting_for"].update(hr=39.0)),
        (1, lambda s: s["sla"]["leaver"].update(breached=9, within=191 / 200)),
        (1, lambda s: s["sla"]["mover"].update(breached=5, within=45 / 50)),
        (1, lambda s: s["sla"]["mover"].update(breached=0, within=1.0)),
        (1, lambda s: s["sla"].update(clock="notified")),
        (1, lambda s: s["sla"]["targets"].update(leaver=HOUR)),
        (1, lambda s: s["sla"]["leaver"]["worst"][0].update(duration_s=50 * HOUR)),
        (2, lambda s: s["sla"]["leaver"]["worst"][0].update(longest_hop="wait")),
        (2, lambda s: s["sla"]["leaver"]["worst"].append({"duration_s": 29 * HOUR, "longest_hop": "wait"})),
        (2, lambda s: s["orphaned_access"]["by_waiting_for"].update(cycle=61.0)),
    ],
)  # fmt: skip
def test_another_figure_makes_another_sentence(index: int, change: Callable[[dict[str, Any]], object]) -> None:
    changed = copy.deepcopy(LATE)
    change(changed)
    assert finding(LATE)[index] not in finding(changed)


# --- whatever the figures --------------------------------------------------------------------------------

AMOUNT = r"(?P<how>all|most|the largest part) of it (?P<what>[a-zA-Z' ]+?)(?: \((?P<share>[^)]+)\))?"


def agrees(text: str, part: float, whole: float) -> bool:
    """Whether ``65 %``, ``over 99 %`` or ``under 1 %`` is a share."""
    exact = part / whole * 100
    number = float(re.findall(r"\d+", text)[0])
    if text.startswith("over"):
        return number < exact < 100
    return 0 < exact < number if text.startswith("under") else abs(exact - number) <= 0.5


def largest(value: float, of: list[float]) -> bool:
    return of.count(value) == 1 and value == max(of)


def exposure_holds(summary: dict[str, Any], sentence: str) -> bool:
    people = summary["orphaned_access"]["people"]
    if sentence.startswith("Nobody"):
        missing = summary["missing_access"]
        found = re.fullmatch(
            r"Nobody held access without being entitled to it(?:, and (\S+) (?:person|people) waited for theirs, "
            r"(.+) person-hours? in all)?\.",
            sentence,
        )
        assert found
        waited = (None, None) if not missing["person_hours"] else (
            f"{missing['people_waiting']:,}", quantity(missing["person_hours"])
        )  # fmt: skip
        return people["peak"] == 0 and people["person_hours"] == 0 and found.groups() == waited
    found = re.fullmatch(r"Access without entitlement came to (.+?) person-hours?(?:: (.+))?\.", sentence)
    assert found
    blocks = {
        **{words: (name, {c: r["person_hours"] for c, r in summary["orphaned_access"]["by_cause"].items()})
           for words, name in CAUSES.items()},
        **{words: (name, summary["orphaned_access"]["by_waiting_for"]) for words, name in WAITS.items()},
    }  # fmt: skip
    for part in (found[2] or "").split(", ") if found[2] else ():
        claim = re.fullmatch(AMOUNT, part)
        assert claim, part
        name, block = blocks[claim["what"]]
        value, total = block[name], people["person_hours"]
        if not largest(value, list(block.values())):
            return False
        if claim["how"] == "all" and (value < total or claim["share"]):
            return False
        if claim["how"] == "most" and value * 2 <= total:
            return False
        if claim["how"] != "all" and not agrees(claim["share"], value, total):
            return False
    return found[1] == quantity(people["person_hours"])


def promise_holds(summary: dict[str, Any], sentence: str) -> bool:
    sla = summary["sla"]
    judged = {kind: row for kind, row in sla.items() if isinstance(row, dict) and row.get("n")}
    within = {kind: row["within"] for kind, row in judged.items()}
    told = set()

    def target(kind: str, text: str) -> bool:
        value = sla["targets"][kind]
        if value == "at_start":
            return text == "ready at the start"
        return text == f"within {duration(value)}" + (" of HR's notice" if sla["clock"] == "notified" else "")

    first = re.match(
        r"(?:Least kept was the promise for (?P<least>.+?)s: |The promise for (?P<only>.+?)s was kept for )"
        r"(?P<kept>\S+) of (?P<n>\S+) (?P<target>.+?), the slowest after (?P<slowest>[^.;]+)",
        sentence,
    )
    if first:
        kind = KINDS[first["least"] or first["only"]]
        row = judged[kind]
        told.add(kind)
        smallest = len([w for w in within.values() if w <= row["within"]]) == 1
        if first["least"] and not (smallest and len(judged) > 1):
            return False
        figures = (f"{row['n'] - row['breached']:,}", f"{row['n']:,}", duration(row["worst"][0]["duration_s"]))
        if (first["kept"], first["n"], first["slowest"]) != figures or not target(kind, first["target"]):
            return False
    if sentence.startswith("No promise was broken"):
        pairs = re.findall(r"(\S+) ([a-z ]+?)s? (within .+?|ready at the start)(?:, | and |\.$)", sentence)
        assert pairs
        return all(
            f"{judged[KINDS[k]]['n']:,}" == n and judged[KINDS[k]]["breached"] == 0 and target(KINDS[k], t)
            for n, k, t in pairs
        ) and {KINDS[k] for _, k, _ in pairs} == set(judged)
    _, _, rest = sentence.partition("too late were ")
    for breached, n, name in re.findall(r"(\S+) of (\S+) ([a-z ]+?)s?(?:, | and (?=\d)|\.$)", rest):
        row = judged[KINDS[name]]
        told.add(KINDS[name])
        if (breached, n) != (f"{row['breached']:,}", f"{row['n']:,}"):
            return False
    return told == {kind for kind, row in judged.items() if row["breached"]}


def mending_holds(summary: dict[str, Any], sentence: str) -> bool:
    assert sentence.startswith("To mend next: ")
    causes = {cause: row["person_hours"] for cause, row in summary["orphaned_access"]["by_cause"].items()}
    waits, total = summary["orphaned_access"]["by_waiting_for"], summary["orphaned_access"]["people"]["person_hours"]
    hops = {hop.removesuffix("_s"): mean for hop, mean in summary["latency"]["all"]["hops"].items()}
    interval = duration(summary["provisioning"]["interval_s"])
    for what, why in re.findall(r"(.+?) \((.+?)\)(?:, then |\.)", sentence.removeprefix("To mend next: ")):
        own, links = OF_ITS_OWN.get(what), CHAIN.get(what.replace(interval, "INTERVAL"), set())
        assert own or links, what
        for reason in re.split(r" and (?=\d|all|over|under|at least)", why):
            if kind := re.fullmatch(r"what the slowest (.+?)s waited for most", reason):
                late = summary["sla"][KINDS[kind[1]]]["worst"]
                if not summary["sla"][KINDS[kind[1]]]["breached"] or {case["longest_hop"] for case in late} - links:
                    return False
            elif share := re.fullmatch(r"(at least )?(.+) of the hours", reason):
                if own:
                    value = causes[own]
                    good = largest(value, list(causes.values()))
                else:
                    less = {**waits, "hr": waits["hr"] - min(causes["early"], waits["hr"])}
                    name = next(link for link in links if link in waits)
                    value, good = less[name], largest(less[name], list(less.values()))
                    good = good and bool(share[1]) == (name == "hr" and less["hr"] < waits["hr"])
                if not good or not (value >= total if share[2] == "all" else agrees(share[2], value, total)):
                    return False
            else:
                part = re.fullmatch(r"(.+) of the time until the target agreed", reason)
                assert part, reason
                name = next(link for link in links if link in hops)
                if total or not largest(hops[name], list(hops.values())):
                    return False
                if not agrees(part[1], hops[name], summary["latency"]["all"]["mean_s"]):
                    return False
    return True


def holds(summary: dict[str, Any], sentence: str) -> bool:
    """Whether every number and every superlative of a sentence is in the summary."""
    if sentence.startswith(("Access without", "Nobody held")):
        return exposure_holds(summary, sentence)
    return (mending_holds if sentence.startswith("To mend") else promise_holds)(summary, sentence)


def spread(names: list[str]) -> st.SearchStrategy[dict[str, int]]:
    """Shares of a total, often equal and often nothing."""
    return st.dictionaries(st.sampled_from(names), st.sampled_from([0, 1, 2, 2, 3, 5, 100, 4000]), max_size=4)


@st.composite
def summaries(draw: st.DrawFn) -> dict[str, Any]:
    causes = {name: float(n) for name, n in draw(spread(list(CAUSES.values()))).items()}
    shares = draw(spread(list(WAITS.values())))
    total, parts = sum(causes.values()), sum(shares.values())
    waits = {name: total * n / parts for name, n in shares.items()} if parts else {"hr": total}
    sla: dict[str, tuple[Any, int, int, float, str | None]] = {}
    for kind in draw(st.lists(st.sampled_from(list(KINDS.values())), unique=True)):
        n = draw(st.integers(0, 4) | st.integers(0, 5000))
        breached = draw(st.integers(0, n))
        at_start = kind in ("joiner", "rehire") and draw(st.booleans())
        target = "at_start" if at_start else float(draw(st.sampled_from([60, 3600, 86400, 90000])))
        limit = 0.0 if at_start else float(target)
        slowest = limit + draw(st.sampled_from([1.0, 5000.0, 1e6])) if breached else limit
        sla[kind] = (target, n, breached, slowest, draw(st.sampled_from(HOPS)) if slowest else None)
    hops = draw(st.none() | st.fixed_dictionaries({hop: st.sampled_from([0.0, 1.0, 60.0, 7200.0]) for hop in HOPS}))
    return made(
        causes,
        waits,
        sla,
        clock=draw(st.sampled_from(["effective", "notified"])),
        strategy=draw(st.sampled_from(["cycle", "event", "ticket"])),
        missing=draw(st.just((0, 0.0)) | st.tuples(st.integers(1, 3000), st.sampled_from([0.001, 1.0, 5000.0]))),
        hops=hops,
    )


@given(summaries())
def test_no_sentence_says_what_the_figures_do_not(summary: dict[str, Any]) -> None:
    said = finding(summary)
    assert len(said) <= 3
    for sentence in said:
        assert holds(summary, sentence), sentence


@given(summaries(), st.integers(2, 50))
def test_a_sentence_about_other_figures_is_found_out(summary: dict[str, Any], times: int) -> None:
    """The reader of this test is no rubber stamp: sentences of a larger company are not true of this one."""
    other = copy.deepcopy(summary)
    other["orphaned_access"]["people"]["person_hours"] *= 10 * times
    for row in other["sla"].values():
        if isinstance(row, dict) and row.get("n"):
            row["n"], row["breached"] = row["n"] * times, row["breached"] * times
    for sentence in finding(other):
        if sentence not in finding(summary):
            assert sentence.startswith("To mend") or not holds(summary, sentence), sentence


def test_the_sentences_of_a_whole_run_hold() -> None:
    world = World(scenario_from(LONG_STORY))
    said: list[str] = []
    for hour in range(0, 49, 3):
        world.run_until(hour * 3_600_000)
        summary = summarize(world)
        said = summary["finding"]
        for sentence in said:
            assert holds(summary, sentence), sentence
    assert len(said) == 3
