"""What happens to a company in one replication, in columns: whatever no interval changes.

Invariant: people, events, places and differences are asked of a world that was built and never runs, by the same rules
by which the short way (:mod:`sim.routine`) asks; where that would not be taken, there are no columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mockservices.graph.directory import Attribute
from mockservices.scim.operations import Value
from sim.access.policy import Facts
from sim.observation.headcount import CONTRACTOR
from sim.observation.notice import Notice
from sim.observation.words import CONTRACTOR_EXPIRY, JOINER, LEAVER, MOVER
from sim.population import Seen, StartingPeople
from sim.randomness import Ints
from sim.routine.places import Place
from sim.whatif.columns.feeders import Rows, handed_out, order_of
from sim.whatif.columns.shapes import Shape, Shapes
from sim.whatif.columns.taking import Taking
from sim.workforce.acts import Acts
from sim.workforce.plan import NEVER, EventKind

if TYPE_CHECKING:
    from sim.parts import Parts
    from sim.routine.lives import Lives
    from sim.workforce.schedule import Schedule
    from sim.world import World

KINDS: Final = (JOINER, MOVER, LEAVER, CONTRACTOR_EXPIRY)
"""What may happen to somebody, by number."""
NOTHING_FOLLOWS: Final = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Events in the order in which HR acts on them in the directory; all times in ms."""

    world: World
    """Built, and never to be run."""
    steps: Ints
    """See :func:`steps_of`."""
    end: int
    at: Ints
    told: Ints
    """When HR acts; may lie behind the end."""
    known: Ints
    """When HR knows of it."""
    kind: Ints
    """Position in :data:`KINDS`."""
    person: Ints
    contractor: NDArray[np.bool_]
    """Whether they are employed as a contractor."""
    shape: Ints
    shapes: tuple[Shape, ...]
    attributes: Ints
    """How many attributes differ until the event is carried over."""
    following: Ints
    """When something happens to the same person again."""
    event: Ints
    """Of each change of a membership, in the order in which HR makes them: the event's position."""
    group: Ints
    adds: NDArray[np.bool_]
    first: Ints
    """By event: where its changes of memberships begin."""


class _Walk:
    """Takes up every event of a schedule and writes down what it does; nothing happens in the world."""

    open = True

    def __init__(self, parts: Parts, start: StartingPeople, lives: Lives, shapes: Shapes) -> None:
        self._lives, self._shapes, self._start = lives, shapes, start
        self._map, self._directory, self._taking = parts.user_map, parts.services.directory, Taking(parts)
        self._places: dict[int, Place | None] = {}
        self._held: dict[int, tuple[Mapping[str, Attribute], dict[str, Value]]] = {}
        self.shape = -1
        self.different = 0
        self.contractor = False

    def joins(self, number: int, facts: Facts, attributes: dict[str, Attribute], notice: Notice) -> bool:
        """See :class:`sim.workforce.acts.ShortWay`."""
        place = None
        if number not in self._places:
            place = self._lives.place_for(number, facts, str(attributes["userPrincipalName"]))
        created = None if place is None else self._taking.created(self._account(number, attributes))
        if place is None or created is None:
            return False
        self._places[number], self._held[number] = place, (attributes, created)
        self.shape, self.different = self._shapes.joins(place), 0
        self.contractor = facts.employment == CONTRACTOR
        return True

    def moves(self, number: int, facts: Facts, placed: Mapping[str, Attribute], notice: Notice) -> bool:
        """See :class:`sim.workforce.acts.ShortWay`."""
        before = self._place_of(number)
        step = None if before is None else self._lives.places.step(before, facts)
        if before is None or step is None or facts.employment != before.facts.employment:
            return False
        shape, different = self._shapes.moves(before, step), self._differences(number, placed)
        if shape is None or not different:
            return False
        self._places[number] = step.place
        self.shape, self.different = shape, different
        self.contractor = facts.employment == CONTRACTOR
        return True

    def leaves(self, number: int, kind: str, notice: Notice) -> bool:
        """See :class:`sim.workforce.acts.ShortWay`."""
        place = self._place_of(number)
        if place is None:
            return False
        self._places[number] = None
        self.shape, self.different = self._shapes.leaves(place), 0
        self.contractor = place.facts.employment == CONTRACTOR
        return True

    def _place_of(self, number: int) -> Place | None:
        if number not in self._places:
            self._places[number] = self._lives.place_of(number)
        return self._places[number]

    def _account(self, number: int, held: Mapping[str, Attribute]) -> Seen:
        return Seen(self._directory.user_id(number), held)

    def _differences(self, number: int, placed: Mapping[str, Attribute]) -> int:
        """How many attributes of the target's user differ once these properties are set; 0: or who knows what then."""
        known = self._held.get(number)
        if known is None:
            began: Mapping[str, Attribute] = self._start.attributes_of(number)
            known = began, self._map.apply(self._map.seen(self._account(number, began)))
        held = {**known[0], **{name: value for name, value in placed.items() if known[0].get(name) != value}}
        updated = self._taking.updated(self._account(number, held), known[1])
        if updated is None:
            return 0
        different, user = updated
        self._held[number] = held, user
        return different


