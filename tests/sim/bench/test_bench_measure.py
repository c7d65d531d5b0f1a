from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.bench.measure import ENOUGH, LEAST, MOST, Samples, alternate, machine, short, timed
from sim.bench.memory import measure_memory, peak
from sim.errors import JmlabError


def taking(seconds: float, name: str, order: list[str]) -> Callable[[], float]:
    def measured() -> float:
        order.append(name)
        return seconds

    return measured


@pytest.mark.parametrize(("seconds", "times"), [(ENOUGH / 1_000, MOST), (ENOUGH, LEAST), (ENOUGH / 5, 5)])
def test_things_are_measured_by_turns_and_more_often_when_that_costs_little(seconds: float, times: int) -> None:
    order: list[str] = []
    noted: list[int] = []
    thing, baseline = alternate(
        taking(seconds, "thing", order), taking(1, "floor", order), lambda n, *_: noted.append(n)
    )
    assert order == ["floor", "thing"] * times
    assert thing.seconds == (seconds,) * times
    assert baseline.seconds == (1,) * times
    assert noted == list(range(1, times + 1))


def test_the_middle_of_several_is_their_median() -> None:
    samples = Samples((3.0, 1.0, 50.0))
    assert samples.middle == 3
    assert str(samples) == "3.00 s [1.00..50.0], n=3"


def test_what_is_timed_is_done_once() -> None:
    count = itertools.count()
    assert timed(lambda: next(count)) > 0
    assert next(count) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.00663, "0.00663"),
        (0.12345, "0.123"),
        (1, "1.00"),
        (59.08, "59.1"),
        (447646, "447,646"),
        (-2, "-2.00"),
    ],
)
def test_figures_show_three_digits_that_count(value: float, text: str) -> None:
    assert short(value) == text


def test_the_machine_is_described_and_not_named() -> None:
    assert set(machine()) == {"python", "implementation", "cpus", "platform", "load_average"}


def test_memory_is_measured_without_what_this_process_has_taken() -> None:
    taken = bytearray(400_000_000)
    taken[::4096] = b"1" * len(taken[::4096])
    assert peak() > 400
    memory = measure_memory(5)
    assert 10 < memory.loaded <= memory.year < 400


@pytest.fixture
def ends_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Puts a shell script in the place of the Python that measures."""

    def put(script: str) -> None:
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))

    return put


def test_a_measuring_process_that_the_system_ends_is_told_in_a_sentence(ends_with: Callable[[str], None]) -> None:
    ends_with("kill -9 $$")
    with pytest.raises(JmlabError, match="a simulated year with 5 people was ended by signal 9; it may"):
        measure_memory(5)


def test_a_measuring_process_that_fails_by_itself_is_a_fault_of_the_program(ends_with: Callable[[str], None]) -> None:
    ends_with("exit 1")
    with pytest.raises(subprocess.CalledProcessError):
        measure_memory(5)
