"""The world's own thread under a screen: commands in through the mailbox, the latest frame out.

Invariant: the world, its journal and its sockets are made, used and given back on this one thread; the screen takes
frames and nothing else, and of these only the latest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, cast

from mockservices.errors import ServiceError
from sim.clockwork import BeingAdvancedError, Speed
from sim.live import Live
from sim.mailbox import Read
from sim.observation.frame import Frame, make_frame
from sim.observation.scenes import Scene
from sim.observation.summary import summarize
from sim.observation.watch import Watch
from sim.scenario import Scenario
from sim.world import World
from tui.recording import Recording

if TYPE_CHECKING:
    from sim.serving import Session

FRAME_S: Final = 0.1
"""Seconds between two frames, at least."""
STOPPED_S: Final = 2.0
"""Seconds that an ending may take."""


class Driver:
    """One world under one screen."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        speed: Speed = "story",
        serve: bool = False,
        out: Path | None = None,
        replication: int = 0,
    ) -> None:
        """``serve``: with its services on sockets; ``out``: a directory, ready to keep the run in."""
        self.scenario = scenario
        self._replication = replication
        self.error: BaseException | None = None
        """What ended the world before its time."""
        self.trouble: str = ""
        """What the world last said about a command that it could not carry out."""
        self.latest: Frame | None = None
        self.trace_sha256 = ""
        self._speed = speed
        self.serves = serve
        self._out = out
        self._live: Live | None = None
        self._watch: Watch
        self._drawn = 0.0
        self._ready = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)

    # --- from the screen's thread ------------------------------------------------------------------------

    def start(self) -> None:
        """Let the world begin."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the world's thread runs."""
        return self._thread.is_alive()

    def command(self, action: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Let a command enter; what comes of it is seen in a frame, what is refused in :attr:`trouble`."""
        if self._live is not None:
            self._live.command(action, arguments or {}).add_done_callback(self._answered)

    def follow(self) -> None:
        """Tell the story of the next person."""
        if self._live is not None:
            self._live.mailbox.post(Read(self._follow, Future()))

    def ask(self, action: str, arguments: Mapping[str, Any], answer: Callable[[Any], None]) -> None:
        """Let a command enter whose result is wanted: ``answer`` gets it, on the world's thread or at once."""

        def told(future: Future[Any]) -> None:
            self._answered(future)
            if not future.cancelled() and future.exception() is None:
                answer(future.result())

        if self._live is not None:
            self._live.command(action, arguments).add_done_callback(told)

    def look_at(self, scene: Scene | None) -> None:
        """Show this; None: whatever the story is about."""
        if self._live is not None:
            self._live.mailbox.post(Read(lambda: self._look_at(scene), Future()))

    def _answered(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, BeingAdvancedError):
            return  # a key that was pressed once more: what it asks for is under way
        if isinstance(error, ServiceError):
            self.trouble = error.message
        elif isinstance(error, ValueError):
            self.trouble = str(error)

    def stop(self) -> bool:
        """End the world; whether that was done in time."""
        self._stopped = True
        self._ready.wait(STOPPED_S)
        if self._live is not None:
            self._live.stop()
        self._thread.join(STOPPED_S)
        return not self._thread.is_alive()

    # --- on the world thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._world()
        except BaseException as error:
            self.error = error
        finally:
            self._ready.set()

    def _world(self) -> None:
        live = self._opened()
        try:
            recording = None if self._out is None else Recording(live.world, self._out, "direct")
            self._watch = Watch(live.world)
            self._live = live
            self._ready.set()
            began = perf_counter()
            try:
                if not self._stopped:
                    with self._announced(live):
                        live.run(until=live.world.end, ready=self._draw, turned=self._maybe_draw, stay=True)
            except BaseException:
                if recording is not None:
                    recording.cut_off()
                raise
            self.trace_sha256 = live.world.trace_sha256
            if recording is not None:
                recording.finish(summarize(live.world, transport="direct", wall_s=perf_counter() - began))
        finally:
            live.close()

    def _opened(self) -> Live:
        if self.serves:
            from sim.serving import Session

            return Session(self.scenario, transport="direct", speed=self._speed)
        live = Live(self._speed)
        live.begin(World(self.scenario, replication=self._replication))
        return live

    def _announced(self, live: Live) -> AbstractContextManager[object]:
        if not self.serves or self._out is None:
            return nullcontext()
        from tui.commands.serve import announced

        return announced(cast("Session", live), self._out)

    def _follow(self) -> None:
        self._watch.follow_next()
        self._watch.scene = "person" if self._watch.scene is not None else None
        self._draw()

    def _look_at(self, scene: Scene | None) -> None:
        self._watch.scene = scene
        self._draw()

    def _maybe_draw(self) -> None:
        if perf_counter() - self._drawn >= FRAME_S:
            self._draw()

    def _draw(self) -> None:
        if self._live is not None:
            self.latest = make_frame(self._live.world, self._watch, self._live.clockwork)
            self._drawn = perf_counter()
