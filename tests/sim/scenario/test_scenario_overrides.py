"""`--set KEY=VALUE`."""

from __future__ import annotations

import pytest

from sim.scenario import LoadedScenario, ScenarioError, load, loads
from sim.scenario.workforce import Workforce
from sim.time import DAY, MINUTE

TEXT = """\
scenario: small
title: A small one
start: 2026-03-02T08:00:00Z
duration: 3d
organisation:
  departments: [{name: Engineering}]
before:
  people:
    - {id: ann, given_name: Ann, family_name: Lee, department: Engineering}
workforce: none
timeline:
  - {at: 1h, do: leave, person: ann}
"""


def small(*overrides: str) -> LoadedScenario:
    return loads(TEXT, "small.yaml", overrides)


def refusal(*overrides: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        small(*overrides)
    return str(caught.value)


def test_override_replaces_a_value_that_is_there() -> None:
    assert small("duration=5d").scenario.duration == 5 * DAY


def test_override_sets_a_value_that_is_not_there() -> None:
    assert small("provisioning.interval=20m").scenario.provisioning.interval == 20 * MINUTE


def test_list_entry_is_named_by_its_number() -> None:
    assert small("timeline.0.at=2h").scenario.timeline[0].at == 120 * MINUTE


def test_no_workforce_becomes_one() -> None:
    workforce = small("workforce.size=5").scenario.workforce
    assert isinstance(workforce, Workforce)
    assert workforce.size == 5


def test_value_may_be_a_list_a_mapping_or_nothing() -> None:
    loaded = small("timeline=[]", "provisioning={interval: 1h, phase: 5m}", "workforce=")
    assert loaded.scenario.timeline == ()
    assert loaded.scenario.provisioning.phase == 5 * MINUTE
    assert loaded.scenario.workforce is None


def test_last_override_wins() -> None:
    assert small("seed=2", "seed=3").scenario.seed == 3


def test_value_may_hold_an_equals_sign() -> None:
    assert small("title=a=b").scenario.title == "a=b"


def test_key_made_of_digits_names_a_key_of_a_mapping() -> None:
    loaded = small("organisation.access.catalogue.2026=[{permission_set: ReadOnly, account: dev}]")
    assert list(loaded.scenario.organisation.access.catalogue) == ["2026"]


def test_overrides_work_on_the_catalogue() -> None:
    loaded = load("plain", ["workforce.size=100000", "duration=30d"])
    assert isinstance(loaded.scenario.workforce, Workforce)
    assert loaded.scenario.workforce.size == 100_000
    assert loaded.scenario.duration == 30 * DAY


def test_effective_text_holds_the_override() -> None:
    assert "\nseed: 99\n" in small("seed=99").text


def test_one_reading_is_not_changed_by_the_next() -> None:
    small("timeline.0.at=2h")
    assert small().scenario.timeline[0].at == 60 * MINUTE


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("duration", "--set: 'duration' is not KEY=VALUE; for example provisioning.interval=20m"),
        ("=5", "--set: '=5' is not KEY=VALUE; "),
        ("a..b=5", "--set: 'a..b=5' is not KEY=VALUE; "),
        ("duration=40", "--set duration: 40 has no unit; write a duration such as 100ms, "),
        (
            "provisoning.interval=20m",
            "--set provisoning.interval: provisoning: unknown key; allowed here: scenario, title, brief, ",
        ),
        ("provisioning.intervall=20m", "--set provisioning.intervall: unknown key; allowed here: strategy, interval"),
        ("provisioning={intervall: 20m}", "--set provisioning: provisioning.intervall: unknown key; allowed here: "),
        ("timeline.7.at=1h", "--set timeline.7.at: timeline has no entry 7; allowed: from 0 to 0"),
        ("before.groups.0=x", "--set before.groups.0: before.groups: must be a list, not a mapping; "),
        ("before.people.x=1", "--set before.people.x: before.people is a list; name an entry by its number, not by"),
        ("title.x=1", "--set title.x: title is a single value; it has no keys of its own"),
        ("title=[", "--set title: not valid YAML ("),
        ("title=!x y", "--set title: the YAML tag !x is not allowed; "),
        ("timeline.0.person=anne", "--set timeline.0.person: unknown person 'anne'; "),
    ],
)
def test_bad_override_is_told_as_the_override(override: str, sentence: str) -> None:
    assert refusal(override).startswith(sentence)


def test_misspelt_key_is_told_with_the_nearest_one() -> None:
    assert refusal("provisoning.interval=20m").endswith("(did you mean 'provisioning'?)")


def test_empty_list_has_no_entry() -> None:
    assert refusal("timeline=[]", "timeline.0.at=1h") == (
        "--set timeline.0.at: timeline has no entry 0; allowed: none, for it is empty"
    )


def test_what_an_override_breaks_elsewhere_is_told_where_it_stands() -> None:
    assert refusal("before.people=[]").startswith("small.yaml:12: timeline.0.person: unknown person 'ann'; ")
