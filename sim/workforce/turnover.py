"""Who joins, moves, leaves and runs out of contract, and when: in open time, before anybody has a name.

Invariant: nobody has an event before joining or after going, a person's instants are all different, and each kind of
event draws from streams of its own, so that another rate for one kind leaves the draws of the others alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints, Streams, WeightedChoice, draw_instants, draw_poisson
from sim.workforce.calendar import Calendar
from sim.workforce.plan import Employment, EventKind, WorkforceError, WorkforcePlan
from sim.workforce.tables import FIRST_YEAR_HAZARD, REPLACED_AFTER, TENURE, YEAR, contract_lengths

_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind: row numbers of people, and instants in open time."""

    who: Ints
    when: Ints


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Everybody who joins later, in order: instants in open time, and the row that a contractor replaces (else -1)."""

    when: Ints
    replaces: Ints


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves in order of person and instant: which of the person's moves it is, and the draw for the department."""

    who: Ints
    when: Ints
    rank: Ints
    draw: Ints


@dataclass(frozen=True, slots=True)
class Turnover:
    """What happens to a workforce; `served` is how many ms before the start the initial people joined, at least 1."""

    employment: NDArray[np.uint8]
    served: Ints
    arrivals: Arrivals
    moves: Moves
    leavers: Events
    expiries: Events


def by_rates(plan: WorkforcePlan, calendar: Calendar, span: int, streams: Streams) -> Turnover:
    """Independent Poisson processes at the plan's rates, over `span` ms of open time."""
    size = plan.size
    contractor, served, remaining = _initial_people(plan, streams)

    def candidates(name: str, rate: Fraction, people: int) -> Events:
        """A Poisson process of this rate for each of the people; who is not there at the instant is left out later."""
        mean = rate * people * span / (calendar.open_share * YEAR)
        count = draw_poisson(streams.stream(f"workforce/{name}/count"), mean)
        who = draw_instants(streams.stream(f"workforce/{name}/who"), people, count)
        return Events(who, draw_instants(streams.stream(f"workforce/{name}/when"), span, count))

    joined = np.sort(candidates("joiners", Fraction(plan.joiners), size).when)
    newcomers = len(joined)

    rate = Fraction(plan.leavers)
    first_year = int(YEAR * calendar.open_share)
    left = _first(candidates("leavers", rate, size), size, span)
    extra = candidates("leavers/first-year", rate * (FIRST_YEAR_HAZARD - 1), newcomers)
    extra = _where(extra, extra.when < joined[extra.who] + first_year)
    later = candidates("leavers/joined", rate, newcomers)
    later = Events(np.concatenate((later.who, extra.who)), np.concatenate((later.when, extra.when)))
    left_later = _first(_where(later, later.when > joined[later.who]), newcomers, span)

    slots, started, ended = _contracts(plan, calendar, span, contractor, remaining, streams)

    # Rows of later joiners are in the order of joining; employees come before contractors of the same millisecond.
    when = np.concatenate((joined, started[started >= 0]))
    order = np.argsort(when, kind="stable")
    rows = np.empty(len(when), dtype=np.int64)
    rows[order] = np.arange(size, size + len(when))
    replaces = np.concatenate((np.full(newcomers, -1, dtype=np.int64), slots[started >= 0]))
    holders = np.concatenate((slots[started < 0], rows[newcomers:]))

    employees = np.flatnonzero(~contractor)
    gone = left[employees] < span
    gone_later = left_later < span
    leavers = Events(
        np.concatenate((employees[gone], rows[:newcomers][gone_later])),
        np.concatenate((left[employees][gone], left_later[gone_later])),
    )

    choice = WeightedChoice([weight for _, weight in plan.departments])
    mover_rate = Fraction(plan.movers) if len(choice) > 1 else Fraction(0)
    early = candidates("movers", mover_rate, size)
    draw = choice.draws(streams.stream("workforce/movers/department"), len(early.who))
    stays = ~contractor[early.who] & (early.when < left[early.who])
    late = candidates("movers/joined", mover_rate, newcomers)
    draw_late = choice.draws(streams.stream("workforce/movers/joined/department"), len(late.who))
    stays_late = (late.when > joined[late.who]) & (late.when < left_later[late.who])
    moves = _moves(
        np.concatenate((early.who[stays], rows[late.who[stays_late]])),
        np.concatenate((early.when[stays], late.when[stays_late])),
        np.concatenate((draw[stays], draw_late[stays_late])),
    )
    return Turnover(
        employment=np.where(contractor, Employment.CONTRACTOR, Employment.EMPLOYEE).astype(np.uint8),
        served=served,
        arrivals=Arrivals(when[order], replaces[order]),
        moves=moves,
        leavers=leavers,
        expiries=_where(Events(holders, ended), ended < span),
    )


