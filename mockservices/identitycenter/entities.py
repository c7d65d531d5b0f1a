"""What an instance of Identity Center holds: accounts, permission sets, assignments, and how operations on them ended.

Invariant: values and names only; whatever may be done with them is the instance's.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockservices.clock import Millis

USER, GROUP = "USER", "GROUP"
Grants = frozenset[int]
NOTHING: Grants = frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account of the organisation."""

    row: int
    id: str
    name: str


class PermissionSet:
    """A permission set and the managed policies attached to it."""

    __slots__ = (
        "arn",
        "created",
        "description",
        "managed_policies",
        "name",
        "privileged",
        "relay_state",
        "row",
        "session",
    )

    def __init__(self, row: int, arn: str, name: str, session: Millis, created: Millis) -> None:
        self.row = row
        self.arn = arn
        self.name = name
        self.session = session
        self.created = created
        self.privileged = False
        self.description: str | None = None
        self.relay_state: str | None = None
        self.managed_policies: list[str] = []


@dataclass(frozen=True, slots=True)
class Assignment:
    """(principal, account, permission set), as the console lists it."""

    kind: str
    principal_id: str
    account: int
    permission_set: int


@dataclass(frozen=True, slots=True)
class OperationStatus:
    """How an asynchronous assignment operation ended; ``failure`` is None when it succeeded."""

    request_id: str
    operation: str
    assignment: Assignment
    created: Millis
    failure: str | None
