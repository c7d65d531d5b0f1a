"""`try` says of a served world what boto3's ``sso`` client gets from it at the same simulated time.

The client has had a token since 08:05, before anything happens. At each instant it asks for credentials with that, and
where they are refused it signs in anew, as anybody would. What it gets by then is YES; credentials that a policy makes
worthless are handed out all the same, which is why `try` knows of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from sim.scenario import scenario_from
from sim.serving import Session
from tests.mockservices.identitycenter.portal.test_clients import DEVICE_CODE
from tests.outside import Outside
from tests.semantics.story import act, told
from tests.sim.test_serving import assert_replays, clock, served

UPN = "cyd.example@contoso.example"
STORIES: dict[str, list[dict[str, Any]]] = {
    "disabled": [act("20m", "disable", "cyd")],
    "moved": [act("20m", "move", "cyd", department="Engineering")],
    "denied": [act("20m", "leave", "cyd"), act("25m", "aws_deny", user="cyd")],
    "ended": [act("20m", "leave", "cyd"), act("25m", "aws_end_sessions", user="cyd")],
    "deleted": [act("20m", "delete", "cyd"), act("50m", "purge", "cyd")],
    "back": [act("20m", "disable", "cyd"), act("90m", "enable", "cyd")],
    "by hand": [act("20m", "aws_disable_user", user="cyd"), act("70m", "aws_enable_user", user="cyd")],
}
INSTANTS = ("11m", "21m", "26m", "39m", "41m", "71m", "84m", "86m", "99m", "102m", "121m", "145m")


class Client:
    """boto3, and a person at a browser."""

    def __init__(self, session: Session) -> None:
        endpoint = session.addresses()["aws"]["endpoint_url"]
        aws = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
        self.oidc, self.sso = (aws.client(name, endpoint_url=endpoint) for name in ("sso-oidc", "sso"))
        self.browser = httpx.Client(trust_env=False)
        self.role = {"accountId": session.world.services.instance.find_account("prod").id, "roleName": "Audit"}
        registered = self.oidc.register_client(clientName="try", clientType="public")
        self.client = {name: registered[name] for name in ("clientId", "clientSecret")}
        self.refused: list[str] = []
        """What the page has said to whom it did not let in."""
        self.token = str(self.login())

    def login(self) -> str | None:
        asked = self.oidc.start_device_authorization(**self.client, startUrl="https://d-1234567890.awsapps.com/start")
        page = self.browser.post(asked["verificationUri"], data={"user_code": asked["userCode"], "user": UPN})
        if page.status_code != 200:
            self.refused.append(page.text)
            return None
        grant = {"grantType": DEVICE_CODE, "deviceCode": asked["deviceCode"]}
        return str(self.oidc.create_token(**self.client, **grant)["accessToken"])

    def gets(self, token: str | None) -> bool:
        if token is None:
            return False
        try:
            return bool(self.sso.get_role_credentials(accessToken=token, **self.role)["roleCredentials"])
        except ClientError:
            return False

    def close(self) -> None:
        self.browser.close()
        self.oidc.close()
        self.sso.close()


@pytest.fixture(autouse=True)
def deaf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """To this machine's own AWS configuration."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def try_it(outside: Outside) -> dict[str, Any]:
    answer = outside.testbed("GET", f"/try?person={UPN}&account=prod&permission_set=Audit")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize(
    ("rules", "sign_in"),
    [
        ("current", "federated"),
        ("legacy", "local"),
        pytest.param("current", "local", marks=pytest.mark.slow),
        pytest.param("legacy", "federated", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("story", STORIES)
def test_try_says_what_the_client_gets(story: str, rules: str, sign_in: str) -> None:
    scenario = scenario_from(told(*STORIES[story], target__sessions={"rules": rules}, target__sign_in=sign_in))
    seen = set()
    with served(scenario, speed=1, transport="direct") as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="5m")
        client, reached = Client(session), 5
        for instant in INSTANTS:
            minute = int(instant[:-1])
            clock(outside, by=f"{minute - reached}m")
            reached = minute
            shown = try_it(outside)
            assert shown == try_it(outside)  # it has used up nothing
            verdict = shown["verdict"]
            seen.add(verdict)
            client.refused.clear()
            got = client.gets(client.token) or client.gets(client.login())
            assert got == (verdict != "closed"), (instant, shown)
            assert shown["answer"] == ("YES" if verdict in {"usable", "residual"} else "NO")
            for text in client.refused:
                assert shown["tries"][0]["doors"]["sign_in"]["refused"] in text
        client.close()
    assert "usable" in seen
    assert_replays(session, scenario)


def test_what_is_not_there_is_told_in_a_sentence() -> None:
    with served(scenario_from(told()), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        said = [
            (answer.status_code, answer.json()["error"])
            for query in (
                "person=cyd.exampel&account=prod",
                "person=cyd&account=prd",
                "person=cyd&account=prod&permission_set=Audits",
                "person=cyd",
                "person=cyd&account=prod&permision_set=Audit",
            )
            for answer in (outside.testbed("GET", f"/try?{query}"),)
        ]
    assert said == [
        (400, "there is no person 'cyd.exampel' in this world (did you mean cyd.example@contoso.example?)"),
        (400, "there is no account 'prd' in this world (did you mean prod?)"),
        (400, "there is no permission set 'Audits' in this world (did you mean Audit?)"),
        (400, "account is missing: this takes person and account, and a permission_set if you like"),
        (400, 'unknown parameter "permision_set" (did you mean permission_set?)'),
    ]
