"""The portal of a served world: a command line's login while the job runs, and a replay that tells the same."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from sim.world import Transport
from tests.outside import Outside
from tests.sim.test_serving import assert_replays, hello, served

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def post(url: str, body: Mapping[str, object]) -> httpx.Response:
    return httpx.post(url, json=body, trust_env=False)


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_somebody_who_is_disabled_goes_on_until_the_cycle_has_told_aws(transport: Transport) -> None:
    scenario = hello()
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        base = session.addresses()["aws"]["endpoint_url"]
        outside.testbed("POST", "/clock", {"pause": True})
        outside.testbed("POST", "/clock", {"cycles": 1})
        users = outside.graph("GET", "/users?$select=id,userPrincipalName,accountEnabled&$top=50").json()["value"]
        user, token = next((u, t) for u in users if u["accountEnabled"] and (t := login(base, u["userPrincipalName"])))
        assert offers(base, token)
        assert outside.graph("PATCH", f"/users/{user['id']}", {"accountEnabled": False}).status_code == 204
        refused = post(f"{base}/start", {"user": user["userPrincipalName"]})
        assert (refused.status_code, refused.json()["by"]) == (403, "Microsoft Entra ID")
        assert offers(base, token)
        outside.testbed("POST", "/clock", {"cycles": 1})
        assert not offers(base, token)
    assert_replays(session, scenario)


def login(base: str, upn: str) -> str | None:
    """A token with which at least one role can be had; None for somebody who has none."""
    client = post(f"{base}/client/register", {"clientName": "x", "clientType": "public"}).json()
    named = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
    asked = post(f"{base}/device_authorization", {**named, "startUrl": f"{base}/start"}).json()
    signed_in = post(f"{base}/device", {"user_code": asked["userCode"], "user": upn})
    if signed_in.status_code != 200 or not signed_in.json()["roles"]:
        return None
    grant = {"grantType": DEVICE_CODE, "deviceCode": asked["deviceCode"]}
    return str(post(f"{base}/token", {**named, **grant}).json()["accessToken"])


def offers(base: str, token: str) -> bool:
    """Whether the portal hands out credentials for the first role that it lists."""
    headers = {"x-amz-sso_bearer_token": token}
    with httpx.Client(base_url=base, headers=headers, trust_env=False) as portal:
        accounts = portal.get("/assignment/accounts")
        if accounts.status_code != 200:
            return False
        account = accounts.json()["accountList"][0]["accountId"]
        role = portal.get("/assignment/roles", params={"account_id": account}).json()["roleList"][0]["roleName"]
        given = portal.get("/federation/credentials", params={"account_id": account, "role_name": role})
        return given.status_code == 200
