"""boto3 clients, unmodified, against the app on a real loopback socket; a fresh world for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from starlette.types import ASGIApp, Receive, Scope, Send

from mockservices.identitycenter.app import build
from mockservices.scim.operations import Path as AttributePath
from mockservices.scim.operations import SetAttribute
from mockservices.server import Servers
from mockservices.services import Services
from mockservices.testing import ImmediateGate, make_services


class Switch:
    """The app behind the socket, which is another one for every test."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="session")
def endpoint(switch: Switch) -> Iterator[str]:
    with Servers() as servers:
        servers.bind({"aws": 0})
        servers.start({"aws": switch})
        yield servers.base_url("aws")


@pytest.fixture(scope="session")
def client(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Clients as any script would make them, but deaf to this machine's own AWS configuration."""
    made: list[Any] = []
    nowhere = tmp_path_factory.mktemp("aws") / "nothing"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, str(nowhere))
        patch.setenv("NO_PROXY", "127.0.0.1")
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")

        def make(service: str, **options: Any) -> Any:
            made.append(session.client(service, endpoint_url=endpoint, **options))
            return made[-1]

        yield make
        for client in made:
            client.close()


ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})


@pytest.fixture(scope="session")
def sso_client(client: Callable[..., Any]) -> Any:
    return client("sso-admin", config=ONCE)


@pytest.fixture(scope="session")
def store_client(client: Callable[..., Any]) -> Any:
    return client("identitystore", config=ONCE)


@pytest.fixture
def services() -> Services:
    return make_services()


@pytest.fixture
def gate(services: Services, switch: Switch) -> ImmediateGate:
    gate = ImmediateGate(services)
    switch.app = build(services, gate)
    return gate


@pytest.fixture
def sso(sso_client: Any, gate: ImmediateGate) -> Any:
    return sso_client


@pytest.fixture
def store(store_client: Any, gate: ImmediateGate) -> Any:
    return store_client


@pytest.fixture
def new_user(services: Services) -> Callable[..., str]:
    """Provision a user as SCIM would; its id."""

    def new(name: str, *, active: bool = True, **attributes: Any) -> str:
        names = {"userName": name, "name.givenName": name, "name.familyName": "Test", "displayName": f"{name} Test"}
        return services.provider.create_user({**names, **attributes}, active=active).id

    return new


@pytest.fixture
def new_group(services: Services) -> Callable[..., str]:
    """Provision a group with its members as SCIM would; its id."""

    def new(name: str, *members: str, **attributes: Any) -> str:
        return services.provider.create_group({"displayName": name, **attributes}, members).id

    return new


@pytest.fixture
def disable(services: Services) -> Callable[[str], None]:
    """Set ``active`` to false, as a cycle does."""

    def act(user: str) -> None:
        row = services.provider.user_row(user)
        assert row is not None
        services.provider.apply_to_user(row, [SetAttribute(AttributePath("active"), False)])

    return act
