from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.workforce.order import order_by

NUMBERS = st.one_of(st.integers(0, 3), st.integers(0, 2**40), st.integers(-5, 5))


@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(0, 12)), max_size=40))
def test_the_order_is_that_of_a_stable_sort_of_tuples(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array([row[column] for row in rows], dtype=np.int64) for column in range(3)]
    assert order_by(*columns).tolist() == sorted(range(len(rows)), key=lambda row: rows[row])
