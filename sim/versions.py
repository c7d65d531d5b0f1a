"""Which versions a run was made with.

Invariant: what is not installed as a distribution is told as such, never guessed.
"""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
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


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
