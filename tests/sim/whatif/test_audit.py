from __future__ import annotations

from typing import Any

import pytest

from sim.scenario import load
from sim.time import DAY, HOUR
from sim.whatif.audit import audit_odds, counts, promise
from sim.whatif.comparison import Comparison, odds_of_an_exception
from sim.whatif.experiment import Experiment, run_variant
from sim.whatif.variants import Variant, checked
from sim.world import World

LATE = ("duration=3d", "workforce.hr_lag=30h", "provisioning.interval=1h")


def variant(*sets: str) -> Variant:
    return checked("hello", sets, [])[0]


def test_what_a_scenario_does_not_promise_is_taken_for_a_day() -> None:
    assert promise(load("hello").scenario, "leaver") == DAY
    told = load("hello", ["organisation.sla={leaver: 4h, joiner: at_start}"]).scenario
    assert (promise(told, "leaver"), promise(told, "joiner")) == (4 * HOUR, 0)


def test_whoever_waits_too_long_is_an_exception_and_whoever_still_may_is_nobody_yet() -> None:
    """HR is 30 hours late with everybody: each leaver that is through by the end took longer than a day."""
    world = World(load("hello", LATE).scenario)
    world.run()
    done = len(world.parts.ledger.events.latencies.done["leaver"])
    still = [row[5] for row in world.parts.ledger.open_latencies() if row[0] == "leaver"]
    found = counts(world, {})
    assert found["audit.leaver.exceptions"] == done + sum(age > DAY for age in still)
    assert found["audit.leaver.population"] == found["audit.leaver.exceptions"]
    assert found["sla.leaver.within"] == 0
    assert found["sla.leaver.breached"] == found["audit.leaver.exceptions"]


def test_a_summary_that_counts_promises_itself_is_believed() -> None:
    world = World(load("hello", LATE).scenario)
    world.run()
    found = counts(world, {"sla": {"leaver": {"within": 0.5, "breached": 1}}})
    assert found["audit.leaver.exceptions"] == 1
    assert "sla.leaver.within" not in found


def test_a_promise_of_one_s_own_counts() -> None:
    slow = run_variant(variant("organisation.sla={leaver: 1m}"), 1, 0)
    assert slow["audit.leaver.exceptions"] == slow["audit.leaver.population"] > 0


def test_odds_drawn_agree_with_the_hypergeometric_form() -> None:
    """3 exceptions among 100 and a sample of 25: 1 - C(97, 25) / C(100, 25) = .582; 1,000 draws have an sd of .016."""
    figures = {"audit.leaver.population": 100.0, "audit.leaver.exceptions": 3.0}
    experiment = Experiment("hello", 7, (variant(),))
    name = experiment.baseline.name
    found: Any = audit_odds(Comparison(experiment, {0: {name: figures}, 1: {name: figures}}))
    row = found["variants"][name]["leaver"]
    assert row["hypergeometric"] == odds_of_an_exception(100, 3) == pytest.approx(0.582, abs=1e-3)
    assert row["odds"]["mean"] == pytest.approx(0.582, abs=0.05)
    assert "joiner" not in found["variants"][name]
