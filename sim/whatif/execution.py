"""Replications carried out by many workers: local processes, or a Dask cluster through its executor.

Invariant: results depend on neither the number of workers nor the order in which they come nor who computes them. What
has come is kept at once; an interruption loses what is under way and nothing else.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final, TypeAlias, cast

from sim.errors import JmlabError, UnreachableError
from sim.whatif.experiment import Experiment, Replication, replicate

CONNECT_S: Final = 10
"""Seconds that a scheduler has to answer."""
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


def _stays_on_interrupt() -> None:
    """In a worker: ctrl-c is for the process that gives out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


@contextmanager
def local(workers: int | None = None) -> Iterator[Workers]:
    """Processes on this machine; as many as it has processors unless told otherwise."""
    count = workers or processors()
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_stays_on_interrupt)
    try:
        yield Workers(executor, count, count * AHEAD)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of a Dask scheduler; UnreachableError when it does not answer, JmlabError without the extra."""
    try:
        from distributed import Client
    except ImportError:
        raise JmlabError("--scheduler needs Dask; install it with: pip install 'jmlab[cluster]'") from None
    try:
        client: Any = cast("Any", Client)(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise UnreachableError(f"--scheduler {address}: no Dask scheduler answers there ({reason})") from None
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UnreachableError(f"--scheduler {address}: the scheduler has no workers; start dask worker {address}")
        yield Workers(client.get_executor(pure=False, retries=3), threads, threads * AHEAD)
    finally:
        client.close()


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
                under_way[workers.executor.submit(replicate, experiment, number)] = number
            finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=under_way.__getitem__):
                number = under_way.pop(future)
                done[number] = future.result()
                keep(number, done[number])
    finally:
        for future in under_way:
            future.cancel()
