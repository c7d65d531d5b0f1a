"""What a variant costs beside what it saves, whose access it is, and what theory expects."""

from __future__ import annotations

from typing import Any

import pytest

from sim.whatif.breakdown import causes, costs, expected, room_told, still_open, waits
from sim.whatif.budget import budget, interval_of
from sim.whatif.cells import COLUMNS, amount
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import Experiment, scenario_of
from sim.whatif.finding import EXPOSURE
from sim.whatif.variants import Asked, checked

LEAVER = "latency.leaver.mean_s"


def made(*settings: str, figures: dict[str, float] | None = None) -> dict[str, Any]:
    """The budget of hello with some settings, from one replication that counted so much in its three days."""
    variants = tuple(checked("hello", settings, []))
    counted = {"provisioning.cycles": 108.0, "provisioning.requests": 864.0, **(figures or {})}
    return budget(Comparison(Experiment("hello", 1, variants), {0: {"as-it-is": counted}}), "as-it-is")


def test_a_budget_by_hand() -> None:
    """108 cycles and 864 requests in 3 days; 10 requests a second are 864,000 a day, of which 288 are 1/3000."""
    found = made()
    assert (found["cycles_per_day"], found["requests_per_day"]) == (36, 288)
    assert found["room_per_day"] == 864_000
    assert found["share"] == pytest.approx(1 / 3000)
    assert found["interval_s"] == 2_400


def test_a_runbook_is_followed_for_everybody_who_goes() -> None:
    """6 leavers and 3 whose contract ends, in 3 days."""
    figures = {"events.leaver": 6.0, "events.contractor_expiry": 3.0}
    assert made("provisioning.runbook=unassign_first", figures=figures)["runbooks_per_day"] == 3
    assert made(figures=figures)["runbooks_per_day"] == 0


@pytest.mark.parametrize(
    ("settings", "a_second"),
    [
        (("target.request_time=500ms",), 2.0),
        (("provisioning.pace.incremental=5",), 5.0),
        (("provisioning.pace.incremental=25", "target.request_time=20ms", "target.limits=aws"), 20.0),
        (("provisioning.strategy=ticket",), None),
    ],
)
def test_the_room_is_what_pace_answers_and_throttle_leave(settings: tuple[str, ...], a_second: float | None) -> None:
    found = made(*settings)
    assert found["requests_per_second"] == a_second
    assert (found["share"] is None) == (a_second is None)


@pytest.mark.parametrize(
    "setting",
    [
        "provisioning.strategy=ticket",
        "provisioning.strategy=event",
        "provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]",
    ],
)
def test_a_push_a_ticket_and_hours_of_its_own_have_no_interval(setting: str) -> None:
    (_, variant) = checked("hello", [], [Asked("it", (setting,))])
    assert interval_of(scenario_of(variant)) is None


def test_what_nobody_pays_is_no_column_and_throttling_is_one_where_there_is_any(result: dict[str, Any]) -> None:
    table = costs(result)
    assert table is not None
    assert table[0] == ("variant", "exposure", "cycles", "requests", "of the room")
    throttled = [{**v, "budget": {**v["budget"], "throttled_per_day": 3.0}} for v in result["variants"]]
    table = costs({**result, "variants": throttled})
    assert table is not None
    assert table[0][-1] == "throttled"
    assert [row[-1] for row in table[1]] == ["3", "3"]


def test_the_benefit_stands_against_the_baseline(result: dict[str, Any]) -> None:
    table = costs(result)
    assert table is not None
    base, other = table[1]
    assert base[1].endswith(" h")
    assert other[1].startswith("-")
    pair = {"mean_difference": 24 * result["variants"][0]["metrics"][EXPOSURE]["mean"], "ci_low": 1.0, "ci_high": 1e9}
    worse = {**result["variants"][1], "paired_to_baseline": {EXPOSURE: pair}}
    table = costs({**result, "variants": [result["variants"][0], worse]})
    assert table is not None
    assert table[1][1][1] == "x 25"


def test_the_room_is_told_for_the_shortest_interval(result: dict[str, Any]) -> None:
    """10 a second for 20 minutes."""
    assert room_told(result) == (
        "The room: 10 requests a second are what the job sends and the target takes, 12,000 in 20m."
    )


def test_whom_a_mean_leaves_out_is_told(result: dict[str, Any]) -> None:
    """80 of 98 leavers are still there at the end: the mean of the other 18 says nothing about them."""
    assert still_open(result) is None
    figures = {"latency.leaver.n": {"mean": 18.0}, "latency.leaver.censored": {"mean": 80.0}}
    left = [{**v, "metrics": figures} for v in result["variants"]]
    assert still_open({**result, "variants": left}) == (
        "Latencies are of those who were done by the end. Leavers who were not: 80 of 98 with interval=40m and "
        "interval=20m."
    )


def test_a_benefit_too_small_to_be_written_keeps_its_sign(result: dict[str, Any]) -> None:
    hours = result["variants"][0]["metrics"][EXPOSURE]["mean"]
    pair = {"mean_difference": -hours / 5000, "ci_low": -1.0, "ci_high": 1.0}
    table = costs(
        {
            **result,
            "variants": [result["variants"][0], {**result["variants"][1], "paired_to_baseline": {EXPOSURE: pair}}],
        }
    )
    assert table is not None
    assert table[1][1][1] == "> -0.1 % ?"


def test_shares_of_causes_and_waits_come_to_all(result: dict[str, Any]) -> None:
    for table in (causes(result), waits(result)):
        assert table is not None
        for row in table[1]:
            shares = [float(cell.strip("<> %")) for cell in row[1:]]
            assert sum(shares) == pytest.approx(100, abs=2)


def test_theory_stands_beside_what_was_simulated_where_a_form_covers_it(result: dict[str, Any]) -> None:
    table = expected(result, (LEAVER,), COLUMNS, amount)
    covered = [v for v in result["variants"] if v["theory"].get(LEAVER, {}).get("expected") is not None]
    assert (table is None) == (not covered)
    told = {LEAVER: {"expected": 1200.0, "verdict": "agrees", "why": ""}}
    table = expected({**result, "variants": [{**result["variants"][0], "theory": told}]}, (LEAVER,), COLUMNS, amount)
    assert table is not None
    assert table[0] == ("variant", "leaver, mean", "by theory")
    assert table[1][0][2] == "20m"
