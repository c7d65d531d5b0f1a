"""An experiment by arithmetic: the figures of the simulated one, refusals in a sentence, and presets."""

from __future__ import annotations

import pytest

from sim.errors import JmlabError
from sim.scenario import load
from sim.whatif.design import Design
from sim.whatif.experiment import Experiment, replicate
from sim.whatif.presets import PRESETS, presets
from sim.whatif.screening import screened
from sim.whatif.variants import Asked, VariantError, checked, grid


def experiment(*asked: Asked, base: tuple[str, ...] = ("workforce.size=300", "duration=30d")) -> Experiment:
    return Experiment("plain", 9, tuple(checked("plain", base, asked)))


def test_screening_finds_what_simulating_finds_in_every_replication_of_every_variant() -> None:
    small = experiment(*grid(["provisioning.interval=20m,4h"]))
    found = screened(small, Design(3).enough(small))
    assert list(found) == [0, 1, 2]
    for number, by_variant in found.items():
        simulated = replicate(small, number)
        assert list(by_variant) == list(simulated)
        for name, figures in by_variant.items():
            assert figures["provisioning.requests"] == simulated[name]["provisioning.requests"]
            assert figures["latency.all.mean_s"] == pytest.approx(simulated[name]["latency.all.mean_s"], abs=1.5)


def test_a_variant_that_arithmetic_does_not_cover_is_refused_with_the_reason() -> None:
    slow = experiment(Asked("pauses", ("provisioning.overrun=after_end",)))
    with pytest.raises(JmlabError, match="does not cover the variant 'pauses': gates that hang on the end"):
        screened(slow, Design(1).enough(slow))


def test_another_company_in_a_variant_has_people_of_its_own() -> None:
    sizes = experiment(*grid(["workforce.size=100,300"]))
    found = screened(sizes, Design(1).enough(sizes))[0]
    assert found["size=100"]["events.joiner"] < found["size=300"]["events.joiner"]


def test_every_preset_is_a_variant_of_any_company_and_says_what_it_takes() -> None:
    found = experiment(*presets(list(PRESETS)))
    assert [variant.name for variant in found.variants] == list(PRESETS)
    assert all(len(variant.feasible.how) > 20 for variant in found.variants)
    assert [variant.name for variant in found.variants if not variant.feasible.today] == ["push"]


def test_presets_can_all_be_screened_and_come_in_the_expected_order() -> None:
    found = experiment(*presets(list(PRESETS)))
    figures = screened(found, Design(2).enough(found))[1]
    hours = {name: each["orphaned_access.people.person_hours"] for name, each in figures.items()}
    ordered = ["push", "entra-40m-on-demand", "cron-15m", "entra-40m", "office-hours", "cron-6h", "nightly", "ticket"]
    assert sorted(ordered, key=hours.__getitem__) == ordered
    assert hours["entra-40m-disable-first"] == hours["entra-40m"]


def test_a_preset_that_is_none_and_one_given_twice_are_refused() -> None:
    with pytest.raises(VariantError, match="did you mean 'nightly'"):
        presets(["nightlly"])
    with pytest.raises(VariantError, match="given twice"):
        presets(["push", "push"])


def test_the_settings_of_presets_are_settings_of_the_scenario() -> None:
    assert load("plain", PRESETS["office-hours"].settings).scenario.provisioning.hours[0].interval == 600_000