def structure_of(world: World) -> Structure | None:
    """The columns of a world that has not run; None where something in it is out of the ordinary."""
    parts, lives = world.parts, world.routine.lives
    schedule = parts.schedule
    if lives is None or not lives.open or parts.start is None or schedule is None:
        return None
    if parts.divergence.peek() or parts.start.waiting():
        return None  # something is open at the start already
    if bool((schedule.directory_at < schedule.at).any() or (schedule.directory_at == NEVER).any()):
        return None
    shapes = Shapes(parts.services.instance, parts.ledger.privileged)
    walk = _Walk(parts, parts.start, lives, shapes)
    acts = Acts(schedule, parts.start, parts.register, parts.hr)
    rows, becomes = handed_out(schedule)
    here = schedule.at[rows] < world.end
    rows, becomes = rows[here], becomes[here]
    true, told = order_of(schedule, rows, becomes)
    shape, different = np.zeros((2, len(schedule.at)), dtype=np.int64)
    contractor = np.zeros(len(schedule.at), dtype=np.bool_)
    for row in true.tolist():
        if not acts.ordinary(row, walk):
            return None
        shape[row], different[row], contractor[row] = walk.shape, walk.different, walk.contractor
    quota = parts.services.provider.profile.users_quota
    if parts.services.provider.users_count + int(np.count_nonzero(schedule.kind[true] == EventKind.JOINER)) > quota:
        return None
    shape = shape[told]
    records = [shapes.all[number] for number in shape.tolist()]
    counts = np.array([len(each.groups) for each in records], dtype=np.int64)
    return Structure(
        world=world,
        steps=steps_of(schedule, rows, becomes),
        end=int(world.end),
        at=schedule.at[told].astype(np.int64),
        told=schedule.directory_at[told].astype(np.int64),
        known=schedule.known_at[told].astype(np.int64),
        kind=schedule.kind[told].astype(np.int64),  # the first four kinds of event are those of KINDS
        person=schedule.person[told].astype(np.int64),
        contractor=contractor[told],
        shape=shape,
        shapes=tuple(shapes.all),
        attributes=different[told],
        following=_following(schedule.person, schedule.at)[told],
        event=np.repeat(np.arange(len(shape)), counts),
        group=np.array([row for each in records for row in each.groups], dtype=np.int64),
        adds=np.array([adds for each in records for adds in each.adds], dtype=np.bool_),
        first=np.cumsum(counts) - counts,
    )


def steps_of(schedule: Schedule, rows: Rows, becomes: NDArray[np.bool_]) -> Ints:
    """(person, when an event is true, whether it becomes so or HR acts on it late), in the order in which they come."""
    return np.stack((schedule.person[rows], schedule.at[rows], becomes), axis=1).astype(np.int64)


def _following(person: NDArray[Any], at: NDArray[Any]) -> Ints:
    """When something happens to the same person again, by row of the schedule, which is in order of time."""
    order = np.argsort(person, kind="stable")
    after = np.full(len(order), NOTHING_FOLLOWS, dtype=np.int64)
    same = person[order[1:]] == person[order[:-1]]
    after[order[:-1][same]] = at[order[1:][same]]
    return after
