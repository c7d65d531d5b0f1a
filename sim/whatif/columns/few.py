"""The few people to whom two things happen between two cycles: they are simulated by themselves, beside the columns.

Invariant: what becomes of them is found out by a world in which nothing happens to anybody else; the columns only say
at which millisecond each of its requests comes among those about everybody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.observation.exposure import GrantRow, PersonRow
from sim.observation.headcount import EmploymentRow
from sim.observation.latency import LatencyRow
from sim.ports import USER, Source, Target
from sim.provisioning.log import CREATE, DISABLE, FAILURE, SKIPPED, LogRow
from sim.provisioning.plan import REDUNDANT
from sim.randomness import Ints
from sim.transport.direct import DirectSource
from sim.whatif.columns.feeders import handed_out
from sim.whatif.columns.structure import Structure, steps_of
from sim.world import DirectPorts, World

if TYPE_CHECKING:
    from sim.parts import Parts
    from sim.scenario import Scenario
    from sim.workforce.schedule import Schedule

MOST: Final = 200
"""More people than this are not few: then everybody is simulated."""
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Turn:
    """A cycle's requests about one user, or about one membership of a group."""

    gate: int
    """By number."""
    begins: int
    """The number of its first request in the cycle of the few."""
    requests: int
    person: int = -1
    group: int = -1


@dataclass(slots=True, eq=False)
class Few:
    """What their world measured, in its own time."""

    world: World
    people: frozenset[int]
    latencies: list[LatencyRow] = field(default_factory=list)
    states: list[PersonRow] = field(default_factory=list)
    grants: list[GrantRow] = field(default_factory=list)
    employed: list[EmploymentRow] = field(default_factory=list)
    rows: list[LogRow] = field(default_factory=list)
    before: dict[int, int] = field(default_factory=dict)
    """Differences before a cycle, by the gate's number."""
    after: int = 0
    """Differences after cycles, all together."""
    users: list[Turn] = field(default_factory=list)
    members: list[Turn] = field(default_factory=list)
    reads: set[tuple[int, int]] = field(default_factory=set)
    """(gate, group): a group was looked at, and was as it should be."""
    switched: list[tuple[int, int]] = field(default_factory=list)
    """(when, 1 or -1): a user of the target begins to be active, or ends."""
    sent: dict[int, int] = field(default_factory=dict)
    """Requests by the gate's number."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Users that were passed over, by Entra's word for why."""


def meeting(structure: Structure, cycle: Ints, over: Ints) -> NDArray[np.bool_]:
    """Events of people to whom something else happens before one of their events is through.

    ``cycle``: by event, the number of the gate that takes it up; ``over``: by gate, when its cycle is over at the
    latest.
    """
    through = np.append(over, structure.end)[cycle]
    met = structure.person[structure.following <= through]
    found: NDArray[np.bool_] = np.isin(structure.person, met)
    return found


class _Ports:
    """The cores, with groups in the order in which everybody's changes tell of them."""

    def __init__(self, structure: Structure, gates: Ints, cycle: Ints) -> None:
        of_change = cycle[structure.event]
        rows = np.flatnonzero(of_change < len(gates))[::-1]  # of each cycle and group the first row is the last to stay
        keys = zip(gates[of_change[rows]].tolist(), structure.group[rows].tolist(), strict=True)
        self._first = dict(zip(keys, rows.tolist(), strict=True))

    def open(self, parts: Parts) -> tuple[Source, Target]:
        """See :class:`sim.world.Ports`."""
        source, target = DirectPorts().open(parts)
        clock = parts.services.clock
        if isinstance(source, DirectSource):
            # what nobody's change tells of comes last, and nothing is made of it: `visits.with_few` sees to that
            source.first = lambda group: self._first.get((int(clock.now), group), _LAST)
        return source, target


def live(
    structure: Structure,
    scenario: Scenario,
    seed: int,
    replication: int,
    gates: Ints,
    cycle: Ints,
    chosen: NDArray[np.bool_],
) -> Few | None:
    """Let those live by themselves to whom the chosen events happen; None where they are many, or not ordinary.

    ``cycle``: by event, the number of the gate that takes it up.
    """
    people = frozenset(structure.person[chosen].tolist())
    if len(people) > MOST:
        return None
    world = World(scenario, seed=seed, replication=replication, only=people, ports=_Ports(structure, gates, cycle))
    if not _in_the_same_order(structure, people, world.parts.schedule):
        return None
    few = Few(world, people)
    ledger, active = world.parts.ledger, world.parts.services.provider.active_count
    ledger.events.latencies.sink = few.latencies.append
    ledger.exposure.person_sink, ledger.exposure.grant_sink = few.states.append, few.grants.append
    ledger.headcount.sink = few.employed.append
    world.log.sink = few.rows.extend
    begun: dict[int, int] = {}

    def idle(number: int, at: int, before: int, after: int) -> None:
        begun[number - 1], few.before[number - 1] = at, before
        few.after += after

    world.driver.idle_sink = idle
    world.driver.job.others_follow = True
    world.run()
    world.log.flush()
    for row in world.cycles:
        begun[row.number - 1], few.before[row.number - 1] = row.start, row.divergence_before
        few.after += row.divergence_after
    few.states += list(ledger.open_people())
    few.grants += [row for row, _ in ledger.open_orphans()]
    _turns(few)
    plain = (
        begun == dict(enumerate(gates.tolist()))  # where cycles run into each other, they begin at other times
        and not any(row.status == FAILURE for row in few.rows)
        and not few.after
        and not world.driver.running.active
        and world.parts.services.provider.active_count - active == sum(step for _, step in few.switched)
    )
    return few if plain else None


def _in_the_same_order(structure: Structure, people: frozenset[int], own: Schedule | None) -> bool:
    """Whether what happens to the few, and what HR does about it, comes in their own world in the order in which it
    does among everybody: who comes first at equal times hangs on who came before."""
    if own is None:
        return False
    alone = steps_of(own, *handed_out(own))
    everybody = structure.steps[np.isin(structure.steps[:, 0], list(people))]
    return np.array_equal(everybody, alone[alone[:, 1] < structure.end])


def _turns(few: Few) -> None:
    """Read from the log who was turned to, cycle by cycle, and with how many requests."""
    parts = few.world.parts
    directory, register = parts.services.directory, parts.register
    cycle, sent = -1, 0
    for row in few.rows:
        if row.cycle != cycle:
            cycle, sent = row.cycle, 0
        if row.kind == USER:
            account = directory.user_row(row.source_id)
            owner = None if account is None else register.account_owner(account)
            person = -1 if owner is None else owner
            few.users.append(Turn(cycle - 1, sent, row.requests, person=person))
            if row.status == SKIPPED:
                few.skipped[row.reason] += 1
            elif row.action in (CREATE, DISABLE):
                few.switched.append((int(row.at), 1 if row.action == CREATE else -1))
        else:
            found = directory.group_row(row.source_id)
            group = -1 if found is None else found
            if row.reason == REDUNDANT:
                few.reads.add((cycle - 1, group))
            else:
                few.members.append(Turn(cycle - 1, sent, row.requests, group=group))
        sent += row.requests
        few.sent[cycle - 1] = sent
