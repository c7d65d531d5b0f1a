"""A live world: paced, commanded from outside while it runs, watched.

Invariant: the thread that calls :meth:`Live.run` is the world thread; every other thread goes through the mailbox.
How fast simulated time passes changes nothing but time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from sim.clockwork import LONGEST_NAP, Clockwork, Speed
from sim.commands import SCREEN
from sim.mailbox import Entering, Mailbox
from sim.world import World


def _nothing() -> None:
    """Nobody watches."""


class Live:
    """One live world, without any sockets unless a subclass opens them."""

    world: World

    def __init__(self, speed: Speed) -> None:
        """``speed``: None as fast as possible, "story" at story pace, else times as fast as the wall's clock."""
        self.mailbox = Mailbox()
        self.clockwork = Clockwork(self.mailbox, speed)
        self._stop = threading.Event()

    def begin(self, world: World) -> None:
        """Let a world that was built live here."""
        self.world = world
        world.waiting = self.mailbox.command_waits
        self.clockwork.begin(world)

    # --- the world thread --------------------------------------------------------------------------------

    def run(
        self,
        *,
        until: Millis | None = None,
        ready: Callable[[], None] | None = None,
        turned: Callable[[], None] = _nothing,
        stay: bool = False,
    ) -> None:
        """Live: commands in, time on, until :meth:`stop` is called or simulated time has come to ``until``.

        ``stay``: wait at ``until`` for :meth:`stop`. ``turned`` is called whenever something may have changed.
        """
        self.clockwork.until = until
        if ready is not None:
            ready()
        try:
            while not self._stop.is_set():
                ended = until is not None and self.world.now >= until
                if ended and not stay and not self.clockwork.advancing:
                    return
                entering = self.mailbox.next_command()
                if entering is not None:
                    self._enter(entering)
                elif ended and not self.clockwork.advancing:
                    self.mailbox.wait(LONGEST_NAP)
                else:
                    self.clockwork.turn(until)
                turned()
        finally:
            self.mailbox.close()

    def _enter(self, entering: Entering) -> None:
        action, arguments, future = entering.action, entering.arguments, entering.future
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = self.world.command(action, arguments, origin=entering.origin, wanted=self.clockwork.now())
            if action.startswith("clock."):
                self.clockwork.obey(action, arguments, future)
            else:
                self.clockwork.look_again()
                future.set_result(entering.respond(result))
        except (ServiceError, ValueError) as error:
            future.set_exception(error)
        except Exception as error:
            future.set_exception(error)
            raise

    # --- from any thread ---------------------------------------------------------------------------------

    def command(self, action: str, arguments: Mapping[str, Any]) -> Future[Any]:
        """Let a command of the screen enter the world; its result, later."""
        future: Future[Any] = Future()
        self.mailbox.post(Entering(action, arguments, lambda result: result, future, SCREEN))
        return future

    def stop(self) -> None:
        """Come to an end soon."""
        self._stop.set()
        self.mailbox.nudge()

    def close(self) -> None:
        """Tell whoever still waits that it is over; after :meth:`run` has ended."""
        self.mailbox.close()
