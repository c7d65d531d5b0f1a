"""The workers of a Dask scheduler, which was started with Dask's own commands, through Dask's own executor.

Invariant: nothing is computed by a worker with another version of this program, for its results could differ.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, Final, cast

from sim.errors import JmlabError, UnreachableError
from sim.time import clipped
from sim.whatif.execution import AHEAD, Workers
from sim.whatif.experiment import made_by

_ADDRESS: Final = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})")
CONNECT_S: Final = 10
"""Seconds that a scheduler has to answer."""


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of a scheduler; UnreachableError when it does not answer or goes away, JmlabError without Dask.

    A worker that dies costs the time of its tasks: the scheduler gives them to another one.
    """
    check_address(address)
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise JmlabError("--scheduler needs Dask; install it with: pip install 'jmlab[cluster]'") from None
    # whatever matters is told in a sentence; its warnings about versions and lost connections would come on top
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client: Any = cast("Any", Client)(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise UnreachableError(f"--scheduler {address}: no Dask scheduler answers there ({reason})") from None
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UnreachableError(
                f"--scheduler {address}: this scheduler has no workers; start one with: dask worker {address}"
            )
        _check_versions(client, address)
        yield Workers(client.get_executor(pure=False), threads, threads * AHEAD)
    except KilledWorker:
        raise UnreachableError(
            f"--scheduler {address}: its workers die of a replication, perhaps for want of memory; what was computed "
            "is kept: the same command goes on from there"
        ) from None
    except CancelledError:
        raise UnreachableError(
            f"--scheduler {address}: the scheduler has gone; what was computed is kept: the same command goes on from "
            "there"
        ) from None
    finally:
        client.close()


def check_address(address: str) -> None:
    """JmlabError for what no scheduler's address looks like; Dask would try it, and complain on its way out."""
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[1]) < 65_536:
        raise JmlabError(
            f"--scheduler: '{clipped(address)}' is no address of a scheduler; write tcp://HOST:PORT as dask scheduler "
            "prints it, for example tcp://127.0.0.1:8786"
        )


def _check_versions(client: Any, address: str) -> None:
    """Every worker has this program, in this version, with the same libraries."""
    try:
        found: dict[str, dict[str, str]] = client.run(made_by)
    except ImportError as error:
        raise UnreachableError(
            f"--scheduler {address}: its workers cannot load this program ({error}); start them where it is installed"
        ) from None
    ours = made_by()
    for worker in sorted(found):
        for part, theirs in found[worker].items():
            if theirs != ours.get(part):
                raise UnreachableError(
                    f"--scheduler {address}: {worker} has {part} {theirs[:12]}, and here it is "
                    f"{ours.get(part, 'none')[:12]}; results would depend on who computes them"
                )
