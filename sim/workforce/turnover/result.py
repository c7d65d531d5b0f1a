"""What the turnover of a run comes to: people in the order of their rows, and events in columns.

Invariant: rows of later arrivals are in the order in which they come; at the same millisecond employees come first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints
from sim.workforce.plan import NEVER, Employment
from sim.workforce.turnover.draw import Drawing, Mask, Rows, Seats, Stints, seats_of
from sim.workforce.turnover.tidy import Columns, tidy


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Everybody who comes later: in the order of handles, and once finished in the order of coming.

    ``contract_ends``: of a contractor, else 0. ``domain``: 0 the company's, or which acquired one. ``there``: whether
    they get a row of their own.
    """

    when: Ints
    employment: Ints
    reason: Ints
    contract_ends: Ints
    seats: Seats
    domain: Ints
    there: Mask

    def taken(self, rows: Ints) -> Arrivals:
        """These of them."""
        return Arrivals(
            self.when[rows],
            self.employment[rows],
            self.reason[rows],
            self.contract_ends[rows],
            self.seats.taken(rows),
            self.domain[rows],
            self.there[rows],
        )


@dataclass(frozen=True, slots=True)
class Turnover:
    """What happens to a workforce.

    All but `arrivals`, `events` and `ends` is by row. `joined_at` is negative for those who are there at the start.
    `contract_ends` is 0 for employees. `events`: person, time, kind, reason, value, draw and pair, without the
    arrivals, in order of person and time. `ends`: until when the initial people are employees here, -1 for contractors.
    """

    employment: NDArray[np.uint8]
    joined_at: Ints
    contract_ends: Ints
    seats: Seats
    domain: Ints
    arrivals: Arrivals
    events: Columns
    ends: Ints


def finished(
    drawing: Drawing,
    contractor: Mask,
    served: Ints,
    contract_ends: Ints,
    seats: Seats,
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
    employment = np.where(contractor, Employment.CONTRACTOR, Employment.EMPLOYEE)
    return Turnover(
        employment=np.concatenate((employment, coming.employment)).astype(np.uint8),
        joined_at=np.concatenate((-served, coming.when)),
        contract_ends=np.concatenate((contract_ends, coming.contract_ends)),
        seats=seats_of([seats, coming.seats]),
        domain=np.concatenate((np.zeros(size, dtype=np.int64), coming.domain)),
        arrivals=coming,
        events=tidy((row_of[who], at, kind, reason, value, draw, pair)),
        ends=np.full(size, NEVER, dtype=np.int64) if start is None else np.where(start.here, start.end, -1),
    )
