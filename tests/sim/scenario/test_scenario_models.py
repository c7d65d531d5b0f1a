"""What each part of a scenario means, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from faker.config import AVAILABLE_LOCALES
from pydantic import BaseModel, ValidationError

from sim.scenario import Scenario, ScenarioError, scenario_from
from sim.scenario.fields import Distribution
from sim.scenario.organisation import PersonSpec
from sim.scenario.sentences import problems_of
from sim.scenario.workforce import Workforce
from sim.time import DAY, HOUR, MINUTE

Build = Callable[..., Scenario]
LEAST: dict[str, Any] = {"scenario": "x", "title": "X", "start": "2026-03-02T08:00:00Z", "duration": "3d"}
DEPARTMENTS: dict[str, Any] = {"departments": [{"name": "Engineering"}]}


def person(**facts: Any) -> PersonSpec:
    return PersonSpec.model_validate({"id": "p1", "department": "Engineering", **facts})


def refusal(**changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        scenario_from({**LEAST, **changes})
    return str(caught.value).removeprefix("scenario: ")


def test_four_keys_make_a_scenario_and_everything_else_has_a_default() -> None:
    scenario = scenario_from(LEAST)
    assert scenario.start == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert scenario.duration == 3 * DAY
    assert (scenario.brief, scenario.drain, scenario.seed, scenario.start_state) == ("", 0, 1, "empty")
    assert scenario.organisation.domain == "contoso.example"
    assert scenario.organisation.truth_of_manual_changes == "follows"
    assert scenario.workforce is None
    assert scenario.provisioning.strategy == "cycle"
    assert scenario.provisioning.interval == 40 * MINUTE
    assert scenario.provisioning.phase == "random"
    assert scenario.provisioning.on_leave == "disable"
    assert (scenario.provisioning.pace.initial, scenario.provisioning.pace.incremental) == (1.2, 10.0)
    assert (scenario.provisioning.members_per_patch, scenario.provisioning.patch_dialect) == (1, "legacy")
    assert not scenario.provisioning.connection_probe
    assert scenario.target.profile == "aws"
    assert scenario.target.request_time == 100
    assert scenario.target.users_quota == 100_000
    assert scenario.timeline == ()


def test_scenario_is_frozen() -> None:
    scenario = scenario_from(LEAST)
    with pytest.raises(ValidationError, match="frozen"):
        scenario.seed = 2


def test_parts_can_be_built_without_a_file() -> None:
    assert Scenario(**LEAST).workforce is None
    assert Workforce(size=20).contractors == 0.18


def test_start_is_kept_in_utc() -> None:
    assert scenario_from({**LEAST, "start": "2026-03-02T09:00:00+01:00"}) == scenario_from(LEAST)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": 2026}, "start: must be a date and time, not the number 2026; "),
        ({"start": "2026-03-02T08:00:00.5Z"}, "start: 2026-03-02T08:00:00.5Z has a fraction of a second; "),
        ({"duration": "0m"}, "duration: 0m is out of range; allowed is from 1s to 36525d"),
        ({"duration": None}, "duration: must be a duration, not nothing; "),
        ({"duration": True}, "duration: must be a duration, not true; "),
        ({"duration": ["3d"]}, "duration: must be a duration, not a list; "),
        ({"drain": "-1h"}, "drain: -1h is negative; "),
        ({"seed": -1}, "seed: must be 0 or more, not the number -1"),
        ({"seed": True}, "seed: must be a whole number, not true; for example 20"),
        ({"seed": 10**30}, "seed: must be 9,223,372,036,854,775,807 or less, not the number 1000"),
        ({"title": ""}, "title: '' is not allowed; write one line of 1 to 256 characters"),
        ({"title": "two\nlines"}, r"title: 'two\nlines' is not allowed; "),
        ({"scenario": "x" * 65}, "scenario: 'xxx"),
        ({"organisation": {"domain": "Contoso"}}, "organisation.domain: 'Contoso' is not allowed; write a domain"),
        (
            {"organisation": {"departments": [{"name": "A", "weight": 0}]}},
            "organisation.departments.0.weight: must be 1 or more",
        ),
        (
            {"organisation": {"departments": [{"name": "A"}, {"name": "a"}]}},
            "organisation.departments.1.name: the department 'a' stands here twice; keep one",
        ),
        (
            {"organisation": {"access": {"birthright": [{"groups": []}]}}},
            "organisation.access.birthright.0.groups: the list is empty; it needs at least 1 entry",
        ),
        (
            {"organisation": {"access": {"catalogue": {"": []}}}},
            "organisation.access.catalogue.: '' is not allowed; write one line of 1 to 256 characters",
        ),
        (
            {"organisation": {"access": {"catalogue": []}}},
            "organisation.access.catalogue: must be a mapping, not a list; ",
        ),
        (
            {"provisioning": {"strategy": "push"}},
            "provisioning.strategy: 'push' is not allowed; write cycle, ticket, event or none",
        ),
        ({"provisioning": {"phase": "2d"}}, "provisioning.phase: 2d is out of range; allowed is random, or a duration"),
        ({"provisioning": {"phase": "-1m"}}, "provisioning.phase: -1m is negative; "),
        (
            {"provisioning": {"pace": {"initial": 0}}},
            "provisioning.pace.initial: must be more than 0, not the number 0",
        ),
        ({"provisioning": {"pace": {"incremental": 1001}}}, "provisioning.pace.incremental: must be 1,000 or less"),
        (
            {"provisioning": {"pace": {"initial": float("nan")}}},
            "provisioning.pace.initial: must be a number, not the number nan",
        ),
        ({"provisioning": {"members_per_patch": 101}}, "provisioning.members_per_patch: must be 100 or less"),
        ({"target": {"profile": "rfc7644"}}, "target.profile: 'rfc7644' is not allowed; write aws"),
        (
            {"organisation": {"access": {"catalogue": {"G": [{"permission_set": "A", "acount": "dev"}]}}}},
            "organisation.access.catalogue.G.0.acount: unknown key; allowed here: permission_set, account or privil",
        ),
        ({"target": {"limits": "azure"}}, "target.limits: 'azure' is not allowed; write none or aws"),
        ({"target": {"request_time": "2h"}}, "target.request_time: 2h is out of range; allowed is from 0m to 1h"),
        ({"target": {"accounts": ["dev", "dev"]}}, "target.accounts.1: the account 'dev' stands here twice; keep one"),
        (
            {"target": {"permission_sets": [{"name": "A", "session": "13h"}]}},
            "target.permission_sets.0.session: 13h is out of range; allowed is from 1h to 12h",
        ),
        ({"before": {"groups": [{"name": "A"}, {"name": "A"}]}}, "before.groups.1.name: the group 'A' stands here"),
        ({"timeline": ["leave"]}, "timeline.0: must be a mapping, not 'leave'"),
    ],
)
def test_bad_value_is_refused_with_what_is_allowed(changes: dict[str, Any], sentence: str) -> None:
    assert refusal(**changes).startswith(sentence)


class Complaining(BaseModel):
    key: date


def test_complaint_without_a_sentence_of_its_own_points_to_the_schema() -> None:
    with pytest.raises(ValidationError) as caught:
        Complaining.model_validate({"key": "x"})
    (problem,) = problems_of(caught.value, Complaining, {"key": "x"})
    assert (problem.path, problem.sentence) == (("key",), "'x' is not allowed here; see `jmlab scenario schema`")


# --- workforce ----------------------------------------------------------------


@pytest.mark.parametrize("written", ["none", None])
def test_no_workforce_is_written_as_none_or_left_out(written: str | None) -> None:
    assert scenario_from({**LEAST, "workforce": written}).workforce is None


def test_workforce_lives_at_the_usual_rates() -> None:
    workforce = Workforce(size=20)
    assert (workforce.rates.joiners, workforce.rates.leavers, workforce.rates.movers) == (0.17, 0.17, 0.12)
    assert workforce.counts is None
    assert workforce.contract.mean == 180 * DAY
    assert workforce.calendar == "uniform"
    assert workforce.locale == "en_US"
    assert workforce.hr_lag == (0, 0)


def test_counts_stand_in_place_of_rates() -> None:
    counts = Workforce.model_validate({"size": 20, "counts": {"joiner": 4, "contractor_expiry": 2}}).counts
    assert counts is not None
    assert (counts.joiner, counts.mover, counts.leaver, counts.contractor_expiry) == (4, 0, 0, 2)


def test_joiners_may_leave_again_so_they_count_when_leavers_are_checked() -> None:
    enough = {"size": 1, "counts": {"joiner": 1, "leaver": 1, "contractor_expiry": 1}}
    assert scenario_from({**LEAST, "organisation": DEPARTMENTS, "workforce": enough}).workforce is not None
    too_many = {"size": 1, "counts": {"joiner": 1, "leaver": 2, "contractor_expiry": 1}}
    assert "more people go than there are (2)" in refusal(organisation=DEPARTMENTS, workforce=too_many)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("0m", (0, 0)), ("2h", (2 * HOUR, 2 * HOUR)), ({"uniform": ["24h", "72h"]}, (DAY, 3 * DAY))],
)
def test_hr_lag_is_constant_or_uniform(written: object, expected: tuple[int, int]) -> None:
    workforce = Workforce.model_validate({"size": 20, "hr_lag": written})
    assert workforce.hr_lag == expected
    assert isinstance(workforce.hr_lag, Distribution)
    assert workforce.hr_lag.constant == (expected[0] == expected[1])


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"weibull": {}}, "workforce.hr_lag: unknown distribution weibull; write a duration such as 0m, {uniform: "),
        ({"lognormal": {}}, "workforce.hr_lag.lognormal: needs a median and a p95; "),
        ({"lognormal": {"median": "2h", "p95": "1h"}}, "workforce.hr_lag.lognormal: the median is above 0, and "),
        ({"empirical": []}, "workforce.hr_lag.empirical: needs 1 to 100,000 durations"),
        ({"empirical": "absent.csv"}, "workforce.hr_lag.empirical: 'absent.csv' cannot be read: No such file"),
        ({}, "workforce.hr_lag: unknown distribution an empty mapping; "),
        ({"uniform": "1h"}, "workforce.hr_lag.uniform: must be a list of two durations, not '1h'; "),
        ({"uniform": ["1h"]}, "workforce.hr_lag.uniform: must be a list of two durations, not a list; "),
        ({"uniform": ["1h", 2]}, "workforce.hr_lag: 2 has no unit; "),
        ("-1h", "workforce.hr_lag: -1h is negative; "),
        ([], "workforce.hr_lag: must be a duration or a distribution, not a list; "),
        (None, "workforce.hr_lag: must be a duration or a distribution, not nothing; "),
    ],
)
def test_other_distributions_are_refused(written: object, sentence: str) -> None:
    said = refusal(organisation=DEPARTMENTS, workforce={"size": 20, "hr_lag": written})
    assert said.startswith(sentence)


def test_distribution_may_be_given_ready_made() -> None:
    lag = Distribution(HOUR, DAY)
    assert Workforce(size=20, hr_lag=lag).hr_lag == lag


def test_every_locale_is_one_that_faker_has() -> None:
    allowed = Workforce.model_json_schema()["properties"]["locale"]["enum"]
    assert set(allowed) <= set(AVAILABLE_LOCALES)


# --- provisioning -------------------------------------------------------------


def test_phase_may_be_fixed() -> None:
    scenario = scenario_from({**LEAST, "provisioning": {"phase": "5m"}})
    assert scenario.provisioning.phase == 5 * MINUTE


# --- people -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "family_name", "expected"),
    [
        ("Tina", "Chen", "tina.chen@contoso.example"),
        ("Zoë", "O'Hara", "zoe.ohara@contoso.example"),
        ("Jürgen", "Groß", "jurgen.gross@contoso.example"),
        ("Maria José", "van der Berg", "mariajose.vanderberg@contoso.example"),
        ("Søren", "Ærø", "soren.aero@contoso.example"),
        ("Łukasz", "Żak", "lukasz.zak@contoso.example"),
        ("李", "Wei", "wei@contoso.example"),
        ("李", "伟", "p1@contoso.example"),
        ("A" * 100, "B", f"{'a' * 64}@contoso.example"),
        ("A" * 63, "B", f"{'a' * 63}@contoso.example"),
    ],
)
def test_user_principal_name_is_made_of_the_names(given_name: str, family_name: str, expected: str) -> None:
    somebody = person(given_name=given_name, family_name=family_name)
    assert somebody.upn("contoso.example") == expected
    assert somebody.nickname("contoso.example") == expected.partition("@")[0]


def test_written_names_win_over_made_ones() -> None:
    somebody = person(
        given_name="Tina", family_name="Chen", user_principal_name="t.chen@contoso.example", mail_nickname="tina"
    )
    assert somebody.display_name == "Tina Chen"
    assert somebody.upn("other.example") == "t.chen@contoso.example"
    assert somebody.nickname("other.example") == "tina"


def test_contract_may_end_before_the_start_or_at_a_date(build: Build) -> None:
    facts = {"given_name": "Cy", "family_name": "Roe", "department": "Security", "employment": "contractor"}
    scenario = build(
        before__people=[
            {"id": "c1", **facts, "contract_end": "-35d"},
            {"id": "c2", **facts, "contract_end": "2026-03-03T08:00:00Z", "user_principal_name": "c2@contoso.example"},
        ]
    )
    assert [each.contract_end for each in scenario.before.people] == [-35 * DAY, DAY]


# --- target -------------------------------------------------------------------


def test_accounts_and_permission_sets_left_out_are_those_of_the_catalogue(build: Build) -> None:
    target = build().target
    assert target.accounts == ("dev", "prod")
    assert [each.name for each in target.permission_sets] == ["ReadOnly", "SecurityAudit"]
    assert all(each.session == HOUR for each in target.permission_sets)


def test_accounts_given_are_taken_as_they_are(build: Build) -> None:
    target = build(target={"accounts": ["prod", "dev", "spare"]}).target
    assert target.accounts == ("prod", "dev", "spare")
    assert [each.name for each in target.permission_sets] == ["ReadOnly", "SecurityAudit"]
