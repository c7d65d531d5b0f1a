"""A workforce that lives at rates: everybody's stints and contracts, and everything that happens inside them.

Invariant: kinds are drawn in any order, but filtered in one: who is here is settled before anything happens to anybody.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from sim.randomness import Ints
from sim.workforce.plan import Employment, EventKind, Reason, WorkforceError
from sim.workforce.tables import TENURE, contract_lengths
from sim.workforce.times import CONTRACT_ENDS
from sim.workforce.turnover.bulk import Crowd, crowds, layoffs, reorganisations
from sim.workforce.turnover.contracts import Contracts, contracts
from sim.workforce.turnover.draw import Drawing, Mask, Rows, Seats, seats_of, shuffled
from sim.workforce.turnover.moves import changes, departures
from sim.workforce.turnover.rehires import Rehires, coming_back, rehires
from sim.workforce.turnover.result import Arrivals, Turnover, finished
from sim.workforce.turnover.stints import coming, starting


def by_rates(drawing: Drawing) -> Turnover:
    """Independent Poisson processes at the plan's rates."""
    plan, size = drawing.plan, drawing.plan.size
    rows = Rows()
    contractor, served, remaining = initial_people(drawing)
    seats = drawing.seats("", size)
    places = seats.places

    opened = np.sort(drawing.opened("joiners", "joining", Fraction(plan.joiners), size).when)
    newcomers = len(opened)
    joined_seats = drawing.seats("joiners/", newcomers)
    joined = drawing.times.at("joining", opened, joined_seats.places)
    absent = np.zeros(newcomers, dtype=np.bool_)
    if plan.joining is not None:
        absent = drawing.uniform("workforce/joiners/no-show", newcomers) < plan.joining.no_show

    slots = np.flatnonzero(contractor)
    ended = drawing.times.from_start(remaining)
    ended = drawing.times.on_day(ended, None if places is None else places[slots], CONTRACT_ENDS)
    worked = contracts(drawing, slots, served[slots], ended, size + newcomers, places)
    rows.parts += worked.rows.parts

    start = starting(drawing, ~contractor, places)
    later = coming(drawing, "joined", np.arange(size, size + newcomers), joined, joined_seats.places)
    later.here &= ~absent
    groups = [start, later]
    if plan.contract is not None:
        who, at = worked.converted
        there = None if places is None else _places(places, worked, newcomers)[who]
        groups.append(coming(drawing, "converted", who, at, there))
    crowd = crowds(drawing, size + newcomers + len(worked.started), rows)
    groups += [each.stints for each in crowd if each.reason is Reason.ACQUISITION]
    marked = coming_back(drawing, newcomers) & ~absent
    later.here &= ~marked
    layoffs(drawing, groups)
    back = rehires(drawing, joined, marked, groups[:2])
    later.here |= back.strangers
    never = np.flatnonzero(absent)
    rows.add(EventKind.NO_SHOW, size + never, joined[never])
    if plan.rehires is not None:
        rows.add(EventKind.REHIRE, back.who, back.at, value=back.new_identity)
        groups.append(coming(drawing, "rehired", back.who, back.at, back.places))
    reorganisations(drawing, groups, rows)
    for group in groups:
        changes(drawing, group, rows)
        departures(group, rows)
    for each in crowd:
        if each.reason is Reason.COHORT:
            departures(each.stints, rows)
    succeeding = seats.taken(worked.places_of)
    arrivals = _arrivals(joined, back, worked, crowd, [joined_seats, succeeding, *(each.seats for each in crowd)])
    ends = np.zeros(size, dtype=np.int64)
    ends[slots] = ended
    return finished(drawing, contractor, served, ends, seats, arrivals, rows, start)


def initial_people(drawing: Drawing, at_least: int = 0) -> tuple[Mask, Ints, Ints]:
    """Who of the initial people is a contractor, how long they have served, and how long each contract still runs.

    A larger share keeps the contractors of a smaller one, and moves no employee's draws.
    """
    plan, streams = drawing.plan, drawing.streams
    wanted = max(round(Fraction(plan.contractors) * plan.size), at_least)
    if wanted > plan.size:
        raise WorkforceError(f"{wanted} contractor expiries are asked for, but there are {plan.size} people")
    contractor = np.zeros(plan.size, dtype=np.bool_)
    contractor[shuffled(streams, "employment", plan.size)[:wanted]] = True
    served = 1 + TENURE.draw(streams.stream("workforce/tenure"), plan.size)
    # The start is a moment at random in every initial contract, and such a moment falls into long contracts more often.
    lengths = contract_lengths(plan.contract_mean).length_biased().draw(streams.stream("workforce/contracts/0"), wanted)
    if wanted:
        passed = streams.stream("workforce/contracts/0/passed").integers(0, lengths + 1)
        served[contractor] = 1 + passed
        return contractor, served, lengths - passed
    return contractor, served, lengths


def _places(places: Ints, worked: Contracts, newcomers: int) -> Ints:
    """Where everybody with a contract works, by handle."""
    nowhere = np.zeros(newcomers, dtype=np.int64)
    return np.concatenate((places, nowhere, places[worked.places_of]))


def _arrivals(joined: Ints, back: Rehires, worked: Contracts, crowd: list[Crowd], seats: list[Seats]) -> Arrivals:
    """Everybody who comes, by handle; who has only come back is left out of the rows."""
    newcomers, successors = len(joined), len(worked.started)
    many = [newcomers, successors, *(len(each.stints.who) for each in crowd)]
    others = sum(many[2:])
    employments = [Employment.EMPLOYEE, Employment.CONTRACTOR, *(Employment.EMPLOYEE for _ in crowd)]
    reasons = [Reason.NONE, Reason.REPLACEMENT, *(each.reason for each in crowd)]
    reason = np.repeat(np.array(reasons, dtype=np.int64), many)
    reason[:newcomers][back.strangers] = Reason.FORMER
    nothing = np.zeros(newcomers, dtype=np.int64)
    return Arrivals(
        when=np.concatenate([joined, worked.started, *(each.stints.begin for each in crowd)]),
        employment=np.repeat(np.array(employments, dtype=np.int64), many),
        reason=reason,
        contract_ends=np.concatenate((nothing, worked.first_end, np.zeros(others, dtype=np.int64))),
        seats=seats_of(seats),
        domain=np.repeat(np.array([0, 0, *(each.domain for each in crowd)], dtype=np.int64), many),
        there=np.concatenate((~back.returned, np.ones(successors + others, dtype=np.bool_))),
    )
