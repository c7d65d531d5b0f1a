"""Which versions a run was made with.

Invariant: what is not installed as a distribution is told as such, never guessed.
"""

from __future__ import annotations

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

PARTS: Final = ("numpy", "faker", "simpy")
"""Libraries whose version can change what a run derives from a seed."""


def jmlab_version() -> str:
    """The version of this program."""
    return _installed("jmlab")


def versions() -> dict[str, str]:
    """This program, Python, and the libraries that a run's outcome rests on."""
    return {
        "jmlab": jmlab_version(),
        "python": platform.python_version(),
        **{name: _installed(name) for name in PARTS},
    }


@cache
def code_sha256() -> str:
    """A digest over the source of the world and its services: what computes a result, to the last letter."""
    digest = sha256()
    root = Path(__file__).parents[1]
    for package in ("mockservices", "sim"):
        for file in sorted((root / package).rglob("*.py")):
            digest.update(f"{file.relative_to(root).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
