"""Which settings of a scenario stand for the real world, what they are set to, and how well that is known.

Invariant: a value keeps its public source only while it is the default; one that was changed is the scenario's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from sim.scenario.models import Scenario


@runtime_checkable
class Usual(Protocol):
    """A part whose defaults depend on what it is about."""

    def usual(self) -> dict[str, object]:
        """The default of each setting that stands for the real world."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A setting as the summary lists it; grade A is official, B and C are surveys, D an assumption."""

    key: str
    value: Any
    grade: str | None
    source: str


def assumptions(scenario: Scenario) -> tuple[Assumption, ...]:
    """The assumptions that the scenario really uses, in the order of the file."""
    written = scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    return tuple(_below(scenario, written, ""))


def _below(part: BaseModel, written: dict[str, Any], prefix: str) -> Iterator[Assumption]:
    for name, field in type(part).model_fields.items():
        if name not in written:
            continue
        value = getattr(part, name)
        if isinstance(value, BaseModel):
            yield from _below(value, written[name], f"{prefix}{name}.")
        elif isinstance(value, tuple) and value and (isinstance(value[0], Usual) or name == "requests"):
            for number, item in enumerate(value):
                yield from _below(item, written[name][number], f"{prefix}{name}.{number}.")
        elif isinstance(extra := field.json_schema_extra, dict) and "grade" in extra:
            if value == (part.usual()[name] if isinstance(part, Usual) else field.default):
                yield Assumption(prefix + name, written[name], str(extra["grade"]), str(extra["source"]))
            else:
                yield Assumption(prefix + name, written[name], None, "set by the scenario")
