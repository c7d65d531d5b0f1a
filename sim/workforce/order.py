"""Orders by several columns at once, as one sort of one number where the columns fit into it.

Invariant: the order is the stable one that ``numpy.lexsort`` gives; only the time that it takes is another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints

_ROOM = 63


def order_by(*columns: Ints) -> NDArray[np.intp]:
    """The stable order by the first column, then the second, and so on; values are whole numbers of 0 or more."""
    if not len(columns[0]):
        return np.zeros(0, dtype=np.intp)
    bits = [int(column.max()).bit_length() for column in columns]
    if sum(bits) > _ROOM or any(column.min() < 0 for column in columns):
        return np.lexsort(columns[::-1])
    key = columns[0].astype(np.int64)
    for column, width in zip(columns[1:], bits[1:], strict=True):
        key <<= width
        key |= column
    return np.argsort(key, kind="stable")
