"""The companies that are measured: the catalogue's scenario `plain`, at the sizes of the rows.

Invariant: what is measured is a scenario that anybody can run.
"""

from __future__ import annotations

from typing import Final

from sim.scenario import Scenario, load

SIZES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
"""People, by what the rows' names call them."""

NOBODY_COMES_OR_GOES: Final = tuple(
    f"workforce.{key}=0" for key in ("rates.joiners", "rates.leavers", "rates.movers", "contractors")
)


def plain(size: int, *settings: str) -> Scenario:
    """A year in a company of so many people, every 40 minutes a cycle."""
    return load("plain", (f"workforce.size={size}", *settings)).scenario
