"""What a company has promised about its identity lifecycle: how soon access is there, how soon it is gone.

Invariant: a target is a promise and sets nothing; what is not promised has no target.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from mockservices.clock import Millis
from sim.scenario.fields import Duration, Part, described, read_duration, wrong
from sim.time import DURATION_PATTERN, format_duration

AT_START: Final = "at_start"
"""Access is there when the first day begins."""
Ready: TypeAlias = Millis | Literal["at_start"]
Clock: TypeAlias = Literal["effective", "notified"]
"""From when on a target's time counts: from the event's own time, or from when HR knew."""


def _read(value: object) -> Ready:
    if value == AT_START:
        return AT_START
    if isinstance(value, str) and value[:1].isalpha() and not value.upper().startswith("P"):
        raise wrong(f"{described(value)} is no target; write at_start, or a duration such as 4h")
    return read_duration(value)


def _write(value: Ready) -> str:
    return value if isinstance(value, str) else format_duration(value)


ReadyField = Annotated[
    Ready,
    PlainValidator(_read),
    PlainSerializer(_write, return_type=str),
    WithJsonSchema({"anyOf": [{"const": AT_START}, {"type": "string", "pattern": DURATION_PATTERN}]}),
]


class Sla(Part):
    """Targets per kind of event: within which time the target agrees.

    `joiner` may also be `at_start`: everything is there when the first day begins. `privileged_leaver` is for whoever
    held a permission set marked as privileged.
    """

    joiner: ReadyField | None = None
    mover: Duration | None = None
    leaver: Duration | None = None
    privileged_leaver: Duration | None = None
    contractor_expiry: Duration | None = None
    rehire: ReadyField | None = None

    @model_validator(mode="after")
    def _something_is_promised(self) -> Sla:
        if not self.targets():
            raise wrong("nothing is promised; give at least one target, for example leaver: 24h")
        return self

    def targets(self) -> dict[str, Any]:
        """Kind of event to ms, or ``at_start``, of what is promised."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
