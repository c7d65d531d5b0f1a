"""What the turnover of a run comes to: people in the order of their rows, and events in columns.

Invariant: rows of later arrivals are in the order in which they come; at the same millisecond employees come first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints
from sim.workforce.plan import NEVER, Employment
from sim.workforce.turnover.draw import Drawing, Mask, Rows, Stints
from sim.workforce.turnover.tidy import Columns, tidy


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Everybody who comes later: in the order of handles, and once finished in the order of coming.

    ``replaces``: the row whose place a contractor takes (else -1). ``value``: of a contractor when the contract ends,
    of a rehire 1. ``domain``: 0 the company's, or which acquired one. ``there``: whether they get a row of their own.
    """

    when: Ints
    kind: Ints
    employment: Ints
    reason: Ints
    value: Ints
    replaces: Ints
    places: Ints | None
    domain: Ints
    there: Mask

    def taken(self, rows: Ints) -> Arrivals:
        """These of them."""
        return Arrivals(
            self.when[rows],
            self.kind[rows],
            self.employment[rows],
            self.reason[rows],
            self.value[rows],
            self.replaces[rows],
            None if self.places is None else self.places[rows],
            self.domain[rows],
            self.there[rows],
        )


@dataclass(frozen=True, slots=True)
class Turnover:
    """What happens to a workforce.

    `served`: how many ms before the start the initial people joined, at least 1. `contract_ends`: when their contracts
    end, 0 for employees. `places`: locations of everybody by row. `events`: person, time, kind, reason, value, draw and
    pair, without the arrivals, in order of person and time. `ends`: until when the initial people are employees here.
    """

    employment: NDArray[np.uint8]
    served: Ints
    contract_ends: Ints
    places: Ints | None
    arrivals: Arrivals
    events: Columns
    ends: Ints


def finished(
    drawing: Drawing,
    contractor: Mask,
    served: Ints,
    contract_ends: Ints,
    places: Ints | None,
    arrivals: Arrivals,
    rows: Rows,
    start: Stints | None,
) -> Turnover:
    """Gives everybody a row, and puts the events in order."""
    size = drawing.plan.size
    present = np.flatnonzero(arrivals.there)
    order = present[np.argsort(arrivals.when[present], kind="stable")]
    row_of = np.full(size + len(arrivals.when), -1, dtype=np.int64)
    row_of[:size] = np.arange(size)
    row_of[size + order] = np.arange(size, size + len(order))
    who, *others = rows.columns()
    at, kind, reason, value, draw, pair = others
    coming = arrivals.taken(order)
    return Turnover(
        employment=np.where(contractor, Employment.CONTRACTOR, Employment.EMPLOYEE).astype(np.uint8),
        served=served,
        contract_ends=contract_ends,
        places=None if places is None or coming.places is None else np.concatenate((places, coming.places)),
        arrivals=coming,
        events=tidy((row_of[who], at, kind, reason, value, draw, pair)),
        ends=np.full(size, NEVER, dtype=np.int64) if start is None else np.where(start.here, start.end, -1),
    )
