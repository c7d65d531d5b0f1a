"""Memberships that are activated for a while, and their fast way to the application (PIM for groups).

Invariant: the directory changes at the instant of the activation and of its end. Only an activation can be fast; what
is not, and every end, waits for the cycle.
https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mockservices.errors import ServiceError
from mockservices.graph.limits import CallLimit
from sim.kernel import Order
from sim.parts import Parts
from sim.provisioning.driver import Driver
from sim.randomness import Streams

Later = Callable[[int, Order, Callable[[], None]], None]


@dataclass(slots=True)
class Activations:
    """All activations of one world, by (group row, user row)."""

    parts: Parts
    driver: Driver
    later: Later
    streams: Streams
    _numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    """How many times each membership has been activated."""
    _limit: CallLimit = field(init=False)

    def __post_init__(self) -> None:
        """The limit is that of the one application."""
        pim = self.parts.scenario.provisioning.pim
        self._limit = CallLimit(self.parts.services.clock, pim.burst, pim.window)

    def begin(self, group: int, user: int, lasts: int) -> None:
        """Somebody becomes a member, and is one no longer after a while; refused as any change of members is."""
        directory, clock = self.parts.services.directory, self.parts.services.clock
        directory.add_member(group, user)
        number = self._numbers[group, user] = self._numbers.get((group, user), 0) + 1
        self.later(clock.now + lasts, Order.SCENARIO, lambda: self._expire(group, user, number))
        if self.parts.scenario.provisioning.pim.fast_path and self._limit.free():
            activated = clock.now
            self.later(
                activated + self._delay(group, user, number),
                Order.CYCLE,
                lambda: self._carry(group, user, number, activated),
            )

    def end(self, group: int, user: int) -> None:
        """An activation ends early; 404 when there is none."""
        self.parts.services.directory.remove_member(group, user)
        self._numbers[group, user] = self._numbers.get((group, user), 0) + 1

    def _expire(self, group: int, user: int, number: int) -> None:
        if self._numbers[group, user] != number:
            return  # ended early, and perhaps activated anew
        self.parts.observer.scripted = True
        try:
            self.end(group, user)
        except ServiceError:
            pass  # somebody else has ended it
        finally:
            self.parts.observer.scripted = False

    def _delay(self, group: int, user: int, number: int) -> int:
        """Drawn for this activation alone, so that another one moves none."""
        low, high = self.parts.scenario.provisioning.pim.delay
        directory = self.parts.services.directory
        name = f"pim/{directory.groups[group].id}/{directory.user_id(user)}/{number}"
        return low if low == high else int(self.streams.stream(name).integers(low, high + 1))

    def _carry(self, group: int, user: int, number: int, activated: int) -> None:
        """Provision the user and the membership, unless it has ended or a cycle has taken it along already."""
        if self._numbers[group, user] != number or self.driver.begun_since(activated):
            return
        directory = self.parts.services.directory
        demand = self.driver.job.demand
        self.driver.at_once(demand.activation(directory.user_id(user), directory.groups[group].id))
