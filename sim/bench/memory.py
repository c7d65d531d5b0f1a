"""The most memory that a simulated year takes.

Invariant: measured in a process of its own, so that nothing measured before counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sim.bench.companies import plain
from sim.errors import JmlabError
from sim.world import World


@dataclass(frozen=True, slots=True)
class Memory:
    """Peaks of resident memory of one process, in megabytes (10^6 bytes)."""

    loaded: float
    """With the program and the scenario loaded, before there is a world."""
    year: float
    """At the end of the year."""


def peak() -> float:
    """The most resident memory that this process has had so far, in megabytes."""
    # getrusage would also count what the process was before it became this program: a copy of its parent
    # (https://man7.org/linux/man-pages/man2/getrusage.2.html, RUSAGE_SELF is kept across execve).
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def report(size: int) -> None:
    """Live through a year with so many people in this process, and write what it took to stdout."""
    scenario = plain(size)
    loaded = peak()
    World(scenario).run()
    sys.stdout.write(json.dumps({"loaded": loaded, "year": peak()}))


def measure_memory(size: int) -> Memory:
    """What a year with so many people takes in a fresh process; JmlabError when the system ends that process."""
    command = [sys.executable, "-c", f"from sim.bench.memory import report; report({size:d})"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - this program itself, and a number
    if done.returncode < 0:
        raise JmlabError(
            f"a simulated year with {size} people was ended by signal {-done.returncode}; "
            "it may need more memory than there is"
        )
    done.check_returncode()
    return Memory(**json.loads(done.stdout))
