"""What can be had today is told from the scenario, by whatever way it was asked for."""

from __future__ import annotations

import pytest

from sim.whatif.experiment import scenario_of
from sim.whatif.feasible import Feasible
from sim.whatif.presets import PRESETS
from sim.whatif.variants import Asked, checked, grid


def asked_for(*settings: str) -> Feasible:
    """A variant of hello with these settings and no word about what it takes."""
    return checked("hello", [], [Asked("it", settings)])[-1].feasible


def test_a_push_cannot_be_had_today_whether_it_is_a_preset_or_written_out() -> None:
    assert not asked_for("provisioning.strategy=event").today
    push = PRESETS["push"].feasible
    assert push is not None
    assert not push.today


def test_a_runbook_is_told_with_what_somebody_has_to_do() -> None:
    found = asked_for("provisioning.runbook=unassign_first")
    assert found.today
    assert "take the assignments away" in found.how
    assert "provision-on-demand" in found.source
    assert "wrong order" in asked_for("provisioning.runbook=disable_first").how


def test_hours_of_ones_own_are_hypothetical_with_entra() -> None:
    found = asked_for("provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]")
    assert not found.today
    assert "preset office-hours" in found.how


def test_what_hr_does_is_the_companys_to_change() -> None:
    (_, told) = checked("hello", [], grid(["workforce.hr_lag=1h"]))
    assert told.feasible.how.endswith("workforce.hr_lag: how soon HR tells is the company's own to change")


def test_how_the_service_behaves_is_no_setting_of_it() -> None:
    told = checked("hello", [], grid(["provisioning.overrun=next_gate", "provisioning.retries.transient=ladder"]))[-1]
    assert told.feasible.how.endswith(
        "provisioning.overrun and provisioning.retries.transient: how the service behaves, and no setting of it"
    )


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "ticket"])
def test_every_preset_cites_where_it_is_written(name: str) -> None:
    found = PRESETS[name].feasible
    assert found is not None
    assert found.source.startswith("https://")
    assert found.as_json()["source"] == found.source


def test_a_preset_follows_no_runbook_but_its_own() -> None:
    """Whatever the scenario does about leavers: `entra-40m` is the cycle alone."""
    base = ("provisioning.runbook=unassign_first",)
    found = {v.name: scenario_of(v).provisioning.runbook for v in checked("hello", base, list(PRESETS.values()))}
    assert found["entra-40m"] == found["cron-15m"] == found["office-hours"] == "none"
    assert found["entra-40m-on-demand"] == "unassign_first"
