"""What is kept of cycles: the one that runs, each that has ended, all of them together, and every request's digest.

Invariant: plain records; who fills them is the driver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from mockservices.clock import Millis
from mockservices.values import value
from sim.ports import Request
from sim.provisioning.tally import Tally


@value
class CycleRow:
    """One cycle, as the journal keeps it."""

    number: int
    initial: bool
    start: Millis
    end: Millis
    tally: Tally
    divergence_before: int
    divergence_after: int
    failed: str = ""
    """The code of what stopped it altogether."""


def _words(at: int, request: Request, status: int) -> str:
    return f"{at}\t{request.method}\t{request.path}\t{status}\n"


class TrafficDigest:
    """SHA-256 over every request of the job, in order, with simulated times."""

    __slots__ = ("_hash", "_sent")

    def __init__(self) -> None:
        self._hash = sha256()
        self._sent: list[tuple[int, Request, int] | str] = []

    def add(self, at: int, request: Request, status: int) -> None:
        """One request and its status."""
        sent = self._sent
        sent.append((at, request, status))
        if len(sent) >= 2048:
            self._flush()

    def say(self, line: str) -> None:
        """One request and its status, in words: when, method, path and status with tabs between."""
        self._sent.append(line)

    def _flush(self) -> None:
        lines = [sent if type(sent) is str else _words(*sent) for sent in self._sent]
        self._hash.update("".join(lines).encode())
        self._sent.clear()

    def digest(self) -> str:
        """The digest so far, in hexadecimal."""
        self._flush()
        return self._hash.hexdigest()


@dataclass(slots=True)
class Running:
    """Where the current cycle is."""

    number: int = 0
    initial: bool = False
    start: Millis = Millis(0)
    objects: int = 0
    total: int = 0
    active: bool = False
    tally: Tally = field(default_factory=Tally)
    divergence_before: int = 0


@dataclass(slots=True)
class Sums:
    """What all cycles did together."""

    tally: Tally = field(default_factory=Tally)
    cycles: int = 0
    initial: CycleRow | None = None
    """The first initial cycle that came to its end."""
