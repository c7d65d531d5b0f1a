"""Runs the same thing over both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mockservices.scim.operations import AddMembers, RemoveMembers, SetAttribute
from sim.ports import GROUP, Answer, Create, Delete, Find, Get, Patch, Refers, Request, Target
from sim.scenario import Scenario
from sim.serving import Session
from sim.world import Transport, World

Run = Callable[[Scenario, Transport], World]


@pytest.fixture
def run_over() -> Iterator[Run]:
    """Runs a scenario to its end over a transport; the finished world."""
    sessions: list[Session] = []

    def run(scenario: Scenario, transport: Transport) -> World:
        if transport == "direct":
            world = World(scenario)
            world.run()
            return world
        session = Session(scenario, transport="wire", speed=None)
        sessions.append(session)
        session.run(until=session.world.end)
        return session.world

    yield run
    for session in sessions:
        session.close()


class Tape:
    """A target that keeps what is sent to it, in a few words: ``patch ann active=False``, ``patch Leads -cyd``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target: Target = world.driver.target
        self.sent: list[str] = []
        world.driver.target = self

    def send(self, request: Request) -> Answer:
        """Keep it, and send it."""
        self.sent.append(self._words(request))
        return self._target.send(request)

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """As the target has it."""
        return self._target.check(base_address, secret_token, probe)

    def _words(self, request: Request) -> str:
        if isinstance(request, Find):
            return f"find {_short(request.value)}"
        if isinstance(request, Create):
            return f"post {_short(request.attributes.get('userName', request.attributes['displayName']))}"
        if isinstance(request, Refers):
            return f"refers {self._user(request.id)} {request.attribute}={self._user(request.value)}"
        if isinstance(request, Get | Delete | Patch):
            name = self._group(request.id) if request.kind == GROUP else self._user(request.id)
            said = [type(request).__name__.lower(), name]
            for operation in request.operations if isinstance(request, Patch) else ():
                if isinstance(operation, AddMembers | RemoveMembers):
                    sign = "+" if isinstance(operation, AddMembers) else "-"
                    said += [sign + self._user(identifier) for identifier in operation.ids]
                elif isinstance(operation, SetAttribute) and str(operation.path) == "active":
                    said.append(f"active={operation.value}")
                elif isinstance(operation, SetAttribute):
                    said.append(str(operation.path).rpartition(":")[2])
            return " ".join(said)
        raise TypeError(request)

    def _user(self, identifier: str) -> str:
        provider = self._world.services.provider
        row = provider.user_row(identifier)
        return identifier if row is None else _short(provider.peek(row).attributes["userName"])

    def _group(self, identifier: str) -> str:
        provider = self._world.services.provider
        row = provider.group_row(identifier)
        return identifier if row is None else str(provider.groups[row].attributes["displayName"])


def _short(name: object) -> str:
    return str(name).partition("@")[0].removesuffix(".example")


class Watch:
    """Runs scenarios to their end and tells what was sent and logged on the way."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []

    def __call__(self, scenario: Scenario, transport: Transport) -> tuple[World, list[str]]:
        """The finished world, and every request."""
        if transport == "direct":
            world = World(scenario)
            tape = Tape(world)
            world.run()
            return world, tape.sent
        session = Session(scenario, transport="wire", speed=None)
        self._sessions.append(session)
        tape = Tape(session.world)
        session.run(until=session.world.end)
        return session.world, tape.sent

    @staticmethod
    def log(world: World) -> list[str]:
        """Every row of the log: whom it is about, what was done, how it came out, and the reason if there is one."""
        directory = world.services.directory
        told = []
        for row in world.log.rows:
            if row.kind == GROUP:
                group = directory.group_row(row.source_id)
                name = row.source_id if group is None else str(directory.groups[group].attributes["displayName"])
            else:
                user = directory.user_row(row.source_id)
                attributes = {} if user is None else directory.user(user).attributes
                name = _short(str(attributes.get("givenName", row.source_id)).lower())
            told.append(" ".join(part for part in (name, row.action, row.status, row.reason) if part))
        return told

    def close(self) -> None:
        """Give everything back."""
        for session in self._sessions:
            session.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """See :class:`Watch`."""
    watching = Watch()
    yield watching
    watching.close()