def by_counts(plan: WorkforcePlan, span: int, streams: Streams) -> Turnover:
    """Exactly the plan's counts, at instants uniform over `span` ms of open time.

    Leavers and movers are different initial employees as long as there are enough of them, and expiries are of initial
    contractors, of whom there are as many as it takes. Raises WorkforceError when people or time do not suffice.
    """
    asked = {kind: plan.count(kind) for kind in EventKind}
    contractor, served, _ = _initial_people(plan, streams, at_least=asked[EventKind.CONTRACTOR_EXPIRY])
    employees = np.flatnonzero(~contractor)
    if (many := asked[EventKind.LEAVER]) > len(employees):
        raise WorkforceError(f"{many} leavers are asked for, but there are {len(employees)} employees")
    if asked[EventKind.MOVER] and len(plan.departments) < 2:
        raise WorkforceError("movers are asked for, but there is only one department")

    leavers = employees[_shuffled(streams, "leavers", len(employees))][: asked[EventKind.LEAVER]]
    movers = employees[_shuffled(streams, "movers", len(employees))]
    movers = movers[~np.isin(movers, leavers)]
    if asked[EventKind.MOVER] and not len(movers):
        raise WorkforceError(f"{asked[EventKind.MOVER]} movers are asked for, but every employee leaves")
    rounds = -(-asked[EventKind.MOVER] // max(1, len(movers)))
    if span < max(rounds, 1) and any(asked.values()):
        raise WorkforceError("events are asked for, but there is no time for them: no working hours, or a short run")
    contractors = np.flatnonzero(contractor)
    expired = contractors[_shuffled(streams, "expiries", len(contractors))][: asked[EventKind.CONTRACTOR_EXPIRY]]

    def instants(name: str, kind: EventKind, room: int = span) -> Ints:
        return draw_instants(streams.stream(f"workforce/{name}/when"), room, asked[kind])

    # Who moves more than once gets instants in a span that is shorter by the further moves, each of which is then put
    # off by the number of moves before it: different, in order, and inside.
    moving = np.tile(movers, rounds)[: asked[EventKind.MOVER]]
    choice = WeightedChoice([weight for _, weight in plan.departments])
    draw = choice.draws(streams.stream("workforce/movers/department"), len(moving))
    when = instants("movers", EventKind.MOVER, span - max(rounds, 1) + 1)
    order = np.lexsort((when, moving))
    rank = _rank(moving[order])
    return Turnover(
        employment=np.where(contractor, Employment.CONTRACTOR, Employment.EMPLOYEE).astype(np.uint8),
        served=served,
        arrivals=Arrivals(np.sort(instants("joiners", EventKind.JOINER)), np.full(asked[EventKind.JOINER], -1)),
        moves=Moves(moving[order], when[order] + rank, rank, draw[order]),
        leavers=Events(leavers, instants("leavers", EventKind.LEAVER)),
        expiries=Events(expired, instants("expiries", EventKind.CONTRACTOR_EXPIRY)),
    )


def _initial_people(plan: WorkforcePlan, streams: Streams, at_least: int = 0) -> tuple[NDArray[np.bool_], Ints, Ints]:
    """Who of the initial people is a contractor, how long they have served, and how long each contract still runs.

    A larger share keeps the contractors of a smaller one, and moves no employee's draws.
    """
    wanted = max(round(Fraction(plan.contractors) * plan.size), at_least)
    if wanted > plan.size:
        raise WorkforceError(f"{wanted} contractor expiries are asked for, but there are {plan.size} people")
    contractor = np.zeros(plan.size, dtype=np.bool_)
    contractor[_shuffled(streams, "employment", plan.size)[:wanted]] = True
    served = 1 + TENURE.draw(streams.stream("workforce/tenure"), plan.size)
    # The start is a moment at random in every initial contract, and such a moment falls into long contracts more often.
    lengths = contract_lengths(plan.contract_mean).length_biased().draw(streams.stream("workforce/contracts/0"), wanted)
    if wanted:
        passed = streams.stream("workforce/contracts/0/passed").integers(0, lengths + 1)
        served[contractor] = 1 + passed
        return contractor, served, lengths - passed
    return contractor, served, lengths


def _contracts(
    plan: WorkforcePlan,
    calendar: Calendar,
    span: int,
    contractor: NDArray[np.bool_],
    remaining: Ints,
    streams: Streams,
) -> tuple[Ints, Ints, Ints]:
    """Every contract inside the span: whose place it fills (an initial row), its start (-1: before 0), its end."""
    table = contract_lengths(plan.contract_mean)
    slots = np.flatnonzero(contractor)
    started = np.full(len(slots), -1, dtype=np.int64)
    ended = calendar.shortened(remaining)
    generations = [(slots, started, ended)]
    while len(slots := slots[ended < span]):
        free = ended[ended < span]
        name = f"workforce/contracts/{len(generations)}"
        low, high = REPLACED_AFTER
        pause = low + draw_instants(streams.stream(f"{name}/pause"), high - low + 1, len(slots))
        length = table.draw(streams.stream(name), len(slots))
        started = free + calendar.shortened(pause)
        inside = started < span
        slots, started = slots[inside], started[inside]
        ended = started + np.maximum(1, calendar.shortened(length[inside]))
        generations.append((slots, started, ended))
    return (
        np.concatenate([part[0] for part in generations]),
        np.concatenate([part[1] for part in generations]),
        np.concatenate([part[2] for part in generations]),
    )


def _first(events: Events, people: int, never: int) -> Ints:
    """For each of the people the first instant, or `never`."""
    first = np.full(people, never, dtype=np.int64)
    np.minimum.at(first, events.who, events.when)
    return first


def _where(events: Events, mask: NDArray[np.bool_]) -> Events:
    return Events(events.who[mask], events.when[mask])


def _moves(who: Ints, when: Ints, draw: Ints) -> Moves:
    """Moves in order, less those that would fall into the same millisecond as another of the same person."""
    order = np.lexsort((when, who))
    who, when, draw = who[order], when[order], draw[order]
    same = (who[1:] == who[:-1]) & (when[1:] == when[:-1])
    kept = np.concatenate((np.ones(min(len(who), 1), dtype=np.bool_), ~same))
    return Moves(who[kept], when[kept], _rank(who[kept]), draw[kept])


def _rank(groups: Ints) -> Ints:
    """For each entry of a column in which equal values lie side by side: how many of its value come before it."""
    if not len(groups):
        return _NONE
    places = np.arange(len(groups))
    begins = np.concatenate((np.ones(1, dtype=np.bool_), groups[1:] != groups[:-1]))
    return places - np.maximum.accumulate(np.where(begins, places, 0))


def _shuffled(streams: Streams, name: str, count: int) -> Ints:
    """The numbers from 0 to count - 1 in random order."""
    keys = streams.stream(f"workforce/{name}/order").random(count)
    return np.argsort(keys, kind="stable")
