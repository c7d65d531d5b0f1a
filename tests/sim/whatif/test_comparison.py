from __future__ import annotations

import pytest

from sim.whatif.comparison import Comparison, headline_values, odds_of_an_exception
from sim.whatif.experiment import Experiment, Replication
from sim.whatif.variants import checked, grid

HELLO = Experiment("hello", 7, tuple(checked("hello", [], grid(["provisioning.interval=20m,40m,2h"]))))
KEY = "latency.leaver.mean_s"


def results(*values: tuple[float, float, float | None]) -> dict[int, Replication]:
    """The mean latency in the baseline (40m), at 20m and at 2h, replication by replication."""
    names = [variant.name for variant in HELLO.variants]
    return {
        number: {name: {} if value is None else {KEY: value} for name, value in zip(names, row, strict=True)}
        for number, row in enumerate(values)
    }


def test_the_baseline_is_compared_with_nothing() -> None:
    found = Comparison(HELLO, results((1200, 600, 3600), (1220, 610, 3700)))
    assert found.to_baseline("interval=40m", KEY) is None
    assert found.differences("interval=40m") == {}


def test_differences_are_taken_replication_by_replication_and_hold_together() -> None:
    """600 - 1200 and 700 - 1220: -560 on average, sd 56.57. Two comparisons at 95 %: t(.9875, 1) = 25.45 each."""
    found = Comparison(HELLO, results((1200, 600, 3600), (1220, 700, 3700))).to_baseline("interval=20m", KEY)
    assert found is not None
    assert found.difference.mean == -560
    assert found.difference.low == pytest.approx(-560 - 25.4517 * 40, abs=0.1)


def test_a_replication_that_had_nothing_counts_in_neither_mean_nor_n() -> None:
    found = Comparison(HELLO, results((1200, 600, None), (1220, 700, 3700)))
    figure = found.figure("interval=2h", KEY)
    assert figure is not None
    assert (figure.interval.mean, figure.interval.n) == (3700, 1)
    pair = found.to_baseline("interval=2h", KEY)
    assert pair is not None
    assert pair.difference.mean == 3700 - 1220


def test_precision_is_asked_of_figures_that_every_replication_has() -> None:
    have = results((1200, 600, None), (1220, 700, 3700))
    assert headline_values(HELLO, have) == [[1200, 1220], [600, 700]]


def test_an_auditors_sample_of_25() -> None:
    """5 exceptions among 100: 1 - C(95, 25) / C(100, 25) = .772; a sample larger than the rest must hold one."""
    assert odds_of_an_exception(100, 5) == pytest.approx(0.7715, abs=1e-3)
    assert odds_of_an_exception(100, 0) == 0
    assert odds_of_an_exception(10, 3, 8) == 1
    assert odds_of_an_exception(10, 1) == 1
    assert odds_of_an_exception(0, 0) == 0
