"""The table of results that a scenario promises: what was reported elsewhere, beside where it is measured here.

Invariant: a result names a figure by its path in the summary, so nothing can be claimed that is not measured.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

from sim.expressions import comparison
from sim.scenario.fields import Matching, Part, Text, described, wrong
from sim.time import clipped

_SIGNS: Final = "<>="


def _read_reported(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(f"must be a value or a comparison, not {described(value)}; write one such as 17 or '< 2400'")
    if isinstance(value, str):
        if not value.strip():
            raise wrong("must be a value or a comparison, not an empty text; write one such as 17 or '< 2400'")
        if value.strip()[0] in _SIGNS and comparison(value) is None:
            raise wrong(f"'{clipped(value)}' is no comparison; write one such as '< 2400' with <, <=, >, >= or ==")
    return value


Reported = Annotated[
    int | float | str,
    BeforeValidator(_read_reported),
    WithJsonSchema({"type": ["integer", "number", "string"], "examples": [17, "< 2400"]}),
]
Metric = Annotated[
    str,
    Matching(
        r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*",
        "write a key of the summary with dots, for example latency.leaver.max_s",
    ),
]


class ResultSpec(Part):
    """A row of the results table; `reported`: a value, or a comparison that the measured figure must satisfy."""

    label: Text
    metric: Metric
    reported: Reported
