"""What holds for every test: no chance, no network beyond loopback, nothing written to the user's own folders."""

from __future__ import annotations

import gc
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# The suite says the same every time it is run; `make test-long` goes looking for new examples.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True, max_examples=500)
hypothesis.settings.load_profile("repeatable")

# Thousands of collected tests stay until the end: looking through them less often saves a tenth of the time.
gc.set_threshold(50_000, 10, 10)

TESTS = Path(__file__).parent
SLOW = (
    # Whole stories over sockets, guides, invariants of them, measurements, samples of many runs, screens.
    "contract",
    "docs",
    "properties",
    "sim/bench",
    "statistics",
    "tui",
    # What holds in every one of many random worlds.
    "semantics/test_conservation.py",
    "semantics/test_e13_sums.py",
    "semantics/test_generated_lives.py",
    "semantics/test_trying.py",
    "sim/observation/test_consistency.py",
    "sim/routine",
)
"""Folders and modules of tests that take seconds each, minutes together: part of make test, not of make check."""
XDG_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what `-m "not slow"` leaves out whole."""
    return True if config.option.markexpr == "not slow" and _is_slow(collection_path) else None


def _is_slow(path: Path) -> bool:
    return any(path.is_relative_to(TESTS / folder) for folder in SLOW)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count long tests, and those of SLOW, as slow: `-m "not slow"` leaves them out."""
    for item in items:
        if item.get_closest_marker("long") is not None or _is_slow(item.path):
            item.add_marker("slow")


@pytest.fixture(autouse=True, scope="session")
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give this test session its own state, configuration and cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in XDG_FOLDERS:
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """Refuse every connection of this process that would leave the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            self.close()
            raise AssertionError(f"a test tried to connect to {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
