"""A running latency, hop by hop, and what a move holds in the meantime."""

from __future__ import annotations

import pytest

from sim.observation.latency import HR, PROCESSING, RETRY, WAIT, Latencies, LatencyRow, Measure, Move
from sim.observation.notice import Notice

OLD, NEW = frozenset({1, 2}), frozenset({3})
NONE: frozenset[int] = frozenset()


def test_hops_add_up_to_the_latency() -> None:
    measure = Measure("leaver", 1, 7, 100, HR, Notice(done=False))
    for hop, now in ((WAIT, 150), (PROCESSING, 400), (RETRY, 410), (PROCESSING, 900), (PROCESSING, 905)):
        measure.enter(hop, now)
    assert measure.row(1000, ended=True) == ("leaver", 1, 7, 100, 1000, 900, 50, 250, 110, 490, 0)


def test_telling_of_a_measure_changes_nothing() -> None:
    measure = Measure("leaver", 1, 7, 100, WAIT, Notice(done=True))
    assert measure.row(300, ended=False) == measure.row(300, ended=False)
    assert measure.row(400, ended=False)[5] == sum(measure.row(400, ended=False)[6:])


@pytest.mark.parametrize(
    ("held", "both", "neither"),
    [
        ([(0, OLD), (10, OLD | NEW), (25, NEW)], 15, 0),
        ([(0, OLD), (10, NONE), (25, NEW)], 0, 15),
        ([(0, OLD), (10, OLD - {1}), (20, NEW | {2}), (30, NEW)], 10, 0),
        ([(0, OLD), (10, NEW)], 0, 0),
        ([(0, NONE), (10, NEW)], 0, 10),
    ],
)
def test_overlap_is_both_and_gap_is_neither(held: list[tuple[int, frozenset[int]]], both: int, neither: int) -> None:
    move = Move(OLD, NEW, held[0][1], held[0][0])
    for now, effective in held[1:]:
        move.tick(effective, now)
    assert move.so_far(40) == (both, neither)


def test_what_is_no_move_has_no_overlap() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Measure("leaver", 1, 7, 0, WAIT, Notice(done=True)).move_rows(10, ended=False)


def test_a_finished_latency_is_kept_by_kind_and_told_once() -> None:
    latencies = Latencies()
    told: list[LatencyRow] = []
    latencies.sink = told.append
    for start, end in ((0, 30), (10, 20)):
        measure = Measure("joiner", start, 7, start, WAIT, Notice(done=True, scripted=start == 0))
        measure.enter(PROCESSING, end - 5)
        latencies.finish(measure, end)
    assert list(latencies.done["joiner"]) == [30, 10]
    assert latencies.hop_sums["joiner"] == [0, 30, 10, 0, 0]
    assert [row[:6] for row in told] == [("joiner", 0, 7, 0, 30, 30), ("joiner", 10, 7, 10, 20, 10)]
    assert list(latencies.validated) == [0]


def test_an_event_that_was_overtaken_is_not_validated() -> None:
    latencies = Latencies()
    latencies.finish(Measure("mover_grant", 5, 7, 0, WAIT, Notice(done=True, scripted=True)), 10)
    latencies.end(5, "superseded", 20)
    assert (latencies.superseded, list(latencies.validated)) == (1, [])


def test_every_way_to_end_without_a_latency_has_its_own_count() -> None:
    latencies = Latencies()
    for event, outcome in enumerate(("superseded", "no_change", "no_change", "nothing_to_remove")):
        latencies.end(event, outcome, 0)
    assert (latencies.superseded, latencies.no_change, latencies.nothing_to_remove) == (1, 2, 1)
