"""A run gives the same digest whatever the machine, the hash seed or the CPU's features are."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from sim.scenario import load
from sim.world import World

ROOT = Path(__file__).parents[2]
RUN = """
from sim.scenario import load
from sim.world import World
world = World(load("plain", ["workforce.size=400", "duration=60d", "workforce.hr_lag={uniform: [0m, 9h]}"]).scenario)
world.run()
print(world.trace_sha256, world.traffic_sha256)
"""
TROUBLE = """
from sim.scenario import load
from sim.world import World
from tests.contract.test_faults import KINDS
from tests.properties.lost import scenario
troubled = scenario(faults=KINDS["everything"], provisioning__retries={"transient": "ladder", "ladder": ["50m"]})
for each in (load("expired-token").scenario, load("nickname-collisions").scenario, troubled):
    world = World(each)
    world.run()
    print(world.trace_sha256, world.traffic_sha256, world.driver.sums.tally.errors)
"""
"""A quarantine, conflicts on the ladder, and every kind of fault at once."""


def digests(run: str = RUN, **environment: str) -> list[str]:
    """The digests that a fresh interpreter gives."""
    result = subprocess.run(
        [sys.executable, "-c", run],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return digests(PYTHONHASHSEED="0")


@pytest.mark.parametrize("seed", ["1", "random"])
def test_the_hash_seed_changes_nothing(seed: str, expected: list[str]) -> None:
    assert digests(PYTHONHASHSEED=seed) == expected


def test_the_hash_seed_changes_nothing_about_faults_retries_and_quarantine() -> None:
    found = [digests(TROUBLE, PYTHONHASHSEED=seed) for seed in ("0", "1", "random")]
    assert found[0] == found[1] == found[2]
    assert all(int(errors) > 0 for errors in found[0][2::3])


def test_the_features_of_the_cpu_change_nothing(expected: list[str]) -> None:
    """NumPy without every feature that it could switch to at run time on this machine."""
    numpy_core = import_module("numpy._core._multiarray_umath")
    present = [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__[name]]
    assert digests(NPY_DISABLE_CPU_FEATURES=" ".join(present)) == expected


def test_a_run_has_the_digest_that_it_had_when_this_was_written() -> None:
    """Equal on every machine with the same locked versions; a change of it is a change of behaviour.

    Whoever changes behaviour on purpose writes the new digest here and says so in the changelog.
    """
    world = World(load("hello").scenario)
    world.run()
    assert world.trace_sha256 == HELLO


HELLO = "8b313fe7c482ca6e8aee554249f5d95d1662336b120c94603e3aecdd3147fb52"
