"""Levels made of columns are those that follow every change, one after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.observation.level import Level
from sim.whatif.columns.lasting import OPEN, Lasting, level

END = 20
STRETCHES = st.lists(st.tuples(st.integers(0, END - 1), st.integers(0, 8) | st.just(OPEN)), max_size=12)


@given(STRETCHES, st.integers(0, 12))
def test_a_level_of_stretches_is_the_one_that_was_followed(stretches: list[tuple[int, int]], beside: int) -> None:
    """``beside``: how many are there at the start beside those that begin; none of them ends."""
    told = [(since, OPEN if lasts == OPEN else min(since + lasts, END - 1)) for since, lasts in stretches]
    followed = Level(beside)
    changes = [(since, 1) for since, _ in told] + [(until, -1) for _, until in told if until != OPEN]
    for at, step in sorted(changes, key=lambda change: change[0]):
        (followed.begin if step > 0 else followed.end)(at)
    lasting = Lasting()
    for half in (told[::2], told[1::2]):
        columns = np.array(half, dtype=np.int64).reshape(-1, 2)
        lasting.add(columns[:, 0], columns[:, 1])
    found = level([lasting], END, beside)
    assert (found.now, found.peak, found.sum_ms(END)) == (followed.now, followed.peak, followed.sum_ms(END))
