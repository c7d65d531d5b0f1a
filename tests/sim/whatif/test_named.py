from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import JmlabError
from sim.whatif.feasible import Feasible
from sim.whatif.named import read_variants
from sim.whatif.variants import checked


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "variants.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_file_names_variants_with_any_values_and_what_they_take(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "- {name: nightly, set: {provisioning.interval: 1d}}\n"
        "- name: own tool\n"
        "  set: {provisioning.interval: 15m, workforce.hr_lag: {uniform: [0m, 24h]}}\n"
        "  feasible: {today: true, how: a cron job}\n"
        "- {name: as it stands, feasible: false}\n",
    )
    found = checked("hello", (), read_variants(path))
    assert [variant.name for variant in found] == ["as it stands", "nightly", "own tool"]
    assert found[2].feasible == Feasible(today=True, how="a cron job")
    assert found[2].replaced["provisioning.interval"] == "15m"
    assert "interval: 15m" in found[2].text
    assert not found[0].feasible.today


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", None, "the file is empty; write a list of variants"),
        ("a: 1\n", 1, "this is a mapping; write a list of variants"),
        ("- nightly\n", 1, "a variant is a mapping such as"),
        ("- {set: {seed: 1}}\n", 1, "a variant has a name of 1 to 60 characters"),
        ("- name: a\n  sets: {}\n", 2, "unknown key 'sets'; allowed: name, set or feasible (did you mean 'set'?)"),
        ("- name: a\n  set: [1]\n", 2, "set is a mapping of the scenario's keys"),
        ("- name: a\n- name: b\n- name: a\n", 3, "'a' is the name of the variant in line 1 too"),
        ("- name: a\n  feasible: perhaps\n", 2, "feasible is true, false, or"),
        ("- name: [\n", None, "; check indentation, quotes and brackets"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int | None, sentence: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(JmlabError) as refused:
        read_variants(path)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(path if line is None else f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("provisioning.intervall", "20m", "unknown key"),
        ("provisioning.interval", "20", "has no unit"),
        ("provisioning.interval", "5s", "out of range"),
    ],
)
def test_a_value_that_the_scenario_refuses_is_told_with_the_line_of_the_file(
    tmp_path: Path, key: str, value: str, sentence: str
) -> None:
    path = written(tmp_path, f"- name: a\n  set:\n    seed: 3\n    {key}: {value}\n")
    with pytest.raises(JmlabError, match=sentence) as refused:
        checked("hello", (), read_variants(path))
    assert str(refused.value).startswith(f"{path}:4: ")
