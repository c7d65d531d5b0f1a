"""Variants of a scenario that has its people from a file, on a machine where there is no such file."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim.whatif.execution import carry_out, local
from sim.whatif.experiment import Experiment, replicate, result_sha256, scenario_of
from sim.whatif.variants import checked, grid

PEOPLE = """kind,person,effective_at,department,employment
present,ann,,Engineering,employee
present,bob,,Engineering,employee
present,cyd,,Finance,employee
leaver,bob,2026-03-02T13:10:00Z,Engineering,
joiner,dan,2026-03-02T15:00:00Z,Finance,employee
"""


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """Two intervals and two lags of HR over a file that is gone when it has been read."""
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    asked = grid(["provisioning.interval=20m,40m", "workforce.hr_lag=0m,{uniform: [0h, 6h]}"])
    found = checked("hello", ["timeline=[]", "faults=[]", "workforce.from=people.csv"], asked)
    file.unlink()
    return Experiment("hello", 7, tuple(found))


def test_the_file_is_needed_no_more_once_variants_are_checked(experiment: Experiment) -> None:
    elsewhere: Experiment = pickle.loads(pickle.dumps(experiment))
    assert replicate(elsewhere, 0) == replicate(experiment, 0)
    assert elsewhere.key == experiment.key


def test_all_variants_share_what_the_file_said(experiment: Experiment) -> None:
    listings = {id(variant.listing) for variant in experiment.variants}
    assert len(listings) == 1
    assert scenario_of(experiment.variants[0]).listing == experiment.variants[0].listing


def test_what_the_file_leaves_open_is_drawn_anew_in_every_replication(experiment: Experiment) -> None:
    late = next(variant.name for variant in experiment.variants if "uniform" in variant.name)
    waits = {replicate(experiment, number)[late]["latency.leaver.hops.hr_s"] for number in range(3)}
    assert len(waits) == 3


def test_another_file_is_another_experiment(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE.replace("13:10", "13:20"), encoding="utf-8")
    found = checked("hello", ["timeline=[]", "faults=[]", "workforce.from=people.csv"], [])
    (tmp_path / "people.csv").write_text(PEOPLE.replace("13:10", "13:30"), encoding="utf-8")
    other = checked("hello", ["timeline=[]", "faults=[]", "workforce.from=people.csv"], [])
    assert found[0].text == other[0].text
    assert Experiment("hello", 7, tuple(found)).key != Experiment("hello", 7, tuple(other)).key


@pytest.mark.slow
def test_other_processes_need_no_file(experiment: Experiment) -> None:
    here = {number: replicate(experiment, number) for number in range(2)}
    with local(2) as workers:
        there = carry_out(experiment, workers, {}, lambda prefix: 2, lambda number, replication: None)
    assert result_sha256(there) == result_sha256(here)
