"""A client of the SCIM endpoint over a small world, without sockets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from mockservices.scim.app import build
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.scim.operations import Value
from mockservices.scim.records import Group, User
from mockservices.services import Services
from mockservices.testing import ImmediateGate, make_services

ORIGIN = "http://scim.example"


@dataclass
class Wire:
    """Sends requests to the app as anybody would, with the right token unless told otherwise."""

    services: Services
    gate: ImmediateGate
    app: FastAPI
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers.setdefault("authorization", f"Bearer {bearer_token(self.services)}")

    def raw(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """A request with nothing added, to a path from the root."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, trust_env=False) as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(send())

    def send(self, method: str, path: str, body: object = None, **params: str) -> httpx.Response:
        """A request below the SCIM base URL."""
        arguments: dict[str, Any] = {"headers": self.headers}
        if body is not None:
            arguments["json"] = body
        if params:
            arguments["params"] = params
        return self.raw(method, base_path(self.services) + path, **arguments)

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.send("GET", path, **params)

    def post(self, path: str, body: object) -> httpx.Response:
        return self.send("POST", path, body)

    def patch(self, path: str, *operations: object) -> httpx.Response:
        schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        return self.send("PATCH", path, {"schemas": schemas, "Operations": list(operations)})

    def user(self, name: str = "ann", **more: Value) -> User:
        """A user made in the core."""
        return self.services.provider.create_user({**person(name), **more})

    def group(self, name: str = "GRP-Dev", *members: User) -> Group:
        """A group made in the core."""
        return self.services.provider.create_group({"displayName": name}, [member.id for member in members])

    def state(self) -> tuple[object, ...]:
        """Everything that a refused request has to leave alone."""
        provider = self.services.provider
        users = [provider.peek(row) for row in range(provider.users_made)]
        return (
            [(u.attributes, u.active, u.exists, u.groups, u.modified) for u in users],
            [(g.attributes, g.exists, g.modified, provider.members(g.row)) for g in provider.groups],
            (provider.users_count, provider.active_count, provider.groups_count),
            self.services.trace.digest(),
        )


def person(name: str) -> dict[str, Value]:
    """The four attributes without which there is no user."""
    return {
        "userName": f"{name}@contoso.example",
        "name.givenName": name.capitalize(),
        "name.familyName": "Miller",
        "displayName": f"{name.capitalize()} Miller",
    }


@pytest.fixture
def services() -> Services:
    """An empty world."""
    return make_services()


@pytest.fixture
def wire(services: Services) -> Wire:
    """A client of an empty world."""
    gate = ImmediateGate(services)
    return Wire(services, gate, build(services, gate, ORIGIN))
