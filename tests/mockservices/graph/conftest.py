"""A small world behind the Graph app, asked over ASGI without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

import httpx
import pytest

from mockservices.graph.app import build
from mockservices.graph.auth import access_token
from mockservices.graph.directory import Attribute, Directory
from mockservices.services import Services
from mockservices.testing import ImmediateGate, make_services

BASE = "http://graph.test"


GroupOf: TypeAlias = Callable[[int], tuple[int, ...]]


def nobody(row: int) -> tuple[int, ...]:
    """No groups."""
    return ()


class People:
    """A population of numbered people: p0@contoso.example, p1@… in departments of ten."""

    def __init__(self, size: int, group_of: GroupOf = nobody) -> None:
        self.size = size
        self.asked = 0
        self._groups = group_of

    def attributes(self, row: int) -> dict[str, Attribute]:
        self.asked += 1
        return {
            "displayName": f"Person {row}",
            "userPrincipalName": f"p{row}@contoso.example",
            "mailNickname": f"p{row}",
            "department": f"D{row // 10}",
        }

    def groups(self, row: int) -> tuple[int, ...]:
        return self._groups(row)

    def manager(self, row: int) -> int | None:
        return None

    def find(self, name: str, value: str) -> int | None:
        digits = value.lower().removeprefix("p").removesuffix("@contoso.example")
        if name != "userPrincipalName" or not digits.isdigit() or int(digits) >= self.size:
            return None
        return int(digits)

    def members(self, group: int) -> Iterator[int]:
        return (row for row in range(self.size) if group in self._groups(row))


class Wire:
    """One world and a client of its Graph app."""

    def __init__(self, runner: asyncio.Runner, people: People | None = None) -> None:
        self.services: Services = make_services()
        self.people = people or People(0)
        if people is not None:
            settled = Directory(
                seed=1,
                clock=self.services.clock,
                trace=self.services.trace,
                population=people,
                domains=("contoso.example",),
            )
            # the applications hold the directory that they were made with
            self.services.directory = settled
            self.services.applications._directory = settled
        self.directory = self.services.directory
        self.gate = ImmediateGate(self.services)
        self.headers = {"Authorization": f"Bearer {access_token(self.services)}"}
        self._runner = runner
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(build(self.services, self.gate, BASE + "/")), base_url=BASE
        )

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; a path without host is one of ``/v1.0``. ``headers`` are added to the token."""
        url = path if path.startswith("http") else f"/v1.0{path}"
        headers = {**self.headers, **options.pop("headers", {})}
        return self._runner.run(self._http.request(method, url, headers=headers, **options))

    def raw(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send a request as it is, without a token."""
        return self._runner.run(self._http.request(method, url, **options))

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        """The body of a GET that has to succeed."""
        response = self.ask("GET", path, headers=headers)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def error(self, method: str, path: str, **options: Any) -> tuple[int, str, str]:
        """Status, code and message of a request that has to be refused."""
        response = self.ask(method, path, **options)
        error = response.json()["error"]
        return response.status_code, error["code"], error["message"]

    def advanced(self, path: str) -> dict[str, Any]:
        """The body of an advanced query."""
        return self.get(f"{path}{'&' if '?' in path else '?'}$count=true", ConsistencyLevel="eventual")

    def user(self, name: str, **more: Any) -> str:
        """The id of a new user."""
        body = {
            "accountEnabled": True,
            "displayName": name.title(),
            "mailNickname": name,
            "userPrincipalName": f"{name}@contoso.example",
            "passwordProfile": {"password": "Correct-Horse-1"},
            **more,
        }
        response = self.ask("POST", "/users", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def group(self, name: str, **more: Any) -> str:
        """The id of a new security group."""
        body = {
            "displayName": name,
            "mailEnabled": False,
            "mailNickname": name.replace(" ", ""),
            "securityEnabled": True,
            **more,
        }
        response = self.ask("POST", "/groups", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def add(self, group: str, *users: str) -> None:
        """Make users members of a group."""
        for user in users:
            response = self.ask("POST", f"/groups/{group}/members/$ref", json=ref(user))
            assert response.status_code == 204, response.text

    def pages(self, path: str, **headers: str) -> list[dict[str, Any]]:
        """A page and all that follow it through ``@odata.nextLink``."""
        found = [self.get(path, **headers)]
        while "@odata.nextLink" in found[-1]:
            found.append(self.get(found[-1]["@odata.nextLink"], **headers))
        return found

    def close(self) -> None:
        """Close the client."""
        self._runner.run(self._http.aclose())


def ref(identifier: str) -> dict[str, str]:
    """The body of a ``$ref`` request."""
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}"}


Opener = Callable[..., AbstractContextManager[Wire]]


@pytest.fixture(scope="session")
def wires() -> Iterator[Opener]:
    """Opens worlds, for tests that need more than one or a population."""
    with asyncio.Runner() as runner:

        @contextmanager
        def opened(size: int = 0, group_of: GroupOf = nobody) -> Iterator[Wire]:
            wire = Wire(runner, People(size, group_of) if size else None)
            try:
                yield wire
            finally:
                wire.close()

        yield opened


@pytest.fixture
def wire(wires: Opener) -> Iterator[Wire]:
    """An empty tenant ``contoso.example``."""
    with wires() as opened:
        yield opened


@pytest.fixture
def crowd(wires: Opener) -> Iterator[Wire]:
    """A tenant of 250 people, all of them in columns."""
    with wires(250) as opened:
        yield opened
