"""The portal as boto3's ``sso`` and ``sso-oidc`` clients see it, unmodified, on a real socket."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError, UnauthorizedSSOTokenError

from mockservices.testing import ImmediateGate
from tests.mockservices.identitycenter.sessions.company import MINUTE, UPN, Company

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
BOB = "bob@contoso.example"


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def services(company: Company) -> Any:
    """The app serves this company."""
    return company.services


@pytest.fixture(scope="session")
def sso_portal(client: Callable[..., Any]) -> Any:
    return client("sso")


@pytest.fixture(scope="session")
def oidc_portal(client: Callable[..., Any]) -> Any:
    return client("sso-oidc")


@pytest.fixture
def portal(sso_portal: Any, gate: ImmediateGate) -> Any:
    return sso_portal


@pytest.fixture
def oidc(oidc_portal: Any, gate: ImmediateGate) -> Any:
    return oidc_portal


class CommandLine:
    """What ``aws sso login --use-device-code`` does, step by step."""

    def __init__(self, oidc: Any, scopes: list[str] | None = None) -> None:
        self.oidc = oidc
        given = {} if scopes is None else {"scopes": scopes}
        registered = oidc.register_client(clientName="botocore", clientType="public", **given)
        self.client = {name: registered[name] for name in ("clientId", "clientSecret")}
        self.expires = registered["clientSecretExpiresAt"] - registered["clientIdIssuedAt"]
        self.asked = oidc.start_device_authorization(**self.client, startUrl="https://d-1234567890.awsapps.com/start")

    def sign_in(self, name: str = UPN) -> httpx.Response:
        """The person opens the page and approves."""
        page = self.asked["verificationUriComplete"]
        shown = httpx.get(page, trust_env=False)
        assert self.asked["userCode"] in shown.text
        form = {"user_code": self.asked["userCode"], "user": name}
        return httpx.post(self.asked["verificationUri"], data=form, trust_env=False)

    def token(self, **grant: str) -> dict[str, Any]:
        given = grant or {"grantType": DEVICE_CODE, "deviceCode": self.asked["deviceCode"]}
        token: dict[str, Any] = self.oidc.create_token(**self.client, **given)
        return token

    def login(self) -> str:
        assert self.sign_in().status_code == 200
        return str(self.token()["accessToken"])


def refusal(caught: pytest.ExceptionInfo[ClientError]) -> tuple[int, str, str]:
    error = caught.value.response
    return (
        error["ResponseMetadata"]["HTTPStatusCode"],
        error["Error"]["Code"],
        error.get("error_description") or error["Error"]["Message"],
    )


# --- the way in ------------------------------------------------------------------------------------------


def test_a_command_line_waits_until_somebody_signs_in(oidc: Any) -> None:
    line = CommandLine(oidc)
    assert (line.asked["interval"], line.asked["expiresIn"], line.expires) == (1, 600, 90 * 86_400)
    with pytest.raises(oidc.exceptions.AuthorizationPendingException):
        line.token()
    with pytest.raises(oidc.exceptions.AuthorizationPendingException) as caught:
        line.token()
    assert refusal(caught) == (400, "AuthorizationPendingException", "Authorization is still pending")
    assert line.sign_in().status_code == 200
    token = line.token()
    assert (token["tokenType"], token["expiresIn"]) == ("Bearer", 8 * 3600)
    assert "refreshToken" not in token
    with pytest.raises(oidc.exceptions.InvalidGrantException):  # a code is good for one token
        line.token()


def test_a_code_is_used_once_and_in_any_spelling(oidc: Any, endpoint: str) -> None:
    line = CommandLine(oidc)
    code = line.asked["userCode"].replace("-", "").lower()
    first, again = (
        httpx.post(f"{endpoint}/device", json={"user_code": code, "user": UPN}, trust_env=False) for _ in range(2)
    )
    assert first.status_code == 200
    assert (again.status_code, again.json()) == (400, {"error": "That code is unknown or has been used."})


def test_a_disabled_account_cannot_sign_in_and_the_command_line_goes_on_waiting(oidc: Any, company: Company) -> None:
    line = CommandLine(oidc)
    company.disable_in_directory()
    refused = line.sign_in()
    assert refused.status_code == 403
    assert "Microsoft Entra ID: AADSTS50057: The user account is disabled." in refused.text
    with pytest.raises(oidc.exceptions.AuthorizationPendingException):
        line.token()


def test_a_name_is_shown_as_text(oidc: Any) -> None:
    assert "<script>" not in CommandLine(oidc).sign_in("<script>alert(1)</script>").text


def test_an_hourly_token_is_refreshed_while_the_session_lives(oidc: Any, portal: Any, company: Company) -> None:
    """Signed in at 0 for 8 h: refreshed at 450 it lasts the 30 minutes that are left, and at 480 nothing helps."""
    line = CommandLine(oidc, ["sso:account:access"])
    line.sign_in()
    first = line.token()
    assert first["expiresIn"] == 3600
    company.at(60)
    with pytest.raises(portal.exceptions.UnauthorizedException):
        portal.list_accounts(accessToken=first["accessToken"])
    company.at(450)
    again = line.token(grantType="refresh_token", refreshToken=first["refreshToken"])
    assert again["expiresIn"] == 1800
    assert portal.list_accounts(accessToken=again["accessToken"])["accountList"]
    company.at(480)
    with pytest.raises(oidc.exceptions.InvalidGrantException):
        line.token(grantType="refresh_token", refreshToken=first["refreshToken"])


def test_other_grants_and_clients_are_refused(oidc: Any) -> None:
    line = CommandLine(oidc)
    line.sign_in()
    with pytest.raises(oidc.exceptions.UnsupportedGrantTypeException):
        line.token(grantType="password")
    with pytest.raises(oidc.exceptions.InvalidGrantException):
        line.token(grantType="refresh_token", refreshToken="x.y")
    with pytest.raises(oidc.exceptions.InvalidGrantException):
        CommandLine(oidc).token(grantType=DEVICE_CODE, deviceCode=line.asked["deviceCode"])
    with pytest.raises(oidc.exceptions.InvalidClientException) as caught:
        oidc.create_token(clientId=line.client["clientId"], clientSecret="x", grantType=DEVICE_CODE, deviceCode="x")
    assert refusal(caught)[:2] == (401, "InvalidClientException")
    with pytest.raises(oidc.exceptions.InvalidRequestException):
        line.token(grantType=DEVICE_CODE)
    with pytest.raises(oidc.exceptions.InvalidClientMetadataException):
        oidc.register_client(clientName="botocore", clientType="confidential")


def test_a_device_code_that_many_others_have_followed_is_expired(oidc: Any) -> None:
    line = CommandLine(oidc)
    for _ in range(256):
        oidc.start_device_authorization(**line.client, startUrl="x")
    with pytest.raises(oidc.exceptions.ExpiredTokenException):
        line.token()


class Browser:
    """What ``aws sso login`` does without ``--use-device-code``: a code for a challenge, by way of a browser."""

    verifier = "a" * 64
    back = "http://127.0.0.1:49152/oauth/callback"

    def __init__(self, oidc: Any, endpoint: str) -> None:
        registered = oidc.register_client(
            clientName="botocore-client-lab",
            clientType="public",
            grantTypes=["authorization_code", "refresh_token"],
            redirectUris=["http://127.0.0.1/oauth/callback"],
            issuerUrl=f"{endpoint}/start",
            scopes=["sso:account:access"],
        )
        self.client = {name: registered[name] for name in ("clientId", "clientSecret")}
        challenge = urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        self.query = {
            "response_type": "code",
            "client_id": registered["clientId"],
            "redirect_uri": self.back,
            "state": "s-1",
            "code_challenge_method": "S256",
            "scopes": "sso:account:access",
            "code_challenge": challenge,
        }
        self.page = f"{endpoint}/authorize"

    def sign_in(self, name: str = UPN, **other: str) -> httpx.Response:
        query = {**self.query, **other}
        assert httpx.get(self.page, params=query, trust_env=False).status_code in {200, 400}
        return httpx.post(self.page, params=query, data={"user": name}, trust_env=False)

    def code(self) -> str:
        there = urlsplit(self.sign_in().headers["location"])
        given = parse_qs(there.query)
        assert f"{there.scheme}://{there.netloc}{there.path}" == self.back
        assert given["state"] == ["s-1"]
        return given["code"][0]

    def grant(self, **other: str) -> dict[str, str]:
        rest = {"redirectUri": self.back, "codeVerifier": self.verifier}
        return {"grantType": "authorization_code", **self.client, **rest, **other}


def test_a_browser_on_the_same_machine_needs_no_code_to_type(oidc: Any, portal: Any, endpoint: str) -> None:
    browser = Browser(oidc, endpoint)
    code = browser.code()
    token = oidc.create_token(**browser.grant(code=code))
    assert token["expiresIn"] == 3600
    assert token["refreshToken"]
    assert portal.list_accounts(accessToken=token["accessToken"])["accountList"]
    with pytest.raises(oidc.exceptions.InvalidGrantException):  # a code is good for one token
        oidc.create_token(**browser.grant(code=code))


@pytest.mark.parametrize(
    "wrong", [{"codeVerifier": "b" * 64}, {"redirectUri": "http://127.0.0.1/other"}, {"code": "x.y"}]
)
def test_a_code_is_good_for_whoever_asked_for_it(oidc: Any, endpoint: str, wrong: dict[str, str]) -> None:
    browser = Browser(oidc, endpoint)
    with pytest.raises(oidc.exceptions.InvalidGrantException):
        oidc.create_token(**browser.grant(**{"code": browser.code(), **wrong}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "http://elsewhere.example/"},
        {"redirect_uri": "https://127.0.0.1/"},
        {"redirect_uri": "http://[/"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"state": ""},
    ],
)
def test_a_browser_is_sent_nowhere_else(oidc: Any, endpoint: str, wrong: dict[str, str]) -> None:
    answer = Browser(oidc, endpoint).sign_in(**wrong)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_disabled_account_gets_no_code(oidc: Any, endpoint: str, company: Company) -> None:
    company.disable_in_directory()
    answer = Browser(oidc, endpoint).sign_in()
    assert answer.status_code == 403
    assert "AADSTS50057" in answer.text


# --- the portal ------------------------------------------------------------------------------------------


def test_the_portal_lists_what_a_person_has(oidc: Any, portal: Any, company: Company) -> None:
    company.instance.add_account("sandbox")
    token = CommandLine(oidc).login()
    (account,) = portal.list_accounts(accessToken=token)["accountList"]
    assert (account["accountId"], account["accountName"]) == (company.account, "prod")
    roles = portal.list_account_roles(accessToken=token, accountId=company.account)["roleList"]
    assert roles == [{"roleName": name, "accountId": company.account} for name in ("Operator", "Auditor")]


def test_lists_come_in_pages(oidc: Any, portal: Any, company: Company) -> None:
    for number in range(3):
        account = company.instance.add_account(f"team-{number}").id
        company.instance.create_assignment("USER", company.id, account, company.sets["Auditor"])
    token = CommandLine(oidc).login()
    pages = list(portal.get_paginator("list_accounts").paginate(accessToken=token, PaginationConfig={"PageSize": 3}))
    names = [[account["accountName"] for account in page["accountList"]] for page in pages]
    assert names == [["prod", "team-0", "team-1"], ["team-2"]]
    for wrong in ({"maxResults": 101}, {"nextToken": "x"}):
        with pytest.raises(portal.exceptions.InvalidRequestException):
            portal.list_accounts(accessToken=token, **wrong)


def test_role_credentials_carry_their_expiry_and_are_plainly_worthless(
    oidc: Any, portal: Any, company: Company
) -> None:
    """Started at 2026-03-02T08:30 for 12 h: 20:30, which is 20,514 days and 73,800 s after 1970."""
    token = CommandLine(oidc).login()
    company.at(30)
    given = portal.get_role_credentials(accessToken=token, accountId=company.account, roleName="Operator")
    credentials = given["roleCredentials"]
    assert credentials["expiration"] == (20_514 * 86_400 + 73_800) * 1000
    assert credentials["accessKeyId"].startswith("ASIA")
    assert credentials["accessKeyId"].endswith("JMLAB")
    assert len(credentials["accessKeyId"]) == 20
    assert "worthless" in credentials["secretAccessKey"]
    assert "worthless" in credentials["sessionToken"]
    (role,) = company.doors.role_sessions(company.user)
    assert (role.started, role.expires) == (30 * MINUTE, 750 * MINUTE)


@pytest.mark.parametrize(
    ("account", "role"), [("prod", "Breakglass"), ("prod", "Nothing"), ("000000000000", "Auditor")]
)
def test_what_is_not_offered_is_no_access(oidc: Any, portal: Any, company: Company, account: str, role: str) -> None:
    token = CommandLine(oidc).login()
    identifier = company.account if account == "prod" else account
    with pytest.raises(ClientError) as caught:
        portal.get_role_credentials(accessToken=token, accountId=identifier, roleName=role)
    assert refusal(caught) == (403, "ForbiddenException", "No access")


def test_the_roles_of_an_account_without_any_are_no_access(oidc: Any, portal: Any) -> None:
    with pytest.raises(ClientError) as caught:
        portal.list_account_roles(accessToken=CommandLine(oidc).login(), accountId="000000000000")
    assert refusal(caught) == (403, "ForbiddenException", "No access")


@pytest.mark.parametrize("token", ["x", "x.y", "aoaAAAA"])
def test_a_token_that_was_never_issued_opens_nothing(portal: Any, company: Company, token: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: portal.list_accounts(accessToken=token),
        lambda: portal.list_account_roles(accessToken=token, accountId=company.account),
        lambda: portal.get_role_credentials(accessToken=token, accountId=company.account, roleName="Auditor"),
        lambda: portal.logout(accessToken=token),
    ]
    for call in calls:
        with pytest.raises(portal.exceptions.UnauthorizedException) as caught:
            call()
        assert refusal(caught) == (401, "UnauthorizedException", "Session token not found or invalid")


def test_logging_out_ends_the_session_and_no_role(oidc: Any, portal: Any, company: Company) -> None:
    token = CommandLine(oidc).login()
    portal.get_role_credentials(accessToken=token, accountId=company.account, roleName="Operator")
    company.at(60)
    portal.logout(accessToken=token)
    with pytest.raises(portal.exceptions.UnauthorizedException):
        portal.list_accounts(accessToken=token)
    assert len(company.doors.role_sessions(company.user)) == 1


def test_an_answer_names_its_exception_in_the_body_too(endpoint: str, gate: ImmediateGate) -> None:
    answer = httpx.get(f"{endpoint}/assignment/accounts", trust_env=False)
    assert answer.json() == {
        "message": "Session token not found or invalid",
        "__type": "com.amazonaws.switchboard.portal#UnauthorizedException",
    }
    assert answer.headers["x-amzn-ErrorType"] == "UnauthorizedException"
    assert "x-amzn-RequestId" in answer.headers


def test_friday_1003_over_http(oidc: Any, portal: Any, company: Company) -> None:
    """Disabled in the directory at 10:03, i.e. at 123; the cycle disables her in AWS at 160. She goes on until 160."""
    token = CommandLine(oidc).login()
    company.at(123)
    company.disable_in_directory()
    for minute, works in ((123, True), (159, True), (160, False)):
        company.at(minute)
        if minute == 160:
            company.set_active(False)
        asked = {"accessToken": token, "accountId": company.account, "roleName": "Operator"}
        if works:
            assert portal.get_role_credentials(**asked)
        else:
            with pytest.raises(portal.exceptions.UnauthorizedException):
                portal.get_role_credentials(**asked)
    assert len(company.doors.role_sessions(company.user)) == 2  # which live until 123 + 720 and 159 + 720


# --- a configured profile --------------------------------------------------------------------------------


def test_a_profile_gets_its_credentials_from_the_portal(
    oidc: Any, company: Company, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after ``aws configure sso`` and ``aws sso login``: the SDK finds the token and asks by itself.

    The world lies in the future, because the SDK compares expiries with its own clock.
    """
    company.services.clock.start = datetime(2100, 1, 1, tzinfo=UTC)
    token = CommandLine(oidc, ["sso:account:access"]).login()
    config = tmp_path / "config"
    config.write_text(
        "[profile ops]\nsso_session = lab\nregion = us-east-1\n"
        f"sso_account_id = {company.account}\nsso_role_name = Operator\n"
        f"[sso-session lab]\nsso_region = us-east-1\nsso_start_url = {endpoint}/start\n",
        encoding="utf-8",
    )
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    name = sha1(b"lab", usedforsecurity=False).hexdigest()
    cached = {"accessToken": token, "expiresAt": "2100-01-01T00:59:00Z", "startUrl": f"{endpoint}/start"}
    (cache / f"{name}.json").write_text(json.dumps({**cached, "region": "us-east-1"}), encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    credentials = boto3.Session(profile_name="ops").get_credentials()
    assert credentials is not None
    assert credentials.get_frozen_credentials().access_key.endswith("JMLAB")
    company.set_active(False)
    refused = boto3.Session(profile_name="ops").get_credentials()
    assert refused is not None
    with pytest.raises(UnauthorizedSSOTokenError):
        refused.get_frozen_credentials()
