from __future__ import annotations

import pytest

from sim.scenario import ScenarioError
from sim.whatif.variants import AS_IT_IS, Asked, VariantError, checked, grid


def names(*vary: str) -> list[str]:
    return [asked.name for asked in grid(vary)]


def test_a_grid_is_every_combination() -> None:
    found = grid(["provisioning.interval=20m,40m", "workforce.size=10,20"])
    assert [asked.name for asked in found] == [
        "interval=20m,size=10", "interval=20m,size=20", "interval=40m,size=10", "interval=40m,size=20",
    ]  # fmt: skip
    assert found[1].settings == ("provisioning.interval=20m", "workforce.size=20")


def test_names_are_as_long_as_it_takes_to_tell_keys_apart() -> None:
    assert names("workforce.rates.movers=0.1", "target.movers=2") == ["rates.movers=0.1,target.movers=2"]


def test_commas_inside_brackets_and_quotes_separate_nothing() -> None:
    assert names("workforce.hr_lag=0m,{uniform: [1h, 2h]},'a,b'") == [
        "hr_lag=0m", "hr_lag={uniform: [1h, 2h]}", "hr_lag='a,b'",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        (["provisioning.interval"], "not KEY=V1,V2"),
        (["=5m"], "not KEY=V1,V2"),
        (["provisioning.interval="], "a value is empty"),
        (["provisioning.interval=5m,,10m"], "a value is empty"),
        (["provisioning.interval=5m,5m"], "5m is given twice"),
        (["a=1", "a=2"], "--vary a is given twice"),
        ([f"a{i}={','.join(map(str, range(10)))}" for i in range(7)], "10,000,000 variants"),
    ],
)
def test_a_grid_that_is_none_is_refused(vary: list[str], words: str) -> None:
    with pytest.raises(VariantError, match=words):
        grid(vary)


def test_the_scenario_as_it_stands_is_the_baseline_wherever_it_stands_in_the_grid() -> None:
    found = checked("hello", [], grid(["provisioning.interval=5m,40m,2h"]))
    assert [variant.name for variant in found] == ["interval=40m", "interval=5m", "interval=2h"]


def test_where_no_variant_is_the_scenario_it_is_put_in_front() -> None:
    found = checked("hello", ["seed=3"], grid(["provisioning.interval=5m"]))
    assert [variant.name for variant in found] == [AS_IT_IS, "interval=5m"]
    assert "seed: 3" in found[1].text


def test_only_40_minutes_can_be_had_today() -> None:
    forty, five = checked("hello", [], grid(["provisioning.interval=5m,40m"]))
    assert forty.feasible.today
    assert not five.feasible.today
    assert "cannot be set" in five.feasible.how


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ("provisioning.intervall=5m", "--vary provisioning.intervall"),
        ("provisioning.interval=5", "has no unit"),
        ("provisioning.interval=-5m", "negative"),
    ],
)
def test_what_the_scenario_does_not_allow_is_refused_with_its_own_sentence(vary: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        checked("hello", [], grid([vary]))


def test_two_variants_of_one_name_are_refused() -> None:
    with pytest.raises(VariantError, match="two variants are called 'a'"):
        checked("hello", [], [Asked("a", ("seed=3",)), Asked("a", ("seed=4",))])
