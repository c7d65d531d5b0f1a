"""The finding says what the figures say and nothing else."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sim.whatif.finding import EXPOSURE, MISSING, REQUESTS, finding, percent

NAMES = ("40m", "20m", "2h")
amounts = st.floats(0, 1e6)
pairs = st.tuples(st.floats(-1e5, 1e5), st.floats(0, 1e4))


def interval(mean: float) -> dict[str, Any]:
    return {"mean": mean, "ci_low": mean, "ci_high": mean, "confidence": 0.95, "sd": 0.0, "n": 5}


def pair(mean: float, half: float) -> dict[str, Any]:
    return {"mean_difference": mean, "ci_low": mean - half, "ci_high": mean + half, "variance_ratio": 0.1}


def made(
    exposure: float,
    changes: list[tuple[float, float]],
    waits: tuple[float, float] = (0.0, 0.0),
    broken: float = 0.0,
    breaks: list[tuple[float, float]] | None = None,
) -> dict[str, Any]:
    """A result of three variants: the exposure of the first, how the others differ, what is waited for, promises."""
    base = {
        EXPOSURE: interval(exposure),
        REQUESTS: interval(100.0),
        "orphaned_access.by_waiting_for.hr": interval(waits[0]),
        "orphaned_access.by_waiting_for.cycle": interval(waits[1]),
        "sla.leaver.breached": interval(broken),
    }
    others = [
        {
            EXPOSURE: pair(*change),
            REQUESTS: pair(0.0, 1.0),
            "sla.leaver.breached": pair(*(breaks or [(0.0, 0.0)] * 2)[i]),
        }
        for i, change in enumerate(changes)
    ]
    return {
        "baseline": NAMES[0],
        "variants": [
            {
                "name": name,
                "feasible": {"today": True, "how": ""},
                "metrics": base if i == 0 else {},
                "paired_to_baseline": {} if i == 0 else others[i - 1],
            }
            for i, name in enumerate(NAMES[: len(changes) + 1])
        ],
        "audit_odds": {"variants": {NAMES[0]: {"leaver": {"promised_s": 86_400.0, "population": 50.0}}}},
    }


def test_what_removes_most_is_told_with_its_share_and_interval() -> None:
    """-170 of 10,000 is 1.7 %; its interval from 150 to 190. 9,300 of 10,000 wait for HR."""
    found = finding(made(10_000, [(-170, 20), (300, 20)], waits=(9_300, 700), broken=4))
    assert found == [
        "20m removes 1.7 % of the exposure of 40m: 170 of 10,000 person-hours (150 to 190).",
        "Of the exposure in 40m, 93 % waits for HR to tell the directory.",
        "No variant changes how many leavers miss 24 h: 4 of 50 in each.",
    ]


def test_a_share_that_is_sharper_than_the_hours_has_the_interval() -> None:
    """Half as much in every replication, while the hours differ as the years do: 50 of 100, give or take 60."""
    result = made(100, [(-50, 49.5), (300, 20)])
    result["variants"][1]["paired_to_baseline"][EXPOSURE]["ratio"] = {"mean": 0.5, "ci_low": 0.48, "ci_high": 0.52}
    assert finding(result)[0] == "20m removes 50 % (48 to 52 %) of the exposure of 40m: 50 of 100 person-hours."


def test_an_interval_of_a_share_never_reaches_all() -> None:
    result = made(100, [(-99, 90), (300, 20)])
    result["variants"][1]["paired_to_baseline"][EXPOSURE]["ratio"] = {"mean": 0.01, "ci_low": -0.02, "ci_high": 0.04}
    assert finding(result)[0].startswith("20m removes 99 % (96 to more than 99 %) of the exposure of 40m: ")
    result["variants"][1]["paired_to_baseline"][EXPOSURE] = {
        **pair(-99.9, 90),
        "ratio": {"mean": 0.001, "ci_low": -0.1, "ci_high": 0.1},
    }
    assert finding(result)[0].startswith("20m removes more than 99 % (90 % at least) of the exposure of 40m: ")


def test_beside_what_cannot_be_had_today_stands_the_best_of_what_can() -> None:
    result = made(100, [(-90, 1), (-40, 2)])
    result["variants"][1]["feasible"]["today"] = False
    assert finding(result)[0] == (
        "20m (hypothetical) removes 90 % of the exposure of 40m: 90 of 100 person-hours (89 to 91). "
        "Of what one can have today, 2h removes most, 40 %."
    )
    result["variants"][2]["paired_to_baseline"][EXPOSURE] = pair(40, 2)
    assert finding(result)[0].endswith("Nothing else here that one can have today removes any beyond chance.")


def test_where_promises_are_broken_more_often_the_worst_is_named() -> None:
    found = finding(made(100, [(-50, 1), (900, 1)], breaks=[(3, 1), (45, 5)]))
    assert found[-1] == "No variant has fewer leavers who miss 24 h than 40m (none of 50); with 2h there are 45 more."


def test_a_large_difference_that_may_be_chance_is_told_as_one() -> None:
    found = finding(made(100, [(-50, 1), (900, 1)], broken=2, breaks=[(0, 1), (5, 8)]))
    assert found[-1] == (
        "No variant changes how many leavers miss 24 h by more than chance: 2 of 50 in 40m, and the 5 more of 2h may "
        "be chance; more replications would tell."
    )


def test_whose_access_most_of_it_is_is_told() -> None:
    alone = made(100, [], waits=(10, 90))
    for word, hours in (("leaver", 20.0), ("contractor_expiry", 70.0), ("mover", 10.0)):
        alone["variants"][0]["metrics"][f"orphaned_access.by_cause.{word}.person_hours"] = interval(hours)
    assert finding(alone) == [
        "Of the exposure in 40m, 90 % waits for the next cycle; 70 % is access of people whose contract ended."
    ]


def test_a_push_waits_for_no_cycle() -> None:
    alone = made(100, [], waits=(10, 90))
    alone["variants"][0]["budget"] = {"strategy": "event"}
    assert finding(alone) == ["Of the exposure in 40m, 90 % waits for the push to arrive."]


def test_what_nobody_can_tell_from_chance_is_told_as_such() -> None:
    found = finding(made(10_000, [(-170, 200), (100, 300)]))
    assert found[0] == "None of 20m and 2h changes the exposure of 40m (10,000 person-hours) by more than chance."


def test_what_would_matter_if_it_were_no_chance_is_told_as_that() -> None:
    found = finding(made(100, [(-60, 200), (10, 300)]))
    assert found[0] == (
        "None of 20m and 2h changes the exposure of 40m (100 person-hours) by more than chance, and the 60 % less of "
        "20m may be chance; more replications would tell."
    )


def test_where_all_are_worse_nothing_is_removed() -> None:
    found = finding(made(100, [(50, 1), (900, 1)]))
    assert found[0] == (
        "No variant has less exposure than 40m beyond chance; it is from 1.5 times as much with 20m to 10 times with "
        "2h."
    )
    alone = finding(made(100, [(50, 1), (900, 1_000)]))
    assert alone[0] == "No variant has less exposure than 40m beyond chance; with 20m it is 1.5 times as much."


def test_where_nobody_is_exposed_what_people_wait_for_is_told() -> None:
    result = made(0, [(0, 0), (0, 0)])
    assert finding(result)[0] == "In 40m nobody holds access that is not theirs."
    result["variants"][0]["metrics"][MISSING] = interval(4.0)
    result["variants"][1]["paired_to_baseline"][MISSING] = pair(-1.0, 0.0)
    result["variants"][2]["paired_to_baseline"][MISSING] = pair(3.0, 0.0)
    assert finding(result)[0] == (
        "In 40m nobody holds access that is not theirs. "
        "20m removes 25 % of the wait for access of 40m: 1 of 4 person-hours."
    )


def test_a_promise_that_is_kept_more_often_is_told() -> None:
    found = finding(made(100, [(-50, 1), (900, 1)], broken=9, breaks=[(-3, 1), (5, 1)]))
    assert found[-1] == "With 20m, 3 fewer leavers miss 24 h than with 40m."


def test_an_experiment_of_one_variant_still_names_what_is_waited_for() -> None:
    alone = made(100, [], waits=(10, 90))
    assert finding(alone) == ["Of the exposure in 40m, 90 % waits for the next cycle."]


@given(amounts, st.tuples(pairs, pairs), st.tuples(amounts, amounts))
def test_a_variant_removes_only_what_its_interval_says(
    exposure: float, changes: tuple[tuple[float, float], tuple[float, float]], waits: tuple[float, float]
) -> None:
    result = made(exposure, list(changes), waits)
    for sentence in finding(result):
        if match := re.match(r"(\S+) removes ", sentence):
            found = next(v for v in result["variants"] if v["name"] == match[1])["paired_to_baseline"][EXPOSURE]
            assert found["ci_high"] < 0
        if "times as much" in sentence:
            assert not any(mean + half < 0 for mean, half in changes)
        if "by more than chance" in sentence and "exposure" in sentence:
            assert all(mean - half <= 0 <= mean + half for mean, half in changes)


@given(st.tuples(amounts, amounts), amounts, st.tuples(pairs, pairs))
def test_no_share_is_called_all_that_is_not_all_and_no_promise_unchanged_that_changed(
    waits: tuple[float, float], broken: float, breaks: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    found = finding(made(100, [(-1, 0.5), (1, 0.5)], waits, broken, list(breaks)))
    assert len(found) <= 3
    for sentence in found:
        if "100 % waits" in sentence:
            assert min(waits) == 0 or min(waits) / max(waits) < 1e-12
        if "in each" in sentence:
            assert all(mean == 0 for mean, _ in breaks)
        if match := re.match(r"With (\S+),", sentence):
            mean, half = breaks[NAMES.index(match[1]) - 1]
            assert mean - half > 0 or mean + half < 0


def test_percentages_are_as_exact_as_a_reader_takes_them() -> None:
    shares = (0, 0.0004, 0.0172, 0.5, 0.996, 1.0)
    assert [percent(x) for x in shares] == ["0 %", "less than 0.1 %", "1.7 %", "50 %", "more than 99 %", "100 %"]


def test_a_real_result_has_a_finding(result: dict[str, Any]) -> None:
    assert result["finding"][0].startswith("interval=20m (hypothetical) removes ")
