from __future__ import annotations

import pytest

from sim.scenario import ScenarioError, assumptions, load
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import Experiment, replicate
from sim.whatif.sensitivity import FIGURES, doubts, effects, morris, one_at_a_time, scaled, swing, tornado
from sim.whatif.variants import Asked, Variant, checked, variant_of

SETS = ("duration=1d", "seed=1")


@pytest.mark.parametrize(
    ("value", "half", "twice"),
    [
        (0.12, "0.06", "0.24"),
        (5, "2", "10"),
        ("40m", "20m", "1h20m"),
        ({"uniform": ["2m", "10m"]}, "{uniform: [1m, 5m]}", "{uniform: [4m, 20m]}"),
        (
            {"lognormal": {"median": "2h", "p95": "20h"}},
            "{lognormal: {median: 1h, p95: 10h}}",
            "{lognormal: {median: 4h, p95: 1d16h}}",
        ),
        (True, None, None),
        ("at_once", None, None),
    ],
)
def test_a_value_is_halved_and_doubled_as_it_is_written(value: object, half: str | None, twice: str | None) -> None:
    assert (scaled(value, 0.5), scaled(value, 2.0)) == (half, twice)


def test_only_grade_d_is_in_doubt_and_what_cannot_be_scaled_is_named() -> None:
    scenario = load("plain").scenario
    found, others = doubts(scenario)
    graded = {a.key for a in assumptions(scenario) if a.grade == "D"}
    assert {doubt.key for doubt in found} | set(others) == graded
    assert "provisioning.interval" not in graded
    assert "provisioning.overrun" in others


def test_what_is_assumed_to_be_nothing_is_asked_about_too() -> None:
    lag = next(doubt for doubt in doubts(load("plain").scenario)[0] if doubt.key == "workforce.hr_lag")
    assert (lag.low, lag.high) == (None, "{uniform: [0h, 24h]}")


def make(asked: Asked) -> Variant:
    return variant_of("plain", ("duration=10d", "workforce.size=200", "seed=1"), asked, [])


def test_a_value_that_the_scenario_refuses_is_left_out() -> None:
    def picky(asked: Asked) -> None:
        if asked.name == "workforce.rates.movers high":
            raise ScenarioError("too many", source="--vary")

    asked, kept, _ = one_at_a_time(load("plain").scenario, picky)
    movers = next(doubt for doubt in kept if doubt.key == "workforce.rates.movers")
    assert (movers.low, movers.high) == ("0.06", None)
    assert "workforce.rates.movers high" not in [each.name for each in asked]


def test_late_notice_from_hr_matters_more_than_how_fast_a_request_is() -> None:
    asked, kept, others = one_at_a_time(load("plain").scenario, make)
    asked = [each for each in asked if each.name.startswith(("workforce.hr_lag", "target.request_time"))]
    kept = [doubt for doubt in kept if doubt.key in ("workforce.hr_lag", "target.request_time")]
    base = ("duration=10d", "workforce.size=200", "seed=1")
    experiment = Experiment("plain", 1, tuple(checked("plain", base, asked)))
    found = tornado(Comparison(experiment, {n: replicate(experiment, n) for n in range(2)}), kept, others)
    assert [row["key"] for row in found["rows"]] == ["workforce.hr_lag", "target.request_time"]
    assert swing(found["rows"][0]) > 10 * swing(found["rows"][1])
    assert found["rows"][0]["low"] is None


def test_morris_finds_the_assumption_that_moves_the_figure() -> None:
    """A made-up figure: 10 per doubling of the movers' rate, nothing of anything else."""
    design = morris(load("plain").scenario, 1, 4, make)
    names = design.problem["names"]
    column = names.index("workforce.rates.movers")
    made = {
        asked.name: {FIGURES[0]: 100 + 10 * row[column]} for asked, row in zip(design.asked, design.rows, strict=True)
    }
    found = effects(design, {0: made})
    top = found["rows"][0]
    assert top["key"] == "workforce.rates.movers"
    assert top["effects"][FIGURES[0]]["mu"] == pytest.approx(found["rows"][0]["effects"][FIGURES[0]]["mu_star"])
    assert all(row["effects"][FIGURES[0]]["mu_star"] == pytest.approx(0) for row in found["rows"][1:])


def test_morris_leaves_out_what_the_scenario_does_not_allow_by_itself_or_together() -> None:
    """Late HR is told on the day or later of everybody: twice as many late ones would be more than all."""

    def late(asked: Asked) -> Variant:
        return variant_of("late-hr", SETS, asked, [])

    scenario = load("late-hr").scenario
    design = morris(scenario, 1, 4, late)
    assert "workforce.hr.known.late" in design.left_out
    assert "workforce.hr.known.late" not in design.problem["names"]
    assert len(design.problem["names"]) >= 2
    for asked in design.asked:
        late(asked)

    def together(asked: Asked) -> Variant:
        """Allows each by itself, and no world that moves the request's time and another key."""
        if len(asked.settings) > 1 and any(setting.startswith("target.request_time") for setting in asked.settings):
            raise ScenarioError("too much", source="x", key="target.request_time")
        return make(asked)

    alone = morris(load("plain").scenario, 1, 4, together)
    assert "target.request_time" in alone.left_out
    assert "target.request_time" not in alone.problem["names"]
