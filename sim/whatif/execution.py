"""Replications carried out by many workers: local processes, or a Dask cluster through its executor.

Invariant: results depend on neither the number of workers nor the order in which they come nor who computes them. What
has come is kept at once; an interruption loses what is under way and nothing else.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import Any, Final, TypeAlias

from sim.errors import UnreachableError
from sim.whatif.experiment import Experiment, Replication, replicate

AHEAD: Final = 2
"""Tasks given out per worker, so that none waits for the next."""

Progress: TypeAlias = Callable[[int, int | None], None]
"""Told how many replications are there, and how many it takes, where that is known."""
Enough: TypeAlias = Callable[[Mapping[int, Replication]], int | None]
"""How many replications it takes, told from those that are there without a gap from 0 on; None: more than those.

Whatever it answers it also answers when more are there, so that it does not matter who was quicker.
"""


@dataclass(frozen=True, slots=True)
class Workers:
    """Who computes: an executor, and how many tasks it should have at a time."""

    executor: Executor
    count: int
    at_a_time: int


@contextmanager
def _deaf_to_interrupt() -> Iterator[None]:
    """Processes and threads that are begun in here never hear ctrl-c, not even while they start: it is for the process
    that gives out the work. One that comes meanwhile is heard at the end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stays_on_interrupt() -> None:
    """In a worker, where processes inherit no mask of signals."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


@contextmanager
def local(workers: int | None = None) -> Iterator[Workers]:
    """Processes on this machine; as many as it has processors unless told otherwise.

    At the end nobody waits for what is still under way: whatever is wanted has come by then, or was given up.
    """
    count = workers or processors()
    others = set(active_children())
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_stays_on_interrupt)
    try:
        yield Workers(executor, count, count * AHEAD)
    finally:
        ours = [process for process in active_children() if process not in others]
        executor.shutdown(wait=False, cancel_futures=True)
        for process in ours:
            process.terminate()
        for process in ours:
            process.join()


def carry_out(
    experiment: Experiment,
    workers: Workers,
    have: Mapping[int, Replication],
    enough: Enough,
    keep: Callable[[int, Replication], None],
    progress: Progress | None = None,
) -> dict[int, Replication]:
    """Replications 0, 1, 2 ... until there are enough; exactly those.

    ``have``: those that are there already. ``keep`` gets each as it comes, be it one that will not be needed.
    Raises UnreachableError when the workers are gone.
    """
    done: dict[int, Replication] = dict(have)
    under_way: dict[Future[Any], int] = {}
    complete = 0
    try:
        while True:
            while complete in done:
                complete += 1
            target = enough({n: done[n] for n in range(complete)})
            if progress is not None:
                progress(complete if target is None else min(complete, target), target)
            if target is not None and complete >= target:
                return {n: done[n] for n in range(target)}
            ahead = complete + workers.at_a_time if target is None else target
            wanted = [n for n in range(complete, ahead) if n not in done and n not in under_way.values()]
            for number in wanted[: workers.at_a_time - len(under_way)]:
                with _deaf_to_interrupt():
                    under_way[workers.executor.submit(replicate, experiment, number)] = number
            finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=under_way.__getitem__):
                number = under_way.pop(future)
                done[number] = future.result()
                keep(number, done[number])
    except BrokenExecutor:
        raise UnreachableError(
            "a worker process was ended from outside, perhaps for want of memory; what was computed is kept: the same "
            "command goes on from there, and --workers 1 needs the least memory"
        ) from None
    finally:
        for future in under_way:
            future.cancel()
