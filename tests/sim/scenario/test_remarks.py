"""What lies after the end of a run is remarked upon, and runs all the same: a run may be cut short."""

from __future__ import annotations

from sim.scenario import load, scenario_from
from sim.scenario.remarks import remarks


def test_a_bulk_event_and_actions_after_the_end_are_remarked_upon() -> None:
    """Day 3 is the first that a run of three days does not have: a run of four would show what happens on it."""
    scenario = scenario_from(
        {
            "scenario": "short",
            "title": "Short",
            "start": "2026-03-02T08:00:00Z",
            "duration": "3d",
            "organisation": {"departments": [{"name": "Finance"}]},
            "workforce": {"size": 20, "bulk": [{"kind": "layoff", "at": "2d"}, {"kind": "cohort", "at": "3d"}]},
            "timeline": [{"at": "5d", "do": "provision_on_demand", "person": "ada@contoso.example"}],
        }
    )
    assert remarks(scenario) == (
        "workforce.bulk.1: this cohort lies after the end of the run; duration: 4d or more would show it",
        "1 action of the timeline lies after the end of the run; duration: 6d or more would show it",
    )


def test_a_scenario_that_is_cut_short_runs_and_says_what_is_not_to_be_seen() -> None:
    assert load("mid-2k").notes == ()
    assert load("mid-2k", ["duration=30d"]).notes == (
        "workforce.bulk.0: this cohort lies after the end of the run; duration: 148d or more would show it",
    )
