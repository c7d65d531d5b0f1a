"""What a job sent, logged and brought about, in words short enough to stand in a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mockservices.graph.directory import Attribute
from mockservices.scim.operations import AddMembers, RemoveMembers, SetAttribute
from sim.ports import GROUP, USER, Answer, Create, Find, Patch, Request, Target
from sim.world import World

HOUR: Final = 3_600_000
MINUTE: Final = 60_000


@dataclass(slots=True)
class Listening:
    """Stands between a job and its target and writes down every request with its answer."""

    world: World
    target: Target
    sent: list[tuple[int, str]] = field(default_factory=list)
    """(when, what): ``PATCH ann active=False``; what was not granted has its status behind it."""
    _names: dict[str, str] = field(default_factory=dict)

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        at, words = self.world.clock.now, self._words(request)
        answer = self.target.send(request)
        if isinstance(request, Create) and answer.ok:
            self._names[answer.found[0].id] = words.rpartition(" ")[2]
        found = f" -> {len(answer.found)}" if isinstance(request, Find) and answer.ok else ""
        self.sent.append((at, f"{words}{found}{'' if answer.ok else f' -> {answer.status}'}"))
        return answer

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :class:`sim.ports.Target`."""
        return self.target.check(base_address, secret_token, probe)

    def _words(self, request: Request) -> str:
        if isinstance(request, Find):
            known = self._is_known(request)
            return f"find {short(request.value) if known else '?'}"
        if isinstance(request, Create):
            name = request.attributes["userName" if request.kind == USER else "displayName"]
            return f"POST {short(str(name))}"
        what = f"{request.method} {self._called(str(getattr(request, 'id', '')), getattr(request, 'kind', USER))}"
        return " ".join((what, *self._changes(request))) if isinstance(request, Patch) else what

    def _is_known(self, request: Find) -> bool:
        """Whether it is somebody in the directory, and no random name of a test of the connection."""
        directory = self.world.services.directory
        if request.kind == GROUP:
            return any(group.attributes["displayName"] == request.value for group in directory.groups)
        return "@" in request.value

    def _changes(self, request: Patch) -> list[str]:
        words: list[str] = []
        for operation in request.operations:
            if isinstance(operation, SetAttribute):
                words.append(f"{operation.path}={operation.value}")
            elif isinstance(operation, AddMembers | RemoveMembers):
                sign = "+" if isinstance(operation, AddMembers) else "-"
                words += [sign + self._called(identifier, USER) for identifier in operation.ids]
            else:
                words.append(type(operation).__name__)
        return words

    def _called(self, identifier: str, kind: str) -> str:
        provider = self.world.services.provider
        row = provider.group_row(identifier) if kind == GROUP else provider.user_row(identifier)
        if row is not None and identifier not in self._names:
            attributes = provider.groups[row].attributes if kind == GROUP else provider.peek(row).attributes
            self._names[identifier] = short(str(attributes["displayName" if kind == GROUP else "userName"]))
        return self._names[identifier]

    def words(self) -> list[str]:
        """What was sent, in order."""
        return [words for _, words in self.sent]


def short(name: str) -> str:
    """The part of a userPrincipalName before its first dot or @; the name of a group as it is."""
    return name.partition("@")[0].partition(".")[0] if "@" in name else name


def listen(world: World) -> Listening:
    """Write down from now on what a world's job sends."""
    listening = Listening(world, world.driver.target)
    world.driver.target = listening
    return listening


def logged(world: World) -> list[str]:
    """The provisioning log's rows that are no plain success: ``failure create jana EntryConflict``, each once."""
    directory = world.services.directory
    rows: dict[str, None] = {}
    for row in world.log.rows:
        if row.status == "success":
            continue
        if row.kind == USER:
            found = directory.user_row(row.source_id)
            name = "?" if found is None else _name(directory.attributes_of(found), row.source_id)
        else:
            found = directory.group_row(row.source_id)
            name = "?" if found is None else str(directory.groups[found].attributes["displayName"])
        rows[f"{row.status} {row.action} {name} {row.reason}"] = None
    return list(rows)


def _name(attributes: Mapping[str, Attribute], identifier: str) -> str:
    """What somebody is called; the directory puts the id before the name of a deleted account."""
    return short(str(attributes["userPrincipalName"]).removeprefix(identifier.replace("-", "")))


def access(world: World) -> dict[str, str]:
    """For everybody in the target: ``active: Developer@development``, or ``off``."""
    provider, instance = world.services.provider, world.services.instance
    held: dict[str, str] = {}
    for row in range(provider.users_made):
        if not provider.exists(row):
            continue
        grants = [instance.grant_parts(grant) for grant in sorted(instance.effective(row))]
        told = ", ".join(f"{permission_set.name}@{account.name}" for account, permission_set in grants)
        name = short(str(provider.peek(row).attributes["userName"]))
        held[name] = f"active: {told or 'nothing'}" if provider.is_active(row) else "off"
    return held
