"""What the provisioning job asks of its source and its target: plain frozen values, whatever carries them.

Invariant: every value is a snapshot. Nothing that a core does afterwards shows in an answer already given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mockservices.scim.operations import Operation, Value

SourceValue: TypeAlias = str | bool | tuple[str, ...] | None

USER, GROUP = "User", "Group"


@dataclass(frozen=True, slots=True)
class SourceUser:
    """A user of the directory as a delta query or a GET shows it."""

    id: str
    enabled: bool
    attributes: Mapping[str, SourceValue]
    removed: str | None = None
    """``changed``: in the recycle bin; ``deleted``: gone for good. Nothing else is known then."""


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """A group of the directory as a delta query shows it."""

    id: str
    attributes: Mapping[str, SourceValue]
    members: tuple[tuple[str, bool], ...] = ()
    """(user id, member or not) of the memberships that changed; all members in a full read."""
    removed: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed since a watermark, and the watermark to ask with next time."""

    users: tuple[SourceUser, ...]
    groups: tuple[SourceGroup, ...]
    watermark: str


class Source(Protocol):
    """The directory, read by the job. Every read of a cycle happens at the cycle's gate."""

    def changes(self, watermark: str | None) -> Delta:
        """Objects changed since a watermark; None: every object, with all members."""

    def latest(self) -> str:
        """The watermark that stands for now."""

    def assigned(self) -> tuple[tuple[str, str], ...]:
        """(kind, id) of the users and groups assigned to the application."""

    def user(self, identifier: str) -> SourceUser:
        """One user; ``removed`` is set when it cannot be found."""

    def group(self, identifier: str) -> SourceGroup:
        """One group without members; ``removed`` is set when it cannot be found."""

    def members(self, group: str) -> tuple[str, ...]:
        """User ids of the direct members of a group."""

    def groups_of(self, user: str) -> tuple[str, ...]:
        """Ids of the groups that a user is a direct member of."""


@dataclass(frozen=True, slots=True)
class TargetUser:
    """A user of the target as a GET shows it."""

    id: str
    attributes: Mapping[str, Value]
    active: bool


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A group of the target as a GET shows it; members are never read."""

    id: str
    attributes: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request that the job sends to the target, or would."""

    method: str
    path: str
    """Relative to the SCIM base URL, with the query: what ``traffic_sha256`` hashes."""


@dataclass(frozen=True, slots=True)
class Find(Request):
    """Look an object up by its matching attribute."""

    kind: str
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Get(Request):
    """Read an object through its cached link."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Create(Request):
    """Create a user or group."""

    kind: str
    attributes: Mapping[str, Value]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Patch(Request):
    """Change a user or group."""

    kind: str
    id: str
    operations: tuple[Operation, ...]
    added: frozenset[str] = frozenset()
    """Paths that had no value before: Entra says ``Add`` for them."""


@dataclass(frozen=True, slots=True)
class Delete(Request):
    """Delete a user or group."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: an HTTP status, and the objects it carries."""

    status: int
    found: tuple[TargetUser | TargetGroup, ...] = ()
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return self.status < 300


class Target(Protocol):
    """The service provider, written to by the job."""

    def send(self, request: Request) -> Answer:
        """Have a request carried out at the clock's time; a refusal is an answer, never an exception."""

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """Test a connection: look a random userName up with these credentials. None: it works; else why not."""
