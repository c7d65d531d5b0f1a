"""Somebody outside the world: talks to a served one over HTTP only, with what ``addresses`` tells."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

RULE = "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8"


class Outside:
    """A Graph client, a SCIM client and a hand on the clock."""

    def __init__(self, addresses: Mapping[str, Any]) -> None:
        self.addresses = addresses
        graph = addresses["graph"]
        self.client = httpx.Client(trust_env=False, timeout=30)
        form = {
            "grant_type": "client_credentials",
            "client_id": graph["client_id"],
            "client_secret": graph["client_secret"],
            "scope": "https://graph.microsoft.com/.default",
        }
        token = self.client.post(graph["token_url"], data=form).json()["access_token"]
        self._graph = {"authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def graph(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Call Graph."""
        url = f"{self.addresses['graph']['base_url']}{path}"
        return self.client.request(method, url, json=body, headers=self._graph)

    def at(self, method: str, url: str) -> httpx.Response:
        """Call Graph at a whole address."""
        return self.client.request(method, url, headers=self._graph)

    def scim(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Call the SCIM server."""
        scim = self.addresses["scim"]
        headers = {"authorization": f"Bearer {scim['token']}"}
        return self.client.request(method, f"{scim['base_url']}{path}", json=body, headers=headers)

    def testbed(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Call ``/_testbed``."""
        testbed = self.addresses["testbed"]
        headers = {"authorization": f"Bearer {testbed['token']}"}
        return self.client.request(method, f"{testbed['base_url']}{path}", json=body, headers=headers)

    def ids(self, collection: str) -> list[str]:
        """Object ids of a collection's first page."""
        return [item["id"] for item in self.graph("GET", f"/{collection}?$top=999").json()["value"]]

    def create_user(self, name: str, domain: str = "contoso.example") -> httpx.Response:
        """Create a user called ``name``."""
        body = {
            "accountEnabled": True,
            "displayName": f"{name.title()} Newcomer",
            "givenName": name.title(),
            "surname": "Newcomer",
            "mailNickname": name,
            "mail": f"{name}@{domain}",
            "userPrincipalName": f"{name}@{domain}",
            "passwordProfile": {"password": "a-Long-enough-1"},
        }
        return self.graph("POST", "/users", body)

    def add_member(self, group: str, user: str) -> httpx.Response:
        """Make a user a member of a group."""
        reference = {"@odata.id": f"{self.addresses['graph']['base_url']}/directoryObjects/{user}"}
        return self.graph("POST", f"/groups/{group}/members/$ref", reference)

    def job_path(self) -> str:
        """The path of the one synchronization job."""
        principal = self.graph("GET", "/servicePrincipals").json()["value"][0]["id"]
        path = f"/servicePrincipals/{principal}/synchronization/jobs"
        job = self.graph("GET", path).json()["value"][0]["id"]
        return f"{path}/{job}"

    def on_demand(self, job_path: str, user: str) -> httpx.Response:
        """Provision one user now."""
        subject = {"objectId": user, "objectTypeName": "User"}
        return self.graph(
            "POST", f"{job_path}/provisionOnDemand", {"parameters": [{"ruleId": RULE, "subjects": [subject]}]}
        )

    def validate(self, job_path: str) -> httpx.Response:
        """Test the connection with the right credentials."""
        scim = self.addresses["scim"]
        credentials = [
            {"key": "BaseAddress", "value": scim["base_url"]},
            {"key": "SecretToken", "value": scim["token"]},
        ]
        return self.graph("POST", f"{job_path}/validateCredentials", {"credentials": credentials})
