"""What goes wrong between the job and its target, or between outside clients and a service: the section `faults`.

Invariant: a key that means nothing for a kind of fault is refused, so that no fault is weaker or stronger than it
reads.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, model_validator

from mockservices.clock import Millis
from mockservices.faults import GRAPH
from sim.scenario.action import Action
from sim.scenario.fields import Duration, Flag, Number, Part, Point, Slug, Text, Whole, Within, wrong
from sim.time import DAY, HOUR, LONGEST, SECOND

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "fail_before": (),
    "lost_answer": (),
    "throttled": ("rate", "burst", "retry_after"),
    "server_error": ("status", "retry_after"),
    "latency": ("delay",),
    "outage": ("status", "retry_after"),
    "expired_credentials": (),
    "not_scim": ("status",),
    "blocked_user_agent": (),
}
"""The keys that only some kinds take."""
_STATUSES: Final[dict[str, tuple[int, ...]]] = {
    "server_error": (500, 502, 503, 504),
    "outage": (503, 500, 502, 504),
    "not_scim": (404, 200, 403, 500, 502, 503),
}
"""What a kind may answer."""
_CHOOSING: Final = ("operation", "person", "group", "share", "times")
"""The keys that pick requests out; an outage has none of them."""


class Fault(Part):
    """Something that goes wrong from `at` on, `for` as long as it says, or until somebody ends it.

    `fail_before`: the request never arrives. `lost_answer`: it is carried out, and nobody hears of it. `throttled`:
    429; with `rate` and `burst` out of a token bucket, without them by `share`. `server_error`: `status`. `latency`:
    the answer comes `delay` later. `outage`: everything fails, without an answer or with `status`.
    `expired_credentials`: 401. `not_scim`: a web page with `status`. `blocked_user_agent`: 403 to changes by clients
    that do not say who they are.

    `share`: of the attempts, those that it strikes. `times`: how often at most it strikes the same object. `person`,
    `group`: only requests about them. `service: graph`: outside clients' requests; the job's are never struck there.
    `started: false`: it waits for `start_fault`, or for somebody to start it over HTTP.
    """

    name: Slug | None = None
    kind: Literal[
        "fail_before",
        "lost_answer",
        "throttled",
        "server_error",
        "latency",
        "outage",
        "expired_credentials",
        "not_scim",
        "blocked_user_agent",
    ]
    at: Point = Millis(0)
    lasts: Annotated[Duration, Within(Millis(1), LONGEST)] | None = Field(default=None, alias="for")
    started: Flag = True
    service: Literal["scim", "graph"] = "scim"
    operation: Literal[
        "any",
        "find_user",
        "get_user",
        "create_user",
        "update_user",
        "delete_user",
        "find_group",
        "get_group",
        "create_group",
        "update_group",
        "delete_group",
    ] = "any"
    person: Text | None = None
    group: Text | None = None
    share: Annotated[Number, Field(gt=0, le=1)] = 1.0
    times: Annotated[Whole, Field(ge=1)] | None = None
    status: Whole | None = None
    retry_after: Annotated[Duration, Within(SECOND, DAY)] | None = None
    rate: Annotated[Number, Field(gt=0, le=10_000)] | None = None
    burst: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
    delay: Annotated[Duration, Within(Millis(1), Millis(24 * HOUR))] | None = None

    @model_validator(mode="after")
    def _keys_of_its_kind(self) -> Fault:
        for key in ("rate", "burst", "retry_after", "status", "delay"):
            if getattr(self, key) is not None and key not in _KEYS[self.kind]:
                kinds = [kind for kind, keys in _KEYS.items() if key in keys]
                raise wrong(f"{self.kind} takes no {key}; it belongs to {' and '.join(kinds)}", key)
        if self.kind == "latency" and self.delay is None:
            raise wrong("latency needs a delay, for example delay: 5s", "kind")
        allowed = _STATUSES.get(self.kind, ())
        if self.status is not None and self.status not in allowed:
            shown = ", ".join(map(str, sorted(allowed)))
            raise wrong(f"{self.status} is not allowed for {self.kind}; allowed: {shown}", "status")
        if self.kind == "outage":
            if self.retry_after is not None and self.status is None:
                raise wrong("an outage without an answer has no retry_after; give a status, such as 503", "retry_after")
            for key in _CHOOSING:
                if getattr(self, key) != Fault.model_fields[key].default:
                    raise wrong(f"an outage strikes every request; leave {key} out, or choose another kind", key)
        if self.retry_after is not None and self.retry_after % SECOND:
            raise wrong("Retry-After has whole seconds; for example 30s", "retry_after")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Fault:
        if self.burst is not None and self.rate is None:
            raise wrong("burst needs a rate, in requests a second; for example rate: 20", "burst")
        if self.rate is not None and self.share != 1:
            raise wrong("rate and share exclude each other; give one of them", "share")
        if not self.started and self.at:
            raise wrong("a fault that waits to be started has no time of its own; leave at or started out", "at")
        if self.person is not None and self.group is not None:
            raise wrong("give person or group, not both; a request is about one object", "group")
        for key, kind in (("person", "_user"), ("group", "_group")):
            if getattr(self, key) is not None and self.operation != "any" and not self.operation.endswith(kind):
                raise wrong(f"{self.operation} is never about a {key}; leave one of them out", key)
        if self.service == GRAPH:
            if self.kind in {"not_scim", "blocked_user_agent"}:
                raise wrong(f"graph has no {self.kind}; choose another kind, or service: scim", "kind")
            for key in ("person", "group"):
                if getattr(self, key) is not None:
                    raise wrong(f"with service: graph no {key} can be picked out; leave {key} out", key)
        return self


def answer_of(fault: Fault) -> int:
    """The HTTP status with which a fault answers; 0 where the kind says it, or there is no answer."""
    if fault.status is not None:
        return fault.status
    return {"server_error": 503, "not_scim": 404, "throttled": 429}.get(fault.kind, 0)


class StartFault(Action):
    """A fault of `faults` goes wrong from now on, for as long as it says."""

    do: Literal["start_fault"]
    fault: Slug


class EndFault(Action):
    """A fault of `faults` is over."""

    do: Literal["end_fault"]
    fault: Slug


Faulty: TypeAlias = StartFault | EndFault
