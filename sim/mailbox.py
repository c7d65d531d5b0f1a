"""The world's mailbox: how handlers on other threads reach the one thread that may touch the world.

Invariant: reads, and the world's own requests, run as soon as the world thread looks, even while it waits for an
answer of its own; commands wait until the world can give them a place in time. So nothing that calls the world while
the world calls it can hang.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sim.commands import HTTP

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read:
    """Something to run on the world thread that changes nothing, or is the job's own doing."""

    work: Callable[[], Any]
    future: Future[Any]

    def run(self) -> None:
        """Run it and hand the result, or the error, to whoever waits."""
        if self.future.set_running_or_notify_cancel():
            try:
                self.future.set_result(self.work())
            except Exception as error:
                self.future.set_exception(error)


@dataclass(frozen=True, slots=True)
class Entering:
    """A command that wants to enter the world; ``respond`` makes the answer from its result."""

    action: str
    arguments: Mapping[str, Any]
    respond: Callable[[Any], Any]
    future: Future[Any]
    origin: str = HTTP


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the world's own request."""

    result: Any
    error: BaseException | None


class Nudge:
    """Wakes the world thread and says nothing."""


class Mailbox:
    """One queue into the world thread."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Read | Entering | Reply | Nudge] = SimpleQueue()
        self._commands: deque[Entering] = deque()
        self._closed = False

    # --- from any thread ---------------------------------------------------------------------------------

    def post(self, item: Read | Entering | Reply | Nudge) -> None:
        """Put something in; after the world has ended, whoever waits is told so."""
        self._queue.put(item)
        if self._closed:
            self.close()

    def nudge(self) -> None:
        """Wake the world thread."""
        self._queue.put(Nudge())

    # --- on the world thread -----------------------------------------------------------------------------

    def command_waits(self) -> bool:
        """Serve what can be served at once; whether a command waits to enter."""
        while not self._queue.empty():
            self._take(self._queue.get())
        return bool(self._commands)

    def next_command(self) -> Entering | None:
        """The command that has waited longest."""
        self.command_waits()
        return self._commands.popleft() if self._commands else None

    def wait(self, seconds: float | None) -> None:
        """Sleep until something arrives and serve it, or until the time is over."""
        if self._commands:
            return
        try:
            self._take(self._queue.get(timeout=seconds))
        except Empty:
            return

    def wait_for_reply(self) -> Reply:
        """Serve reads and own requests until the answer to the world's own request is here."""
        while True:
            item = self._queue.get()
            if isinstance(item, Reply):
                return item
            self._take(item)

    def _take(self, item: Read | Entering | Reply | Nudge) -> None:
        if isinstance(item, Read):
            item.run()
        elif isinstance(item, Entering):
            self._commands.append(item)

    def close(self) -> None:
        """The world has ended: whoever still waits gets an error instead of silence."""
        self._closed = True
        gone: list[Future[Any]] = [command.future for command in self._commands]
        self._commands.clear()
        while not self._queue.empty():
            item = self._queue.get()
            if isinstance(item, Read | Entering):
                gone.append(item.future)
        for future in gone:
            if future.set_running_or_notify_cancel():
                future.set_exception(RuntimeError("this world has ended"))


class MailboxGate:
    """Implements :class:`mockservices.ports.Gate` over a mailbox."""

    def __init__(self, mailbox: Mailbox, job_key: str) -> None:
        self._mailbox = mailbox
        self.job_key = job_key

    async def read(self, work: Callable[[], T]) -> T:
        """See :class:`mockservices.ports.Gate`."""
        future: Future[T] = Future()
        self._mailbox.post(Read(work, future))
        return await asyncio.wrap_future(future)

    async def command(self, action: str, arguments: Mapping[str, Any], respond: Callable[[Any], T]) -> T:
        """See :class:`mockservices.ports.Gate`."""
        future: Future[T] = Future()
        self._mailbox.post(Entering(action, arguments, respond, future))
        return await asyncio.wrap_future(future)
