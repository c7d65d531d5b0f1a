"""A workforce in which exactly so many events of each kind happen.

Invariant: leavers and movers are different initial employees as long as there are enough of them; the counts are kept,
or refused.
"""

from __future__ import annotations

import numpy as np

from sim.randomness import Ints, draw_instants
from sim.workforce.plan import EventKind, WorkforceError
from sim.workforce.times import Activity
from sim.workforce.turnover.draw import Drawing, Rows, rank_of, shuffled
from sim.workforce.turnover.rates import initial_people
from sim.workforce.turnover.result import Arrivals, Turnover, finished

COUNTED = (EventKind.JOINER, EventKind.MOVER, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY)


def by_counts(drawing: Drawing) -> Turnover:
    """Exactly the plan's counts, at instants uniform over the hours in which such things happen.

    Expiries are of initial contractors, of whom there are as many as it takes. Raises WorkforceError when people or
    time do not suffice.
    """
    plan, times, streams = drawing.plan, drawing.times, drawing.streams
    asked = {kind: plan.count(kind) for kind in EventKind}
    if other := [kind.name.lower() for kind in EventKind if asked[kind] and kind not in COUNTED]:
        raise WorkforceError(f"{other[0]} events cannot be counted; only joiners, movers, leavers and expiries can")
    contractor, served, _ = initial_people(drawing, at_least=asked[EventKind.CONTRACTOR_EXPIRY])
    employees = np.flatnonzero(~contractor)
    if (many := asked[EventKind.LEAVER]) > len(employees):
        raise WorkforceError(f"{many} leavers are asked for, but there are {len(employees)} employees")
    if asked[EventKind.MOVER] and len(plan.departments) < 2:
        raise WorkforceError("movers are asked for, but there is only one department")

    leavers = employees[shuffled(streams, "leavers", len(employees))][: asked[EventKind.LEAVER]]
    movers = employees[shuffled(streams, "movers", len(employees))]
    movers = movers[~np.isin(movers, leavers)]
    if asked[EventKind.MOVER] and not len(movers):
        raise WorkforceError(f"{asked[EventKind.MOVER]} movers are asked for, but every employee leaves")
    rounds = -(-asked[EventKind.MOVER] // max(1, len(movers)))
    shortest = min(times.span(activity) for activity in ("joining", "leaving", "moving"))
    if shortest < max(rounds, 1) and any(asked.values()):
        raise WorkforceError("events are asked for, but there is no time for them: no working hours, or a short run")
    contractors = np.flatnonzero(contractor)
    expired = contractors[shuffled(streams, "expiries", len(contractors))][: asked[EventKind.CONTRACTOR_EXPIRY]]
    seats = drawing.seats("", plan.size)

    def opened(name: str, kind: EventKind, activity: Activity, less: int = 0) -> Ints:
        return draw_instants(streams.stream(f"workforce/{name}/when"), times.span(activity) - less, asked[kind])

    def there(who: Ints) -> Ints | None:
        return None if seats.places is None else seats.places[who]

    # Who moves more than once gets instants in a span that is shorter by the further moves, each of which is then put
    # off by the number of moves before it: different, in order, and inside.
    moving = np.tile(movers, rounds)[: asked[EventKind.MOVER]]
    draw = drawing.departments.draws(streams.stream("workforce/movers/department"), len(moving))
    when = opened("movers", EventKind.MOVER, "moving", max(rounds, 1) - 1)
    order = np.lexsort((when, moving))
    moving, when = moving[order], when[order] + rank_of(moving[order])
    rows = Rows()
    rows.add(EventKind.MOVER, moving, times.at("moving", when, there(moving)), value=-1, draw=draw[order])
    left = times.at("leaving", opened("leavers", EventKind.LEAVER, "leaving"), there(leavers))
    rows.add(EventKind.LEAVER, leavers, left)
    ended = times.at("leaving", opened("expiries", EventKind.CONTRACTOR_EXPIRY, "leaving"), there(expired))
    rows.add(EventKind.CONTRACTOR_EXPIRY, expired, ended)

    newcomers = asked[EventKind.JOINER]
    joined_seats = drawing.seats("joiners/", newcomers)
    joined = times.at("joining", np.sort(opened("joiners", EventKind.JOINER, "joining")), joined_seats.places)
    nothing = np.zeros(newcomers, dtype=np.int64)
    arrivals = Arrivals(
        when=joined,
        employment=nothing,
        reason=nothing,
        contract_ends=nothing,
        seats=joined_seats,
        domain=nothing,
        there=np.ones(newcomers, dtype=np.bool_),
    )
    ends = np.zeros(plan.size, dtype=np.int64)
    ends[expired] = ended
    return finished(drawing, contractor, served, ends, seats, arrivals, rows, None)
