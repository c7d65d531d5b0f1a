"""How fast the program is: every figure beside a baseline that is measured in the same process run.

Invariant: measures through what a world offers to anybody, and changes nothing about how a world runs.
"""

from __future__ import annotations

from sim.bench.render import table
from sim.bench.session import NAMES, run

__all__ = ["NAMES", "run", "table"]
