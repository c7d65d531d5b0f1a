from __future__ import annotations

from pathlib import Path

import pytest

from mockservices.clock import Millis
from sim.errors import JmlabError
from sim.observation.summary import summarize
from sim.scenario import load
from sim.time import DAY, HOUR
from sim.whatif.experiment import Experiment, replicate, run_variant, scenario_of
from sim.whatif.steady import Verdict, series, settings, verdicts, warmup_of
from sim.whatif.variants import Asked, Variant, checked
from sim.world import World

BASE = ("duration=20d", "workforce.size=300", "seed=3")


def test_the_pilot_s_series_adds_up_to_the_whole() -> None:
    """Means over equal stretches times their length are the person-hours of the run, so nothing is sampled."""
    variant = checked("plain", BASE, [])[0]
    observed, length = series(variant, 3)
    hours = []
    for replication in range(3):
        world = World(scenario_of(variant), seed=3, replication=replication)
        world.run_until(length * len(observed))
        summary = summarize(world)
        hours.append(summary["orphaned_access"]["people"]["person_hours"] + summary["missing_access"]["person_hours"])
    assert sum(observed) * length / HOUR == pytest.approx(sum(hours) / 3)


def test_a_run_that_starts_in_sync_has_a_short_beginning_and_the_longest_counts() -> None:
    found = verdicts(checked("plain", BASE, []), 3)
    assert found[0].steady
    assert warmup_of([*found, Verdict("b", Millis(9 * DAY), steady=True)]) == 9 * DAY


def test_a_pilot_that_was_run_before_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variants = checked("plain", BASE, [Asked("T=2h", ("provisioning.interval=2h",))])
    found = verdicts(variants, 3, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(variants)

    def never(variant: Variant, seed: int) -> tuple[list[float], Millis]:
        raise AssertionError(f"{variant.name} was run again with seed {seed}")

    monkeypatch.setattr("sim.whatif.steady.series", never)
    assert verdicts(variants, 3, tmp_path) == found
    with pytest.raises(AssertionError, match="with seed 4"):
        verdicts(variants, 4, tmp_path)


def test_a_damaged_verdict_is_made_anew(tmp_path: Path) -> None:
    variants = checked("plain", BASE, [])
    found = verdicts(variants, 3, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text('{"warmup": "long"}')
    assert verdicts(variants, 3, tmp_path) == found
    assert "long" not in kept.read_text()


def test_what_does_not_settle_is_no_steady_state() -> None:
    with pytest.raises(JmlabError, match="--warmup auto: b does not settle in this time"):
        warmup_of([Verdict("a", Millis(0), steady=True), Verdict("b", Millis(0), steady=False)])


def test_figures_are_those_of_the_phase_behind_the_warm_up() -> None:
    sets = (*BASE, settings(load("plain", BASE).scenario, Millis(5 * DAY)))
    experiment = Experiment("plain", 3, tuple(checked("plain", sets, [])), 5 * DAY)
    found = replicate(experiment, 1)[experiment.baseline.name]
    world = World(scenario_of(experiment.baseline), seed=3, replication=1)
    world.run()
    phase = summarize(world)["phases"][1]
    assert found["latency.leaver.mean_s"] == phase["latency"]["leaver"]["mean_s"]
    assert found["orphaned_access.people.person_hours"] == phase["orphaned_access"]["people"]["person_hours"]
    assert found["audit.leaver.population"] == phase["latency"]["leaver"]["n"]
    assert "missing_access.person_hours" not in found
    whole = run_variant(checked("plain", BASE, [])[0], 3, 1)
    assert 0 < found["provisioning.requests"] < whole["provisioning.requests"]


@pytest.mark.parametrize("warmup", [0, 20 * DAY, 30 * DAY])
def test_a_warm_up_that_leaves_nothing_is_refused(warmup: int) -> None:
    with pytest.raises(JmlabError, match="leaves nothing of the 20d"):
        settings(load("plain", BASE).scenario, Millis(warmup))


def test_a_scenario_with_phases_has_no_steady_state() -> None:
    with pytest.raises(JmlabError, match="names phases of its own"):
        settings(load("ticket-era", ["phases=[{name: a, until: 3d}, {name: b}]"]).scenario, Millis(DAY))
