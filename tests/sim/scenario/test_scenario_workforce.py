from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.scenario import ScenarioError, scenario_from
from sim.scenario.canonical import canonical_text
from sim.scenario.loader import load, loads
from sim.scenario.sources import assumptions
from sim.scenario.workforce import PARTS, Workforce
from sim.staffing import workforce_plan
from sim.time import DAY, HOUR

LEAST: dict[str, Any] = {
    "scenario": "x",
    "title": "X",
    "start": "2026-03-02T08:00:00Z",
    "duration": "90d",
    "organisation": {"departments": [{"name": "A"}, {"name": "B"}]},
}


def workforce(**settings: Any) -> Workforce:
    found = scenario_from(LEAST | {"workforce": {"size": 20, **settings}}).workforce
    assert isinstance(found, Workforce)
    return found


def refusal(**settings: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        workforce(**settings)
    return f"{caught.value.key}: {caught.value.sentence}"


def test_a_plain_workforce_has_none_of_the_further_kinds() -> None:
    plain = workforce()
    assert all(getattr(plain, part) is None for part in PARTS)
    assert plain.contract.renewal is None
    plan = workforce_plan(scenario_from(LEAST | {"workforce": {"size": 20}}))
    assert plan is not None
    assert (plan.joining, plan.leaving, plan.moving, plan.contract, plan.hr, plan.bulk) == (None,) * 5 + ((),)


def test_the_corporate_profile_switches_on_everything_with_its_defaults() -> None:
    corporate = workforce(profile="corporate")
    assert all(getattr(corporate, part) is not None for part in PARTS)
    assert corporate.contract.renewal is not None
    assert (corporate.calendar, corporate.managers) == ("corporate", True)
    assert corporate.rehires is not None
    assert corporate.rehires.share == 0.10


def test_what_the_profile_switches_on_can_be_switched_off_or_changed() -> None:
    changed = workforce(
        profile="corporate", rehires="none", leaving={"death": 0}, calendar="uniform", contract={"renewal": "none"}
    )
    assert changed.rehires is None
    assert changed.leaving is not None
    assert (changed.leaving.death, changed.leaving.retirement) == (0, 0.04)
    assert changed.contract.renewal is None


@pytest.mark.parametrize(
    "settings",
    [
        {"profile": "corporate"},
        {"profile": "corporate", "rehires": "none", "contract": {"renewal": "none"}},
        {"hr_lag": {"lognormal": {"median": "2h", "p95": "20h"}}, "hr": {"outside": {}, "workflow": "0m"}},
        {"bulk": [{"kind": "layoff", "at": "2026-03-09T09:00:00Z"}, {"kind": "cohort", "at": "3d", "people": 5}]},
        {"calendar": "corporate", "timezone": "Europe/Berlin", "holidays": ["2026-05-01", "DE-BY"]},
    ],
)
def test_what_the_journal_keeps_of_a_workforce_reads_back(settings: dict[str, Any]) -> None:
    scenario = scenario_from(LEAST | {"workforce": {"size": 20, **settings}})
    text = canonical_text(scenario)
    assert loads(text, "journal").scenario == scenario
    assert canonical_text(loads(text, "journal").scenario) == text


def test_every_default_that_stands_for_the_real_world_names_source_and_grade() -> None:
    found = {each.key: each for each in assumptions(load("plain", ["workforce.profile=corporate"]).scenario)}
    for key, grade in (
        ("workforce.leaving.involuntary", "B"),
        ("workforce.contract.renewal.extended", "D"),
        ("workforce.contract.renewal.cap", "C"),
        ("workforce.rehires.share", "B"),
        ("workforce.absences.rate", "D"),
        ("workforce.days.leaving.weekdays", "B"),
        ("workforce.days.joining.monday", "D"),
        ("workforce.hr.known.late", "D"),
        ("workforce.hr.workflow", "A"),
    ):
        assert (found[key].grade, bool(found[key].source)) == (grade, True), key


def test_measured_durations_are_read_beside_the_scenario_and_kept_in_it(tmp_path: Path) -> None:
    (tmp_path / "lag.csv").write_text("lag\n2h\n30m\n1d\n", encoding="utf-8")
    lines = [f"{key}: {value}" for key, value in LEAST.items() if key != "organisation"]
    lines.append("organisation: {departments: [{name: A}]}")
    file = tmp_path / "x.yaml"
    file.write_text("\n".join([*lines, "workforce: {size: 20, hr_lag: {empirical: lag.csv}}"]), encoding="utf-8")
    loaded = load(str(file))
    assert "- 30m" in loaded.text
    plan = workforce_plan(loads(loaded.text, "journal").scenario)
    assert plan is not None
    assert plan.hr_lag.table is not None
    assert float(plan.hr_lag.table.mean()) == pytest.approx((1.25 * HOUR + 13 * HOUR) / 2)


def test_a_measured_duration_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "lag.csv"
    file.write_text("2h\nsoon\n", encoding="utf-8")
    assert "workforce.hr_lag.empirical: lag.csv:2: 'soon' is not a duration" in refusal(hr_lag={"empirical": str(file)})


def test_account_expires_never_reaches_entra() -> None:
    plan = workforce_plan(
        scenario_from(LEAST | {"workforce": {"size": 20, "hr": {"outside": {"how": "account_expires"}}}})
    )
    assert plan is not None
    assert plan.hr is not None
    assert (plan.hr.outside, plan.hr.outside_how) == (1, "never")


def test_offices_have_clocks_and_holidays_of_their_own_or_those_of_the_workforce() -> None:
    places = [{"name": "Berlin", "timezone": "Europe/Berlin", "holidays": ["2026-05-01"]}, {"name": "Lisbon"}]
    scenario = scenario_from(
        LEAST
        | {
            "organisation": {"departments": [{"name": "A"}], "locations": places},
            "workforce": {"size": 20, "calendar": "corporate", "timezone": "Europe/Lisbon"},
        }
    )
    plan = workforce_plan(scenario)
    assert plan is not None
    assert [(place.name, place.zone, place.holidays) for place in plan.locations] == [
        ("Berlin", "Europe/Berlin", ("2026-05-01",)),
        ("Lisbon", "Europe/Lisbon", ()),
    ]


def test_a_bulk_event_takes_the_usual_share_and_time_unless_it_says_otherwise() -> None:
    plan = workforce_plan(
        scenario_from(
            LEAST
            | {"workforce": {"size": 20, "bulk": [{"kind": "acquisition", "at": "3d"}, {"kind": "layoff", "at": "9d"}]}}
        )
    )
    assert plan is not None
    assert [(bulk.share, bulk.over) for bulk in plan.bulk] == [(0.10, 2 * DAY), (0.05, 3 * HOUR)]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"leaving": {"involuntary": 0.9, "retirement": 0.2}}, "workforce.leaving: the shares of the reasons are more"),
        ({"contract": {"renewal": {"extended": 1}}}, "workforce.contract.renewal: extended and converted are more"),
        ({"hr": {"known": {"late": 0.9}}}, "workforce.hr.known: same_day and late are more than 1 together"),
        ({"timezone": "Europe/Berlin"}, "workforce.timezone: timezone is for the corporate calendar; set calendar"),
        ({"calendar": "corporate", "timezone": "Mars/Base"}, "workforce.timezone: 'Mars/Base' is no time zone"),
        ({"calendar": "corporate", "holidays": ["Mars"]}, "workforce.holidays: 'Mars' has no holidays"),
        ({"days": {"leaving": {"weekdays": [0] * 7}}, "calendar": "corporate"}, "days.leaving.weekdays: at least one"),
        ({"bulk": [{"kind": "layoff", "at": "1d", "share": 0.1, "people": 3}]}, "share and people exclude each other"),
        ({"bulk": [{"kind": "layoff", "at": "1d", "after": "3d"}]}, "bulk.0.after: nothing follows a layoff"),
        ({"bulk": [{"kind": "cohort", "at": "1d", "domain": "b.example"}]}, "only an acquisition brings a domain"),
        ({"counts": {"leaver": 1}, "leaving": {}}, "counts say all that happens, so leaving cannot be there"),
        ({"moving": {}}, "workforce.moving.cascades: managers whose reports get another need managers"),
        ({"moving": {"secondment": "0m"}}, "workforce.moving.secondment: a secondment lasts longer than 0"),
    ],
)
def test_a_workforce_that_cannot_be_is_refused_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(**settings)


def test_what_a_bulk_event_does_not_say_is_an_assumption_and_stands_in_the_scenario() -> None:
    bulk = [{"kind": "acquisition", "at": "3d", "domain": "b.example"}, {"kind": "layoff", "at": "9d", "people": 4}]
    scenario = scenario_from(LEAST | {"workforce": {"size": 20, "bulk": bulk}})
    found = {each.key: (each.value, each.grade) for each in assumptions(scenario) if "bulk" in each.key}
    assert found == {
        "workforce.bulk.0.share": (0.10, "D"),
        "workforce.bulk.0.over": ("2d", "D"),
        "workforce.bulk.0.after": ("90d", "D"),
        "workforce.bulk.1.over": ("3h", "D"),
    }
    assert loads(canonical_text(scenario), "journal").scenario == scenario
