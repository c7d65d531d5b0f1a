"""Who holds a toxic combination, which, and for how long: exact sums of person-time, pair by pair.

Invariant: counts what the target honours, whether or not it is entitled; a stretch is *retained* while the person is
not entitled to both sides, as a mover is not who has the new access already and the old one still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from mockservices.clock import Clock
from sim.access.toxic import ToxicPairs
from sim.observation.level import Level
from sim.observation.person import Person

ToxicRow: TypeAlias = tuple[int, str, int, int, int | None]
"""(person, pair, 1 if entitled to both sides, since, until or None while it lasts)."""


class Held(NamedTuple):
    """A pair that somebody holds."""

    since: int
    entitled: bool
    """Whether the person is entitled to both sides, since then."""


@dataclass(slots=True)
class Sums:
    """People who hold a pair (or any), and those of them who are not entitled to it."""

    people: Level = field(default_factory=Level)
    retained: Level = field(default_factory=Level)
    ever: dict[int, None] = field(default_factory=dict)
    """Who has held it for any time at all, as far as that is over."""


class ToxicHoldings:
    """The toxic combinations of one run."""

    def __init__(self, clock: Clock, rules: ToxicPairs) -> None:
        self._clock = clock
        self.rules = rules
        self.pairs = [Sums() for _ in rules.pairs]
        self.any = Sums()
        self.held: dict[int, dict[int, Held]] = {}
        """By person: the pairs that are held now."""
        self.sink: Callable[[ToxicRow], None] | None = None
        self.began: Callable[[int, str, bool], None] | None = None
        """Told (person, pair, entitled to both) when somebody comes to hold one."""

    def settle(self, person: Person) -> None:
        """What the person holds, or is entitled to, may have changed."""
        now_held = self.rules.held(person.effective)
        number = person.number
        before = self.held.get(number)
        if not now_held and before is None:
            return
        entitled = self.rules.held(person.entitled)
        holds = dict(before or {})
        self._count(self.any, holds, -1)
        for pair in [pair for pair in holds if pair not in now_held]:
            self._end(number, pair, holds.pop(pair))
        for pair in now_held:
            allowed = pair in entitled
            old = holds.get(pair)
            if old is not None and old.entitled == allowed:
                continue
            if old is not None:
                self._end(number, pair, old)
            sums, now = self.pairs[pair], self._clock.now
            sums.people.begin(now)
            if not allowed:
                sums.retained.begin(now)
            holds[pair] = Held(now, allowed)
            if old is None and self.began is not None:
                self.began(number, self.rules.pairs[pair].name, allowed)
        self._count(self.any, holds, +1)
        if holds:
            self.held[number] = holds
        else:
            self.held.pop(number, None)

    def _count(self, sums: Sums, holds: dict[int, Held], change: int) -> None:
        """Somebody holds these, or does no longer."""
        now = self._clock.now
        if holds:
            (sums.people.begin if change > 0 else sums.people.end)(now)
            if not all(held.entitled for held in holds.values()):
                (sums.retained.begin if change > 0 else sums.retained.end)(now)

    def _end(self, number: int, pair: int, held: Held) -> None:
        sums, now = self.pairs[pair], self._clock.now
        sums.people.end(now)
        if not held.entitled:
            sums.retained.end(now)
        if now > held.since:
            sums.ever[number] = self.any.ever[number] = None
            if self.sink is not None:
                self.sink((number, self.rules.pairs[pair].name, int(held.entitled), held.since, now))

    def open_rows(self) -> Iterator[ToxicRow]:
        """What is held now; changes nothing."""
        for number, holds in self.held.items():
            for pair, held in holds.items():
                yield (number, self.rules.pairs[pair].name, int(held.entitled), held.since, None)
