"""What the provisioning job asks of its source and its target: plain frozen values, whatever carries them.

Invariant: every value is a snapshot. Nothing that a core does afterwards shows in an answer already given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Protocol, TypeAlias
from urllib.parse import quote

from mockservices.scim.operations import Operation, Value
from mockservices.values import value

SourceValue: TypeAlias = str | bool | tuple[str, ...] | None

USER, GROUP = "User", "Group"


@value
class SourceUser:
    """A user of the directory as a delta query or a GET shows it."""

    id: str
    enabled: bool
    attributes: Mapping[str, SourceValue]
    removed: str | None = None
    """``changed``: in the recycle bin; ``deleted``: gone for good. Nothing else is known then."""
    manager: str | None = None
    """The id of the live user who is its manager, where the manager is mapped."""
    ordinary: ClassVar[bool] = False
    """Whether it is known to be in scope without anybody asking; see :mod:`sim.routine`."""


@value
class SourceGroup:
    """A group of the directory as a delta query shows it."""

    id: str
    attributes: Mapping[str, SourceValue]
    members: tuple[tuple[str, bool], ...] = ()
    """(user id, member or not) of the memberships that changed; all members in a full read."""
    removed: str | None = None


@value
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
        """(kind, id) of the users and groups assigned to the application, with a role that entitles them."""

    def binned(self) -> tuple[str, ...]:
        """Ids of the users in the recycle bin, sorted."""

    def user(self, identifier: str) -> SourceUser:
        """One user; ``removed`` is set when it cannot be found."""

    def group(self, identifier: str) -> SourceGroup:
        """One group without members; ``removed`` is set when it cannot be found."""

    def members(self, group: str) -> tuple[str, ...]:
        """User ids of the direct members of a group."""

    def groups_of(self, user: str) -> tuple[str, ...]:
        """Ids of the groups that a user is a direct member of."""


@value
class TargetUser:
    """A user of the target as a GET shows it."""

    id: str
    attributes: Mapping[str, Value]
    active: bool


@value
class TargetGroup:
    """A group of the target as a GET shows it; members are never read."""

    id: str
    attributes: Mapping[str, Value]


class Request:
    """One HTTP request that the job sends to the target, or would.
    https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"""

    __slots__ = ()
    method: ClassVar[str]

    @property
    def path(self) -> str:
        """Relative to the SCIM base URL, with the query: what ``traffic_sha256`` hashes."""
        raise NotImplementedError


@value
class Find(Request):
    """Look an object up by its matching attribute."""

    kind: str
    attribute: str
    value: str
    method: ClassVar[str] = "GET"

    @property
    def path(self) -> str:
        """See :class:`Request`."""
        return f"{_LOOKUPS[self.kind]}filter={self.attribute}%20eq%20%22{_quoted(self.value)}%22"


@value
class Refers(Request):
    """Ask whether a user refers to another one, without reading what it refers to.
    https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"""

    id: str
    attribute: str
    value: str
    kind: ClassVar[str] = USER
    method: ClassVar[str] = "GET"

    @property
    def path(self) -> str:
        """See :class:`Request`."""
        clauses = f'id eq "{self.id}" and {self.attribute} eq "{self.value}"'
        return f"/Users?attributes=id&filter={quote(clauses, safe='')}"


@value
class Get(Request):
    """Read an object through its cached link."""

    kind: str
    id: str
    method: ClassVar[str] = "GET"

    @property
    def path(self) -> str:
        """See :class:`Request`."""
        return f"/Users/{self.id}" if self.kind == USER else f"/Groups/{self.id}?{_WITHOUT_MEMBERS}"


@value
class Create(Request):
    """Create a user or group."""

    kind: str
    attributes: Mapping[str, Value]
    active: bool = True
    method: ClassVar[str] = "POST"

    @property
    def path(self) -> str:
        """See :class:`Request`."""
        return _COLLECTIONS[self.kind]


@value
class Patch(Request):
    """Change a user or group."""

    kind: str
    id: str
    operations: tuple[Operation, ...]
    added: frozenset[str] = frozenset()
    """Paths that had no value before: Entra says ``Add`` for them."""
    legacy: bool = False
    """To be written in the legacy dialect whatever the tenant URL asks for, as everything on demand is.
    https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
    """
    method: ClassVar[str] = "PATCH"

    @property
    def path(self) -> str:
        """See :class:`Request`."""
        return f"{_COLLECTIONS[self.kind]}/{self.id}"


@value
class Delete(Request):
    """Delete a user or group."""

    kind: str
    id: str
    method: ClassVar[str] = "DELETE"

    @property
    def path(self) -> str:
        """See :class:`Request`."""
        return f"{_COLLECTIONS[self.kind]}/{self.id}"


_COLLECTIONS = {USER: "/Users", GROUP: "/Groups"}
_WITHOUT_MEMBERS = "excludedAttributes=members"
_LOOKUPS = {USER: "/Users?", GROUP: f"/Groups?{_WITHOUT_MEMBERS}&"}
_ALMOST_PLAIN = re.compile(r"[A-Za-z0-9_.~@-]*")


def _quoted(value: str) -> str:
    """A filter's value as it stands in a URL; a name with nothing but an @ to escape is quick to do."""
    if _ALMOST_PLAIN.fullmatch(value):
        return value.replace("@", "%40")
    return quote(value.replace("\\", "\\\\").replace('"', '\\"'), safe="")


NO_ANSWER = 0
"""In place of an HTTP status: nothing came back while the job waited, whether or not the request was carried out."""


@value
class Answer:
    """What came back: an HTTP status, and the objects it carries."""

    status: int
    found: tuple[TargetUser | TargetGroup, ...] = ()
    detail: str = ""
    retry_after: int | None = None
    """Seconds, where the answer has a header ``Retry-After`` (RFC 9110 §10.2.3)."""
    lasted: int = 0
    """Simulated milliseconds that it took beyond what a request usually takes."""
    scim: bool = True
    """False where something answered that does not speak SCIM: a web page, whatever its status."""

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return NO_ANSWER < self.status < 300 and self.scim


class Target(Protocol):
    """The service provider, written to by the job."""

    def send(self, request: Request) -> Answer:
        """Have a request carried out at the clock's time; a refusal is an answer, never an exception."""

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """Test a connection: look a random userName up with these credentials. None: it works; else why not.

        ``base_address``: empty for the target's own.
        """
