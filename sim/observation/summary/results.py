"""The results table of a scenario: each row measured from a figure of the summary, and held against what was reported.

Invariant: nothing is measured here; a figure that is null agrees with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.expressions import OPERATORS, at_path, comparison
from sim.scenario.results import ResultSpec


def results_block(specs: Sequence[ResultSpec], summary: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """``results``; None when the scenario has no such table, ExpressionError for a path that the summary has not."""
    if not specs:
        return None
    return [_row(spec, at_path(summary, spec.metric, f"results: {spec.metric}")) for spec in specs]


def _row(spec: ResultSpec, measured: Any) -> dict[str, Any]:
    return {
        "label": spec.label,
        "metric": spec.metric,
        "reported": spec.reported,
        "measured": measured,
        "agrees": agrees(spec.reported, measured),
    }


def agrees(reported: int | float | str, measured: Any) -> bool:
    """Whether a measured figure is what was reported, or satisfies the comparison that was."""
    if measured is None or isinstance(measured, bool):
        return False
    compared = comparison(reported) if isinstance(reported, str) else None
    if compared is None:
        return bool(measured == reported)
    sign, limit = compared
    return isinstance(measured, int | float) and OPERATORS[sign](measured, limit)
