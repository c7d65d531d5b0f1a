"""Events of one millisecond come in the order in which the world's feeders hand them out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import load
from sim.whatif.columns.feeders import handed_out, order_of
from sim.workforce.schedule import Schedule
from sim.world import World

EVENTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=14)


@given(EVENTS)
def test_events_come_to_pass_as_the_feeders_of_a_world_hand_them_out(told: list[tuple[int, int, int]]) -> None:
    """(minute, kind of event, minutes until HR acts) each; everybody is somebody else."""
    minute = 60_000
    at, kind, lag = (np.array(column, dtype=np.int64) for column in zip(*told, strict=True))
    schedule = Schedule(
        at=at * minute, kind=kind, person=np.arange(len(told)), facts=np.zeros(len(told), dtype=np.int64),
        directory_at=(at + lag) * minute,
    )  # fmt: skip
    true, acts = _handed_out(schedule)
    found = order_of(schedule, *handed_out(schedule))
    assert [column.tolist() for column in found] == [true, acts]


def _handed_out(schedule: Schedule) -> tuple[list[int], list[int]]:
    """Rows in the order in which a world's lifecycle takes them up, in truth and in the directory."""
    from sim.kernel import Kernel
    from sim.workforce.lifecycle import Lifecycle

    world = World(load("hello").scenario)
    parts = world.parts
    assert parts.start is not None
    true: list[int] = []
    acts: list[int] = []

    class Noted(Lifecycle):
        def _true(self, row: int) -> None:
            true.append(row)
            if self._directory_at[row] <= self._at[row]:
                acts.append(row)

        def _act(self, row: int) -> None:
            acts.append(row)

    kernel = Kernel(0)
    Noted(kernel, schedule, parts.start, parts.register, parts.hr, lambda kind, error: None).begin()
    while kernel.peek() < 60_000 * 60:
        kernel.step()
    return true, acts
