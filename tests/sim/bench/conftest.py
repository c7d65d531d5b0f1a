"""The bench without the care that its figures need and its tests do not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sim.bench import cycles, measure


@pytest.fixture(autouse=True)
def _nothing_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """No garbage is collected before each sample: to look through what all other tests have left would take minutes."""
    for module in (measure, cycles):
        monkeypatch.setattr(module, "gc", SimpleNamespace(collect=int))
