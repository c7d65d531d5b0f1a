"""Access by event: a change in the directory is pushed, and the job carries it at once.

Invariant: nobody waits longer than the delay for the job to begin, unless a run is under way: then for its end. A push
says that something has changed, not what: the job reads that itself, so one run carries whatever has changed by then.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy.events import Event

from mockservices.clock import Clock, Millis
from sim.kernel import Kernel, Order
from sim.provisioning.driver import Driver


class Push:
    """Begins a run of the job a little after the directory has changed."""

    def __init__(self, kernel: Kernel, clock: Clock, driver: Driver, delay: int) -> None:
        self._kernel = kernel
        self._clock = clock
        self._driver = driver
        self._delay = delay

    def changed(self) -> None:
        """The directory has changed: unless a run is due already, one is from now on."""
        driver = self._driver
        if driver.pushed and driver.push_due is None:
            driver.push_due = Millis(self._clock.now + self._delay)
            self._kernel.process(self._arrive(driver.push_due))

    def _arrive(self, due: int) -> Generator[Event, Any, None]:
        yield self._kernel.at(due, Order.CYCLE)
        self._driver.push_due = None
        if self._driver.pushed:
            yield from self._driver.run_pushed()
