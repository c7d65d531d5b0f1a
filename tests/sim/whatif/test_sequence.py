"""Which requests the job sends about each kind of event, by the settings alone."""

from __future__ import annotations

import pytest

from sim.scenario import load
from sim.scenario.workforce import Workforce
from sim.whatif.experiment import run_variant
from sim.whatif.sequence import busy_share, same_everywhere, sequence_of
from sim.whatif.variants import Asked, checked


def test_a_company_with_a_group_for_each_department() -> None:
    """Joiner: find, create, group, member. Mover: user, PATCH, both groups, out, in. Leaver: user, PATCH."""
    found = sequence_of(load("plain").scenario)
    assert found.requests == {"joiner": 4, "mover_grant": 6, "mover_revoke": 6, "leaver": 2, "contractor_expiry": 2}
    assert found.ahead == {"joiner": 3, "mover_grant": 5, "mover_revoke": 4, "leaver": 1, "contractor_expiry": 1}


def test_a_group_for_everybody_is_one_more_for_a_joiner_and_none_for_a_mover() -> None:
    """It is looked at and gets a member: two requests."""
    plain, more = (sequence_of(load("plain", told).scenario) for told in ((), (_TWO, _EVERYBODY)))
    assert more.ahead["joiner"] == plain.ahead["joiner"] + 2
    assert more.ahead["mover_grant"] == plain.ahead["mover_grant"]


_TWO = "organisation.departments=[{name: Sales}, {name: Data}]"
_EVERYBODY = (
    "organisation.access.birthright=[{groups: [GRP-AWS-Finance]}, {department: Sales, groups: [GRP-AWS-Sales]}, "
    "{department: Data, groups: [GRP-AWS-Data]}]"
)


def test_without_a_mapped_department_a_move_changes_groups_only() -> None:
    plain, minimal = (
        sequence_of(load("plain", told).scenario) for told in ((), ("provisioning.mappings.preset=minimal",))
    )
    assert minimal.requests["mover_grant"] == plain.requests["mover_grant"] - 1


def test_requests_come_at_the_pace_or_at_the_target_s_time_for_an_answer() -> None:
    assert sequence_of(load("plain", ("provisioning.pace.incremental=4",)).scenario).spacing == 0.25
    assert sequence_of(load("plain", ("target.request_time=500ms",)).scenario).spacing == 0.5


def test_where_departments_differ_what_is_sent_hangs_on_whom_it_is_about() -> None:
    assert same_everywhere(load("plain").scenario)
    told = "organisation.access.birthright=[{department: Sales, groups: [GRP-AWS-Sales]}]"
    assert not same_everywhere(load("plain", (told,)).scenario)


def test_a_job_is_as_busy_as_the_requests_of_its_events() -> None:
    """10,000 people: 5,350 come a year (4 requests), 984 move (6), 1,394 leave and 3,650 contracts end (2): 37,392."""
    scenario = load("plain", ("workforce.size=10000",)).scenario
    assert isinstance(scenario.workforce, Workforce)
    assert busy_share(scenario, scenario.workforce) == pytest.approx(37_392 * 0.1 / (365 * 86_400), rel=1e-3)


@pytest.mark.parametrize(
    ("settings", "spacing"),
    [((), 0.1), (("provisioning.pace.incremental=2",), 0.5), (("target.request_time=1s",), 1.0)],
)
def test_a_push_takes_exactly_its_requests(settings: tuple[str, ...], spacing: float) -> None:
    """Simulated medians: the delay of 5 s, and the requests ahead of the one that counts."""
    asked = Asked("push", ("provisioning.strategy=event", *settings))
    variant = next(v for v in checked("plain", ("workforce.size=2000", "duration=60d"), [asked]) if v.name == "push")
    figures = run_variant(variant, 1, 0)
    for kind, ahead in (("joiner", 3), ("mover_grant", 5), ("mover_revoke", 4), ("leaver", 1)):
        assert figures[f"latency.{kind}.p50_s"] == pytest.approx(5 + ahead * spacing)
