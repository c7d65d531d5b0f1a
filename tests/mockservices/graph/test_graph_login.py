"""The token endpoint and the check of tokens, with Entra's and Graph's own sentences."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from mockservices.clock import Millis
from mockservices.graph.auth import access_token, credentials
from mockservices.testing import make_services

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

SCOPE = "https://graph.microsoft.com/.default"


def form(wire: Wire, **changes: str | None) -> dict[str, str]:
    client = credentials(wire.services)
    fields: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "scope": SCOPE,
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def ask(wire: Wire, tenant: str | None = None, **changes: str | None) -> tuple[int, dict[str, Any]]:
    tenant = tenant or credentials(wire.services)["tenant_id"]
    response = wire.raw("POST", f"/{tenant}/oauth2/v2.0/token", data=form(wire, **changes))
    return response.status_code, response.json()


def test_a_client_gets_a_token_that_opens_the_door(wire: Wire) -> None:
    status, body = ask(wire)
    assert status == 200
    assert {name: body[name] for name in ("token_type", "expires_in", "ext_expires_in")} == {
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
    }
    answer = wire.raw("GET", "/v1.0/users", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert answer.status_code == 200


def test_the_tenant_can_be_named_by_its_domain(wire: Wire) -> None:
    assert ask(wire, "Contoso.example")[0] == 200


def test_the_secret_may_come_as_basic_authentication(wire: Wire) -> None:
    client = credentials(wire.services)
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    response = wire.raw(
        "POST",
        f"/{client['tenant_id']}/oauth2/v2.0/token",
        headers={"Authorization": f"Basic {pair}"},
        data=form(wire, client_id=None, client_secret=None),
    )
    assert response.status_code == 200


def test_basic_authentication_that_is_none_names_no_client(wire: Wire) -> None:
    response = wire.raw(
        "POST",
        f"/{credentials(wire.services)['tenant_id']}/oauth2/v2.0/token",
        headers={"Authorization": "Basic ???"},
        data=form(wire, client_id=None),
    )
    assert (response.status_code, response.json()["error_codes"]) == (400, [900144])


def test_credentials_are_the_same_in_every_run_of_a_seed() -> None:
    assert credentials(make_services(seed=5)) == credentials(make_services(seed=5))
    assert credentials(make_services(seed=5)) != credentials(make_services(seed=6))


def test_a_wrong_secret_is_refused_in_entras_words(wire: Wire) -> None:
    client_id = credentials(wire.services)["client_id"]
    status, body = ask(wire, client_secret="wrong")
    assert status == 401
    assert body["error"] == "invalid_client"
    assert body["error_codes"] == [7000215]
    assert body["error_uri"] == "https://login.microsoftonline.com/error?code=7000215"
    assert body["timestamp"] == "2026-03-02 08:00:00Z"
    assert body["error_description"] == (
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client "
        f"secret value, not the client secret ID, for a secret added to app '{client_id}'. "
        f"Trace ID: {body['trace_id']} Correlation ID: {body['correlation_id']} Timestamp: 2026-03-02 08:00:00Z"
    )
    assert body["trace_id"] != body["correlation_id"]


def test_a_missing_secret_is_another_error_than_a_wrong_one(wire: Wire) -> None:
    status, body = ask(wire, client_secret=None)
    assert (status, body["error"], body["error_codes"]) == (401, "invalid_client", [7000216])


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", 70003),
        ({"grant_type": None}, "invalid_request", 900144),
        ({"client_id": None}, "invalid_request", 900144),
        ({"client_id": "11111111-2222-3333-4444-555555555555"}, "unauthorized_client", 700016),
        ({"scope": "User.Read.All"}, "invalid_scope", 1002012),
        ({"scope": None}, "invalid_scope", 1002012),
    ],
)
def test_a_request_that_is_wrong_in_itself_is_400(
    wire: Wire, changes: dict[str, str | None], error: str, number: int
) -> None:
    status, body = ask(wire, **changes)
    assert (status, body["error"], body["error_codes"]) == (400, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")


def test_another_tenant_is_not_found(wire: Wire) -> None:
    status, body = ask(wire, "fabrikam.example")
    assert (status, body["error_codes"]) == (400, [90002])


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"&".join([b"a=1"] * 60)])
def test_a_form_that_is_none_is_a_bad_request(wire: Wire, body: bytes) -> None:
    tenant = credentials(wire.services)["tenant_id"]
    assert wire.raw("POST", f"/{tenant}/oauth2/v2.0/token", content=body).status_code == 400


def test_the_openid_configuration_stays_on_this_host(wire: Wire) -> None:
    tenant = credentials(wire.services)["tenant_id"]
    body = wire.raw("GET", f"/{tenant}/v2.0/.well-known/openid-configuration").json()
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"):
        assert body[name].startswith(f"http://graph.test/{tenant}/")
    assert wire.raw("GET", body["jwks_uri"]).json() == {"keys": []}
    assert wire.raw("GET", "/fabrikam.example/v2.0/.well-known/openid-configuration").status_code == 400


def test_a_request_without_token_is_refused_with_graphs_challenge(wire: Wire) -> None:
    response = wire.raw("GET", "/v1.0/users")
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert response.headers["www-authenticate"] == (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
        'client_id="00000003-0000-0000-c000-000000000000"'
    )


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "é.é.é", "eyJhbGciOiJub25lIn0.e30."])
def test_a_token_of_somebody_else_is_refused(wire: Wire, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode("latin-1")}
    error = wire.raw("GET", "/v1.0/users", headers=headers).json()["error"]
    assert error["message"] == "CompactToken parsing failed with error code: 80049217"


def test_a_token_of_another_world_is_refused(wire: Wire) -> None:
    token = access_token(make_services(seed=99))
    assert wire.raw("GET", "/v1.0/users", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_token_that_says_so_expires_in_simulated_time(wire: Wire) -> None:
    headers = {"Authorization": f"Bearer {access_token(wire.services, Millis(1000))}"}
    assert wire.raw("GET", "/v1.0/users", headers=headers).status_code == 200
    wire.services.clock.now = Millis(1000)
    response = wire.raw("GET", "/v1.0/users", headers=headers)
    assert response.status_code == 401
    assert response.json()["error"]["message"] == "Access token has expired or is not yet valid."


def test_a_token_of_the_endpoint_outlives_years_of_simulated_time(wire: Wire) -> None:
    token = ask(wire)[1]["access_token"]
    wire.services.clock.now = Millis(100 * 365 * 86_400_000)
    assert wire.raw("GET", "/v1.0/users", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_refused_write_is_no_command(wire: Wire) -> None:
    assert wire.raw("POST", "/v1.0/users", json={}).status_code == 401
    assert wire.gate.commands == []
